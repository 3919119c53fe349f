"""The door: every scan is judged, kept and answered here, for the phone, for the command line and for the demo.

What is answered stands in the table of `door_table`. Everything is kept as it came, refusals and what cannot be read
too; of a code that is none of ours, a sign (`tickets.as_kept`). A nonce makes a repeat harmless: the same answer, one
effect, whoever sends it how often. Scans are judged by the time at which they happened, not by arrival: a phone may
bring its evening home a day later; its clock is put right by the offset that it measured. Two doors at once: the
person's row is locked, so one hears "come in" and the other "already in". Who stands at the door without a place is
given one by `letting_in`, without a registration by `walk_ins`.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from events import days
from events.models import Event
from registrations.models import Correction, Device, Needs, Registration, Scan
from registrations.services import RegistrationError, attendance, changing, letting_in, places, tickets
from registrations.services.devices import DeviceError
from registrations.services.door_table import (
    Direction,
    Past,
    Reading,
    Reason,
    Status,
    is_open,
    reason_against,
    status_for,
)
from registrations.services.tickets import Ticket

UNDO_WITHIN = timedelta(minutes=15)
MOST_AT_ONCE = 500
MOST_FROM_REVOKED = 500
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
PERSON = [
    "event", "code", "state", "email_confirmed_at", "mode", "ticket_version", "first_name", "last_name", "organisation",
    "erased_at", "is_extra", "group__number", *attendance.FIELDS,
]  # fmt: skip
SEEN = [
    "event", "registration", "nonce", "code", "mode", "direction", "source", "status", "reason", "at", "evidence",
    "device__name",
]  # fmt: skip
"""What a scan needs to know, out of some seventy columns; who asks for a place is read whole."""


@dataclass(frozen=True)
class Answer:
    """What the door is told. `since` and `door`: when and where an `already_in` person came in. `other`: the event
    that a `wrong_event` ticket is of."""

    nonce: str
    status: str
    reason: str
    registration: Registration | None
    since: datetime | None = None
    door: str = ""
    other: Event | None = None


def moment_of(reading: Reading, now: datetime) -> datetime:
    """When it happened, by the server's clock. Nothing arrives before it happened: such a clock is wrong."""
    try:
        at = reading.at + timedelta(milliseconds=reading.clock_offset)
    except OverflowError:
        at = reading.at
    return max(min(at, now), EARLIEST)


def check_in_scan(
    *,
    event: Event,
    code: str,
    nonce: str,
    direction: str = Direction.IN,
    at: datetime | None = None,
    device: Device | None = None,
    **over: object,
) -> Answer:
    """One scan, now unless `at` says otherwise; `over` as in `Reading`."""
    reading = Reading(nonce=nonce, code=code, at=at or timezone.now(), direction=direction, **over)
    return check_in(event=event, readings=[reading], device=device)[0]


def check_in(*, event: Event, readings: Sequence[Reading], device: Device | None = None) -> list[Answer]:
    """Judge and keep up to MOST_AT_ONCE scans of one door, in order of their time; answers come in the order given.

    The number of queries does not depend on the number of scans, but for those that ask for a place (`admit`).
    """
    _check(readings)
    for attempt in range(3):
        try:
            with _deciding(event, readings) as held:
                return _Door(held, device).take(readings)
        except IntegrityError:  # another request brought one of these nonces between our look and our insert
            if attempt == 2:
                raise
    raise AssertionError


def keep(*, event: Event, readings: Sequence[Reading], device: Device, reason: str) -> None:
    """Only write down for somebody to look at: scans of a phone that was revoked or comes much too late, or that
    cannot be read. Twice is once; of a phone that was revoked, at most MOST_FROM_REVOKED."""
    _check(readings)
    if reason == Reason.REVOKED:
        readings = readings[: max(0, MOST_FROM_REVOKED - device.scans.filter(reason=reason).count())]
    _Door(event, device).keep_only(readings, reason)


def _check(readings: Sequence[Reading]) -> None:
    if len(readings) > MOST_AT_ONCE:
        raise RegistrationError("too_many", _("Send at most %(count)d scans at once.") % {"count": MOST_AT_ONCE})
    if any(timezone.is_naive(reading.at) for reading in readings):
        raise RegistrationError("invalid", _("A time needs its time zone."), {"at": _("A time needs its time zone.")})


