"""Every mail that somebody gets about an event, in the order of a participant's life, and when the planned ones leave.

An event may switch each off, and move the planned ones (`Event.mails`, where it differs from what is usual here). Some
are never off, since without them nothing would work. A time is so many minutes before the start or after the end by the
clock on the wall: one day before 9:00 is 9:00, also over the night in which clocks change. Who is owed a planned mail
is found by `services.reminding`; choosing is `services.switching`. A mail not named here is never off.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.models import Event, Mode

DAY = 24 * 60
LONGEST = 60 * DAY
"""Minutes before the start or after the end: further away nobody plans a mail."""
STILL_THANKS = timedelta(days=3)
"""So much later than planned a thank-you still makes sense."""
COMING = Q(state="confirmed")
CAME = Q(state="confirmed", entered_at__isnull=False)


@dataclass(frozen=True)
class Plan:
    """`minutes` before the start of the event, or after its end; `whom` of its registrations it is for.

    What `only_reminds` is not said to who was just told a new date.
    """

    minutes: int
    whom: Q
    is_after: bool = False
    only_reminds: bool = False

    def moment(self, event: Event, minutes: int) -> datetime:
        """Whole days go by the wall's clock in the programme's time zone, what is left by the hourglass."""
        days, rest = divmod(minutes, DAY)
        zone = ZoneInfo(event.programme.time_zone)
        if self.is_after:
            there = event.ends_at.astimezone(zone) + timedelta(days=days)
            return there.astimezone(UTC) + timedelta(minutes=rest)
        there = event.starts_at.astimezone(zone) - timedelta(days=days)
        return there.astimezone(UTC) - timedelta(minutes=rest)


@dataclass(frozen=True)
class MailKind:
    """`when` says it in words where no plan does; `needed_because` is why it cannot be switched off.

    `applies` says of which events somebody may get it at all.
    """

    key: str
    label: Promise
    when: Promise | str = ""
    plan: Plan | None = None
    needed_because: Promise | str = ""
    is_usual: bool = True
    applies: Callable[[Event], bool] = lambda event: True

    @property
    def email(self) -> str:
        """Its name among the e-mails of the house."""
        return f"registrations.{self.key}"

    def is_on(self, event: Event) -> bool:
        return bool(self.needed_because) or bool(self._chosen(event).get("on", self.is_usual))

    def minutes(self, event: Event) -> int:
        return int(self._chosen(event).get("minutes", self.plan.minutes))

    def moment(self, event: Event) -> datetime:
        """When a planned mail leaves."""
        return self.plan.moment(event, self.minutes(event))

    def makes_sense(self, event: Event, now: datetime) -> bool:
        """Is it due and not too late: a reminder until the start, thanks for a few days?"""
        due = self.moment(event)
        until = due + STILL_THANKS if self.plan.is_after else event.starts_at
        return due <= now < until

    def _chosen(self, event: Event) -> dict:
        return event.mails.get(self.key, {})


KINDS = {
    kind.key: kind
    for kind in [
        MailKind(
            "invitation",
            _("Invitation"),
            _("When the staff invite somebody, and when they remind her of it."),
            needed_because=_("Without it nobody would have the link."),
            applies=lambda event: event.access == Event.Access.INVITATION,
        ),
        MailKind(
            "confirm",
            _("Link to confirm"),
            _("At once, when somebody registers or asks for the link again."),
            needed_because=_("Without it nobody could confirm: the place would go after the time it is held."),
        ),
        MailKind(
            "requested",
            _("Waiting for approval"),
            _("When somebody has confirmed and the staff decide."),
            applies=lambda event: event.needs_approval,
        ),
        MailKind(
            "refused",
            _("Not approved"),
            _("When the staff do not approve a registration."),
            applies=lambda event: event.needs_approval,
        ),
        MailKind(
            "ticket",
            _("Ticket and appointment"),
            _("When somebody has a place, and again when it changes. Who asks for it again gets it in any case."),
        ),
        MailKind(
            "waiting",
            _("Place on the waiting list"),
            _("When somebody joins the waiting list."),
            applies=lambda event: event.has_waiting_list,
        ),
        MailKind(
            "place_offered",
            _("Offer of a place"),
            _("Within a minute after a place became free, to the next in line."),
            needed_because=_("Without it nobody would know of the place, and it would pass from one to the next."),
            applies=lambda event: event.has_waiting_list,
        ),
        MailKind(
            "offer_lapsed",
            _("The offer has lapsed"),
            _("When somebody did not accept the place in time."),
            applies=lambda event: event.has_waiting_list,
        ),
        MailKind(
            "already_registered",
            _("You are registered already"),
            _("When somebody registers a second time."),
            needed_because=_("The page says only “look into your mail”, so that strangers learn nothing."),
        ),
        MailKind("event_moved", _("New date or place"), _("Within a minute after date or place changed.")),
        MailKind(
            "handover_offered",
            _("A colleague offers her place"),
            _("When somebody hands her place to a colleague, and when she takes that back."),
            needed_because=_("Without it nobody could take the place."),
        ),
        MailKind("handover_declined", _("The colleague does not come"), _("When the colleague says no.")),
        MailKind("handed_over", _("The place has gone to the colleague"), _("When the colleague has taken it.")),
        MailKind(
            "handover_requested",
            _("The place taken over is to be approved"),
            _("When the staff decide who comes and a colleague has taken a place."),
            applies=lambda event: event.needs_approval or event.access != Event.Access.OPEN,
        ),
        MailKind("cancelled", _("The registration is cancelled"), _("When somebody cancels, or the staff do.")),
        MailKind(
            "event_cancelled",
            _("The event will not be held"),
            _("Within a minute after it was cancelled."),
            needed_because=_("Without it people would come to a closed door."),
        ),
        MailKind("week_before", _("Reminder, a week before"), plan=Plan(7 * DAY, COMING, only_reminds=True)),
        MailKind("day_before", _("Reminder, the day before"), plan=Plan(DAY, COMING, only_reminds=True)),
        MailKind(
            "online_soon",
            _("Link to the online room"),
            plan=Plan(60, COMING & Q(mode=Mode.ONLINE.value)),
            applies=lambda event: event.online_capacity is not None,
        ),
        MailKind("thanks", _("Thanks, materials and survey"), plan=Plan(180, CAME, is_after=True)),
        MailKind(
            "missed",
            _("Materials for who did not come"),
            plan=Plan(DAY, COMING & Q(entered_at=None), is_after=True),
            is_usual=False,
        ),
        MailKind(
            "certificate",
            _("Certificate"),
            _("An hour after the end, to who was there long enough."),
            applies=lambda event: event.kind_facts.has_certificate,
        ),
    ]
}
PLANNED = [kind for kind in KINDS.values() if kind.plan]


def is_on(event: Event, key: str) -> bool:
    """Does the mail leave for this event? What is not in the table always does."""
    return key not in KINDS or KINDS[key].is_on(event)


def overtaken_by(kind: MailKind, event: Event, now: datetime) -> Q:
    """Whom a later reminder reaches already: nobody is told "in a week" when the mail of the day before is due."""
    whom = Q(pk__in=[])
    if kind.plan.is_after:
        return whom
    own = kind.moment(event)
    for other in PLANNED:
        if not other.plan.is_after and other.is_on(event) and own < other.moment(event) <= now:
            whom |= other.plan.whom
    return whom
