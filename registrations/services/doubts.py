"""What happened at the door and waits for somebody to look at it, each in one sentence with the person's own story.

Reads only, in a fixed number of queries for a page of them. Deciding is in `correcting_presence`, what counts as a
doubt in `ScanQuerySet.to_look_at`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event, Mode
from registrations.models import Registration, Scan
from registrations.services import attendance, correcting_presence, letting_in

Reason = Scan.Reason
AT_ONCE = timedelta(minutes=1)
WORDS = {
    Reason.NOT_IN: gettext_lazy("%(name)s went out without having been seen coming in: %(door)s, %(time)s"),
    Reason.ALREADY_IN: gettext_lazy("%(name)s came in though already inside: %(door)s, %(time)s"),
    Reason.CANCELLED: gettext_lazy("%(name)s was let in though cancelled: %(door)s, %(time)s"),
    Reason.WAITING: gettext_lazy("%(name)s was let in though on the waiting list: %(door)s, %(time)s"),
    Reason.UNCONFIRMED: gettext_lazy("%(name)s was let in though not confirmed: %(door)s, %(time)s"),
    Reason.ONLINE_ONLY: gettext_lazy("%(name)s was let in though registered online: %(door)s, %(time)s"),
    Reason.REPLACED: gettext_lazy("%(name)s came in with a ticket that was replaced: %(door)s, %(time)s"),
    Reason.FULL: gettext_lazy("%(name)s was let in though no place was left: %(door)s, %(time)s"),
    Reason.UNKNOWN: gettext_lazy("Unknown ticket: %(door)s, %(time)s"),
    Reason.WRONG_EVENT: gettext_lazy("Ticket of another event: %(door)s, %(time)s"),
    Reason.CLOSED: gettext_lazy("%(name)s was scanned outside the hours of check-in: %(door)s, %(time)s"),
    Reason.INVALID: gettext_lazy("A scan that cannot be read: %(door)s, %(time)s"),
}

SAID_BY_A_REVOKED_PHONE = {
    Scan.Direction.IN: gettext_lazy("A phone that was revoked says that %(name)s came in: %(door)s, %(time)s"),
    Scan.Direction.OUT: gettext_lazy("A phone that was revoked says that %(name)s went out: %(door)s, %(time)s"),
}


@dataclass(frozen=True)
class Doubt:
    """A fact to look at. `story` are the sightings of the person in the hall, in order of time."""

    scan: Scan
    story: list[Scan]

    @property
    def person(self) -> Registration | None:
        return self.scan.registration

    @property
    def twin(self) -> Scan | None:
        """The other entry of somebody who came in twice: the one nearest to it in time."""
        if self.scan.reason != Reason.ALREADY_IN:
            return None
        entries = [one for one in self.story if one.direction == self.scan.direction and one.pk != self.scan.pk]
        return min(entries, key=lambda one: abs(one.at - self.scan.at), default=None)

    @property
    def words(self) -> str:
        name = self.person.name if self.person else _("Somebody")
        if self.twin:
            return self._twice(name, *sorted((self.scan, self.twin), key=lambda one: one.at))
        words = WORDS.get(self.scan.reason) or _("%(name)s: %(door)s, %(time)s")
        if self.scan.reason == Reason.REVOKED and self.scan.direction in SAID_BY_A_REVOKED_PHONE:
            words, name = (
                SAID_BY_A_REVOKED_PHONE[self.scan.direction],
                self.person.name if self.person else _("somebody"),
            )
        return str(words) % {"name": name, **_where(self.scan)}

    def _twice(self, name: str, first: Scan, second: Scan) -> str:
        if first.device_id == second.device_id:
            words = _("%(name)s came in twice: %(first)s and %(second)s")
        elif second.at - first.at <= AT_ONCE:
            words = _("%(name)s came in twice within a minute by two doors: %(first)s, %(second)s")
        else:
            words = _("%(name)s came in twice by two doors: %(first)s, %(second)s")
        entries = [f"{where['door']} {where['time']}" for where in (_where(first), _where(second))]
        return words % {"name": name, "first": entries[0], "second": entries[1]}

    @property
    def fact(self) -> str:
        """Which of a person's facts this one is."""
        return f"{self.scan.get_direction_display()}, {', '.join(_where(self.scan).values())}"

    @property
    def settled(self) -> str:
        """What happens when nobody changes anything: the words of the button that says so."""
        if self.twin:
            return _("Leave both")
        return _("It counts") if self.is_sighting else _("It does not count")

    @property
    def taken_back(self) -> str:
        """The words of the button that takes it back; of two doors, which one."""
        if self.twin and self.twin.device_id != self.scan.device_id:
            return _("Take away that of %(door)s") % {"door": _where(self.scan)["door"]}
        return _("Take back: %(fact)s") % {"fact": self.fact}

    @property
    def is_sighting(self) -> bool:
        """Does it count for presence as long as nobody takes it back?"""
        return self.scan.is_sighting

    @property
    def is_somebodys(self) -> bool:
        """May somebody say whose it was? What says where a known person was needs no such word."""
        return not self.scan.is_sighting and self.scan.reason != Reason.CLOSED

    @property
    def lacks_registration(self) -> bool:
        """Was somebody let in whom the desk can still register in person?"""
        return self.scan.is_sighting and letting_in.is_admissible(self.person)


def doubts_of(scans: Sequence[Scan]) -> list[Doubt]:
    """`scans` come with event, device and registration."""
    people = {scan.registration_id: scan.registration for scan in scans if scan.registration_id}
    stories = attendance.of_people(people.values())
    for scan in scans:
        if scan.registration:
            scan.registration.event = scan.event
    return [Doubt(scan, _in_the_hall(stories.get(scan.registration_id, []))) for scan in scans]


def heaps_of(event: Event) -> list[dict[str, Any]]:
    """Phones of which many facts wait that say little (`correcting_presence.IN_ONE_GO`): `device`, `name`, `number`."""
    waiting = event.scans.to_look_at().filter(reason__in=correcting_presence.IN_ONE_GO, device__isnull=False)
    heaps = waiting.order_by().values("device", name=F("device__name")).annotate(number=Count("pk"))
    return list(heaps.filter(number__gt=1).order_by("device"))


def _in_the_hall(story: list[Scan]) -> list[Scan]:
    return [one for one in story if one.mode == Mode.IN_PERSON]


def _where(scan: Scan) -> dict[str, str]:
    door = str(scan.device) if scan.device else scan.get_source_display()
    return {"door": door, "time": date_format(timezone.localtime(scan.at), "j F, G:i")}