def _deciding(event: Event, readings: Iterable[Reading]) -> AbstractContextManager[Event]:
    """Who may give a place away holds the event first, as everybody does who moves places."""
    if any(reading.admit for reading in readings):
        return places.deciding(event)
    return _transaction(event)


@contextmanager
def _transaction(event: Event) -> Iterator[Event]:
    with transaction.atomic():
        yield event


class _Door:
    """One transaction at the door."""

    def __init__(self, event: Event, device: Device | None):
        self.event = event
        self.device = device
        self.now = timezone.now()

    @cached_property
    def mornings(self) -> list[datetime]:
        return days.mornings_of(self.event)

    def take(self, readings: Sequence[Reading]) -> list[Answer]:
        tickets_read = {reading.code: tickets.read(reading.code) for reading in readings}
        self._lock_and_look(readings, tickets_read.values())
        new: list[Scan] = []
        scans: dict[Reading, Scan] = {}
        for reading, at in self._in_order(readings):
            ticket = tickets_read[reading.code]
            scan = self._known(reading, ticket)
            if scan is None:
                scan = self._judge(reading, at, ticket)
                scan.nonce = self._own_nonce(reading)
                self.known[scan.nonce] = scan
                new.append(scan)
            elif not self._is_alike(scan, reading, ticket) and another_nonce(reading) not in self.known:
                aside = self._aside(reading, at, ticket)
                self.known[aside.nonce] = aside
                new.append(aside)
            scans[reading] = scan
        self._keep(new)
        others = self._other_events(scans, tickets_read)
        return [self._answer(reading.nonce, scans[reading], others.get(reading.code)) for reading in readings]

    def _known(self, reading: Reading, ticket: Ticket | str | None) -> Scan | None:
        """What was kept of this very scan: a phone's nonce has one answer for ever. Another phone that happens to use
        the same nonce for something else tells of another scan."""
        for nonce in (reading.nonce, another_nonce(reading)):
            scan = self.known.get(nonce)
            if (
                scan
                and scan.reason != Reason.INVALID
                and (self._is_mine(scan) or self._is_alike(scan, reading, ticket))
            ):
                return scan
        return None

    def _is_mine(self, scan: Scan) -> bool:
        return scan.device_id == (self.device and self.device.pk)

    def _is_alike(self, scan: Scan, reading: Reading, ticket: Ticket | str | None) -> bool:
        if scan.direction != reading.direction:
            return False
        if scan.registration_id is None:
            return scan.code == tickets.as_kept(reading.code)
        person = self.by_code.get(_code(ticket))
        return person is not None and scan.registration_id == person.pk

    def _aside(self, reading: Reading, at: datetime, ticket: Ticket | str | None) -> Scan:
        """What a phone tells under the nonce of another scan of its own: it is answered as that one and has no effect,
        but what was received is kept for somebody to look at."""
        person = self.by_code.get(_code(ticket))
        ours = person if person and person.event_id == self.event.pk else None
        aside = self._scan(reading, at, ours, Status.REVIEW, Reason.INVALID)
        aside.nonce = another_nonce(reading)
        return aside

    def _own_nonce(self, reading: Reading) -> str:
        return another_nonce(reading) if reading.nonce in self.known else reading.nonce

    def keep_only(self, readings: Sequence[Reading], reason: str) -> None:
        tickets_read = {reading.code: tickets.read(reading.code) for reading in readings}
        codes = {_code(ticket) for ticket in tickets_read.values()}
        with transaction.atomic():  # in the order in which `take` locks them
            named = self.event.registrations.select_for_update(of=("self",)).filter(code__in=codes).order_by("pk")
            people = {one.code: one for one in named}
            scans = [
                self._scan(reading, at, people.get(_code(tickets_read[reading.code])), Status.REVIEW, reason)
                for reading, at in self._in_order(readings)
            ]
            Scan.objects.bulk_create(scans, ignore_conflicts=True)

    def _in_order(self, readings: Sequence[Reading]) -> list[tuple[Reading, datetime]]:
        return sorted(((one, moment_of(one, self.now)) for one in readings), key=lambda pair: pair[1])

    def _lock_and_look(self, readings, tickets_read) -> None:
        codes = {_code(ticket) for ticket in tickets_read if ticket}
        needs_help = Exists(Needs.objects.filter(registration=OuterRef("pk")).exclude(access=""))
        people = Registration.objects.select_for_update(of=("self",)).select_related("group").order_by("pk")
        found = people.filter(code__in=codes).annotate(has_access_needs=needs_help)
        if not any(reading.admit for reading in readings):
            found = found.only(*PERSON)
        self.by_code = {person.code: person for person in found}
        self.by_pk = {person.pk: person for person in self.by_code.values()}
        self.sightings: dict[int, list[Scan]] = {pk: [] for pk in self.by_pk}
        self.known: dict[str, Scan] = {}
        nonces = {nonce for reading in readings for nonce in (reading.nonce, another_nonce(reading))}
        mine = Q(event=self.event, nonce__in=nonces)
        scans = Scan.objects.filter(mine | Q(registration__in=self.by_pk)).with_annulments()
        for scan in scans.select_related("device").only(*SEEN).order_by("at", "pk"):
            if scan.event_id == self.event.pk:
                self.known[scan.nonce] = scan
            if scan.is_sighting and scan.registration_id in self.sightings:
                self.sightings[scan.registration_id].append(scan)

    def _judge(self, reading: Reading, at: datetime, ticket: Ticket | str | None) -> Scan:
        person = self.by_code.get(_code(ticket))
        seen = self.sightings[person.pk] if person else []
        past = Past(seen, at, self.mornings)
        facts = {"event": self.event, "at": at, "direction": reading.direction, "force": reading.force, "past": past}
        reason = reason_against(ticket=ticket, registration=person, **facts)
        if reading.admit and reason != Reason.NONE and self._may_admit(person, at, reading):
            if letting_in.admit(event=self.event, person=person, why=reading.why, above=reading.force):
                reason = reason_against(ticket=person.code, registration=person, **facts)
                reason = Reason.FULL if reason == Reason.NONE and person.is_extra else reason
            else:
                reason = Reason.FULL
        ours = person if person and person.event_id == self.event.pk else None
        scan = self._scan(reading, at, ours, status_for(reason, reading.force, past), reason)
        if scan.is_sighting:
            seen.append(scan)
            seen.sort(key=lambda one: one.at)
        return scan

    def _may_admit(self, person: Registration | None, at: datetime, reading: Reading) -> bool:
        if person is None or person.event_id != self.event.pk or reading.direction != Direction.IN:
            return False
        return is_open(self.event, at) and letting_in.is_admissible(person)

    def _scan(self, reading: Reading, at: datetime, person: Registration | None, status: str, reason: str) -> Scan:
        return Scan(
            event=self.event,
            device=self.device,
            registration=person,
            nonce=reading.nonce,
            code="" if person else tickets.as_kept(reading.code),
            direction=reading.direction,
            source=reading.source,
            status=status,
            reason=reason,
            is_forced=reading.force and reason != Reason.NONE,
            at=at,
            device_at=max(min(reading.at, LATEST), EARLIEST),
            clock_offset=reading.clock_offset,
            received_at=self.now,
            note=reading.why[:200],
        )

    def _keep(self, new: list[Scan]) -> None:
        Scan.objects.bulk_create(new)
        seen = {scan.registration_id for scan in new if scan.is_sighting}
        changed = [
            person
            for pk, person in self.by_pk.items()
            if pk in seen and attendance.settle(event=self.event, registration=person, sightings=self.sightings[pk])
        ]
        attendance.write(changed)

    def _other_events(self, scans: dict[Reading, Scan], tickets_read: dict) -> dict[str, Event]:
        """Of which event a code is, where it is of another one of the same programme."""
        strays = {}
        for reading, scan in scans.items():
            if scan.reason == Reason.WRONG_EVENT:
                ticket = tickets_read[reading.code]
                person = self.by_code.get(_code(ticket))
                strays[reading.code] = ticket.event_id if isinstance(ticket, Ticket) else person and person.event_id
        if not strays:
            return {}
        near = Event.objects.filter(pk__in=strays.values(), programme=self.event.programme_id)
        events = near.filter(published_at__isnull=False).select_related("venue").in_bulk()
        return {code: events[pk] for code, pk in strays.items() if pk in events}

    def _answer(self, nonce: str, scan: Scan, other: Event | None) -> Answer:
        person = self.by_pk.get(scan.registration_id) or scan.registration
        past = None
        if scan.reason == Reason.ALREADY_IN:
            others = [one for one in self.sightings.get(person.pk, []) if one.nonce != scan.nonce]
            past = Past(others, scan.at, self.mornings)
        since, door = (past.since, past.door) if past else (None, "")
        return Answer(nonce, scan.status, scan.reason, person, since, door, other)


