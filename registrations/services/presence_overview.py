"""What is shown of somebody's presence: every fact with its corrections, the stays that they make, minutes by part.

Reads only, in a fixed number of queries. How facts become stays is in `attendance`; while the event runs everything is
counted as far as it has come. Correcting is in `correcting_presence`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Prefetch

from events.models import Event, Session
from registrations.models import Correction, Registration, Scan
from registrations.services import attendance
from registrations.services.attendance import Stay

CLOCKS_AGREE = timedelta(minutes=1)
"""A phone whose clock differs less is not worth a word."""


@dataclass(frozen=True)
class Fact:
    """A row as it came, and what people said of it since."""

    scan: Scan
    corrections: Sequence[Correction]
    leaving: Scan | None = None
    """Of an entry that counts and that a platform's file says: the exit beside it."""

    @property
    def annulment(self) -> Correction | None:
        return next((one for one in self.corrections if one.kind == Correction.Kind.ANNULLED), None)

    @property
    def is_plain_sign(self) -> bool:
        return self.scan.direction == Scan.Direction.HERE and self.scan.is_sighting and not self.corrections

    @property
    def is_doubtful(self) -> bool:
        """The same as `ScanQuerySet.to_look_at`, for one row."""
        is_odd = self.scan.status == Scan.Status.REVIEW or (self.scan.is_forced and not self.scan.note)
        return is_odd and not self.corrections

    @property
    def has_other_clock(self) -> bool:
        """Did the phone show another time?"""
        told = self.scan.device_at
        return told is not None and abs(told - self.scan.at) >= CLOCKS_AGREE


@dataclass(frozen=True)
class Part:
    """A part of the agenda, and how many of its minutes she was there."""

    session: Session
    minutes: int


@dataclass(frozen=True)
class Presence:
    event: Event
    facts: list[Fact]
    stays: list[Stay]
    parts: list[Part]
    minutes: int

    @property
    def signs(self) -> list[Fact]:
        """Signs of life of the online page, one every few minutes: too many to read one by one."""
        return [fact for fact in self.facts if fact.is_plain_sign]

    @property
    def told(self) -> list[Fact]:
        """All the others."""
        return [fact for fact in self.facts if not fact.is_plain_sign]


def presence_of(registration: Registration) -> Presence:
    event = registration.event
    facts = facts_of(registration)
    sightings = [fact.scan for fact in facts if fact.scan.is_sighting]
    found = attendance.so_far(event, attendance.stays(event, sightings))
    agenda = list(event.sessions.all())
    return Presence(
        event=event,
        facts=facts,
        stays=found,
        parts=list(map(Part, agenda, attendance.minutes_by_part(found, agenda))),
        minutes=attendance.minutes_of(event, found),
    )


def facts_of(registration: Registration) -> list[Fact]:
    """In order of their own time, those that do not count included."""
    decided = Correction.objects.select_related("by", "device")
    rows = registration.scans.with_annulments().select_related("device", "by", "evidence").order_by("at", "pk")
    rows = rows.prefetch_related(Prefetch("corrections", queryset=decided))
    exits = _exits_of(rows)
    return [Fact(scan, list(scan.corrections.all()), exits.get(scan.pk)) for scan in rows]


def _exits_of(rows: Iterable[Scan]) -> dict[int, Scan]:
    """By the number of the entry; `rows` in order of time."""
    exits, entries = {}, {}
    for scan in rows:
        if not scan.evidence_id or not scan.is_sighting:
            continue
        if scan.direction == Scan.Direction.IN:
            entries[scan.evidence_id] = scan
        elif scan.direction == Scan.Direction.OUT and scan.evidence_id in entries:
            exits[entries.pop(scan.evidence_id).pk] = scan
    return exits
