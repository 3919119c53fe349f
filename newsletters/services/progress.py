"""How far a newsletter is: counts of its deliveries, nothing remembered.

Every candidate that was frozen has one row in one state, so the numbers always add up; `adds_up` asks the database
whether they do.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count, F, Max, QuerySet, Value
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from mail.models import Delivery, Message, Route
from mail.services import routes
from newsletters.models import Newsletter
from newsletters.services import audiences

OPEN = [Delivery.State.PENDING, Delivery.State.LEASED, Delivery.State.SENDING]
"""Deliveries of which we do not know yet how they end."""
SHOWN = 200
STOPPED = "cancelled"
QUIET_AFTER = 15
"""Seconds: a worker that was killed is missed by then, and its rows are taken up by another a little later."""


@dataclass(frozen=True)
class Progress:
    """How far it is, counted from the deliveries."""

    by_state: Counter
    left_out: dict[str, int]
    editions: list["Edition"] = field(default_factory=list)

    @property
    def candidates(self) -> int:
        return self.by_state.total()

    @property
    def left_out_total(self) -> int:
        return self.by_state[Delivery.State.EXCLUDED]

    @property
    def recipients(self) -> int:
        return self.candidates - self.left_out_total

    @property
    def sent(self) -> int:
        return self.by_state[Delivery.State.SENT]

    @property
    def failed(self) -> int:
        return self.by_state[Delivery.State.FAILED]

    @property
    def uncertain(self) -> int:
        return self.by_state[Delivery.State.UNCERTAIN]

    @property
    def still_open(self) -> int:
        return sum(self.by_state[state] for state in OPEN)

    @property
    def stopped(self) -> int:
        """To whom it was to go, before somebody stopped it."""
        return self.left_out.get(STOPPED, 0)

    @property
    def meant_for(self) -> int:
        """To whom it was to go when it was let go: those stopped since are among them."""
        return self.recipients + self.stopped

    @property
    def never_meant_for(self) -> int:
        return self.left_out_total - self.stopped

    @property
    def per_cent(self) -> int:
        """Share of those it was meant for about whom all is known, and who were not stopped."""
        known = self.recipients - self.still_open
        return known * 100 // self.meant_for if self.meant_for else 100

    @property
    def sum(self) -> str:
        """“81 delivered + 92 stopped + 12 left out = 185”: every candidate stands in one of them."""
        parts = [
            (self.sent, _("%(number)s delivered")),
            (self.still_open, _("%(number)s still to go")),
            (self.failed, _("%(number)s refused by their server")),
            (self.uncertain, _("%(number)s in doubt")),
            (self.stopped, _("%(number)s stopped")),
            (self.never_meant_for, _("%(number)s left out")),
        ]
        shown = " + ".join(words % {"number": intcomma(number)} for number, words in parts if number)
        return f"{shown or 0} = {intcomma(self.candidates)}"

    @property
    def was_corrected(self) -> bool:
        return len(self.editions) > 1

    @property
    def reasons(self) -> list[tuple[int, str | Promise]]:
        return [
            (number, audiences.REASONS.get(reason, reason))
            for reason, number in self.left_out.items()
            if reason != STOPPED
        ]


@dataclass(frozen=True)
class Edition:
    """The text as it first left (0), or as it was after a correction (1, 2, …), and how many have it or will."""

    number: int
    sent: int
    still_open: int


def of(newsletter: Newsletter) -> Progress:
    """In two queries, however many deliveries there are. The counts are one statement, and so of one moment: while
    mail leaves, the reasons still add up to those left out. The large part of it reads an index only."""
    languages = dict(Message.objects.filter(mailing=newsletter.mailing_id).order_by("pk").values_list("pk", "language"))
    deliveries = Delivery.objects.filter(message__in=list(languages))
    is_left_out = deliveries.filter(state=Delivery.State.EXCLUDED)
    rows = _counted(deliveries, F("message"), F("state"), Value(""))
    reasons = _counted(is_left_out, Value(0), Value(""), F("reason"))
    by_state, by_edition, left_out = Counter(), {}, {}
    for message, state, reason, number in sorted(rows.union(reasons, all=True)):
        if not message:
            left_out[reason] = number
            continue
        by_state[state] += number
        by_edition.setdefault(_edition(message, languages), Counter())[state] += number
    editions = [
        Edition(number, counted[Delivery.State.SENT], sum(counted[state] for state in OPEN))
        for number, counted in sorted(by_edition.items())
    ]
    return Progress(by_state, left_out, editions)


def _counted(deliveries: QuerySet[Delivery], message: Any, state: Any, reason: Any) -> QuerySet:
    grouped = deliveries.order_by().annotate(of_message=message, of_state=state, of_reason=reason)
    return grouped.values_list("of_message", "of_state", "of_reason").annotate(number=Count("pk"))


def _edition(message: int, languages: dict[int, str]) -> int:
    """Each correction adds one message a language, so a message's turn among those of its language is its edition."""
    return sum(1 for pk, language in languages.items() if language == languages[message] and pk < message)


def adds_up(newsletter: Newsletter) -> bool:
    """Whether as many people are accounted for as were frozen with it, nobody is there twice, and everybody left out
    has a reason. Asked of the database."""
    everybody = Delivery.objects.filter(message__mailing=newsletter.mailing_id)
    counted = everybody.aggregate(rows=Count("pk"), people=Count("key", distinct=True))
    has_no_reason = everybody.filter(state=Delivery.State.EXCLUDED, reason="").exists()
    frozen = counted["rows"] if newsletter.candidates is None else newsletter.candidates
    return frozen == counted["rows"] == counted["people"] and not has_no_reason


def refused(newsletter: Newsletter) -> QuerySet[Delivery]:
    """Whose server would not take it. Who is in doubt is listed by `mail.services.doubts`."""
    return Delivery.objects.filter(message__mailing=newsletter.mailing_id, state=Delivery.State.FAILED).order_by(
        "email"
    )[:SHOWN]


def quiet_for(newsletter: Newsletter, numbers: Progress) -> int:
    """Seconds since the last copy left, where there are some to send and nobody paused it; 0 while all goes well."""
    if not numbers.still_open or not newsletter.is_on_its_way or newsletter.is_paused or not newsletter.sent_at:
        return 0
    now, copies = timezone.now(), Delivery.objects.filter(message__mailing=newsletter.mailing_id).order_by()
    begun = max(newsletter.sent_at, newsletter.changed_at)
    last = copies.aggregate(last=Max("handed_at"))["last"] or begun
    quiet = int((now - max(begun, last)).total_seconds())
    a_minute = routes.relay_state().per_minute
    usual = 180 // a_minute if a_minute else 0
    if quiet <= max(QUIET_AFTER, usual) or not copies.filter(is_open=True, not_before__lte=now).exists():
        return 0
    return quiet


def relay_hold() -> Route | None:
    """Since when all mail waits, and why, if it does."""
    route = routes.relay_state()
    return route if route.held_until and route.held_until > timezone.now() else None