def another_nonce(reading: Reading) -> str:
    """Under which a scan is kept whose nonce belongs to another one: always the same for the same scan."""
    told = f"{reading.nonce}\n{reading.code}\n{reading.direction}"
    return f"again-{hashlib.sha256(told.encode(errors='replace')).hexdigest()[:40]}"


def _code(ticket: Ticket | str | None) -> str:
    return ticket.code if isinstance(ticket, Ticket) else ticket or ""


def undo(
    *, event: Event, device: Device, nonce: str, at: datetime | None = None, clock_offset: int = 0, reason: str = ""
) -> Scan:
    """Take back a scan of this very device within UNDO_WITHIN: the fact stays, it no longer counts. Twice is once.

    Nothing is taken back before it happened, whatever the phone's clock says. Errors: `unknown` (404), `too_late`.
    """
    now = timezone.now()
    at = moment_of(Reading(nonce, "", at or now, clock_offset=clock_offset), now)
    with transaction.atomic():
        mine = Scan.objects.filter(event=event, device=device, nonce=nonce)
        people = Registration.objects.filter(pk__in=mine.values("registration"))
        list(people.select_for_update(of=("self",)).values_list("pk"))  # first, as everybody who takes a fact back
        scan = mine.select_for_update(of=("self",), no_key=True).select_related("registration").first()
        if scan is None:
            raise DeviceError("unknown", _("This phone has made no such scan."), status=404)
        annulments = scan.corrections.filter(kind=Correction.Kind.ANNULLED)
        if not annulments.exists():
            at = max(at, _written_down(scan))
            if at - _written_down(scan) > UNDO_WITHIN:
                raise RegistrationError("too_late", _("A scan can be taken back for 15 minutes."))
            scan.corrections.create(kind=Correction.Kind.ANNULLED, device=device, at=at, reason=reason[:200])
            if scan.registration:
                attendance.recompute(scan.registration)
    _give_up(scan.registration)
    return scan


def _give_up(person: Registration | None) -> None:
    """Who was registered at the door by mistake, and nobody has seen otherwise, takes no place."""
    if person and person.is_walk_in and person.is_alive and person.entered_at is None:
        with suppress(RegistrationError):
            changing.cancel(registration=person)


def _written_down(scan: Scan) -> datetime:
    """A list on paper is entered long after what stands on it."""
    return scan.received_at if scan.source == Scan.Source.PAPER else scan.at


COUNTS = """
    SELECT COUNT(CASE WHEN person.is_inside THEN 1 END),
           COUNT(CASE WHEN person.mode = 'in_person' THEN person.entered_at END),
           COUNT(CASE WHEN person.mode = 'in_person' AND person.state = 'confirmed' THEN 1 END),
           COUNT(CASE WHEN person.online_until > %s THEN 1 END),
           event.in_person_capacity - event.in_person_taken,
           event.total_capacity - event.in_person_taken - event.online_taken
      FROM events_event event LEFT JOIN registrations_registration person ON person.event_id = event.id
     WHERE event.id = %s
     GROUP BY event.id
"""
"""Asked with every scan: written out, it costs a third of what the ORM needs to write it anew each time."""


def counts(event: Event) -> dict[str, int]:
    """In the hall now, arrived at all, expected in person, in the online room now, and places left in the hall."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [connection.ops.adapt_datetimefield_value(timezone.now()), event.pk])
        inside, arrived, expected, online, left, left_in_all = cursor.fetchone()
    left = max(0, min(left or 0, left if left_in_all is None else left_in_all))
    return {"inside": inside, "arrived": arrived, "expected": expected, "online": online, "left": left}
