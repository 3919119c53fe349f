"""The door: what a scan is answered, in one place, for the phone, for the command line and for the demo.

The table is `reason_against`, read from top to bottom: the first sentence that is true is the answer. The phone has the
same table for the time without network (`static/js/door/decide.js`), and both are tested with the same cases.

Everything is kept as it came, refusals too. A nonce makes a repeat harmless: the same answer, one effect, whoever sends
it how often. Scans are judged by the time at which they happened (`at`), not by arrival: a phone may bring its evening
home a day later. Two doors at once: the person's row is locked, so one hears "come in" and the other "already in".

    status    when
    ok        come in, or goodbye
    repeated  the person is already where this scan leads (`already_in`, or `not_in` after an exit)
    refused   with its reason
    review    somebody should look: forced, but nobody (or nobody of this event) is known by that code

`force` says "it already happened at the door": it is accepted and marked, whatever stands against the person. Nothing
happens at a door outside check-in hours, so there it is only kept for somebody to look at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from events.models import Event, Mode
from registrations.models import Device, Registration, Scan
from registrations.services import RegistrationError, attendance, places, signup, tickets
from registrations.services.devices import DeviceError
from registrations.services.tickets import Ticket

OPENS_BEFORE = timedelta(hours=24)
CLOSES_AFTER = timedelta(hours=12)
UNDO_WITHIN = timedelta(minutes=15)
MOST_AT_ONCE = 500
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)

Reason, Status, Direction, State = Scan.Reason, Scan.Status, Scan.Direction, Registration.State

OF_THE_TICKET = {
    State.CANCELLED: Reason.CANCELLED,
    State.WAITING: Reason.WAITING,
    State.PENDING: Reason.UNCONFIRMED,
    State.EXPIRED: Reason.UNCONFIRMED,
    State.OFFERED: Reason.WAITING,
    State.REQUESTED: Reason.UNCONFIRMED,
    State.REFUSED: Reason.CANCELLED,
}
NOBODY_TO_FORCE = {Reason.UNKNOWN, Reason.WRONG_EVENT, Reason.CLOSED}


@dataclass(frozen=True)
class Reading:
    """What a door sends: `code` is a ticket's address, a ticket, or a readable code; `at` the time it happened."""

    nonce: str
    code: str
    at: datetime
    direction: str = Direction.IN
    force: bool = False


@dataclass(frozen=True)
class Answer:
    """What the door is told. `since` is when an `already_in` person came in."""

    nonce: str
    status: str
    reason: str
    registration: Registration | None
    since: datetime | None = None


def opens_at(event: Event) -> datetime:
    return event.starts_at - OPENS_BEFORE


def closes_at(event: Event) -> datetime:
    return event.ends_at + CLOSES_AFTER


def reason_against(
    *, event: Event, ticket: Ticket | str | None, registration: Registration | None, reading: Reading, past: "Past"
) -> Reason:
    """Why not; `Reason.NONE` is the tick."""
    if isinstance(ticket, Ticket) and ticket.event_id != event.pk:
        return Reason.WRONG_EVENT
    if registration is None:
        return Reason.UNKNOWN
    if registration.event_id != event.pk:
        return Reason.WRONG_EVENT
    is_closed = event.cancelled_at or not opens_at(event) <= reading.at <= closes_at(event)
    if reading.force and is_closed:
        return Reason.CLOSED
    if registration.state in OF_THE_TICKET:
        return OF_THE_TICKET[registration.state]
    if isinstance(ticket, Ticket) and ticket.version != registration.ticket_version:
        return Reason.REPLACED
    if registration.mode == Mode.ONLINE:
        return Reason.ONLINE_ONLY
    if is_closed:
        return Reason.CLOSED
    if reading.direction == Direction.IN and Direction.IN in (past.before, past.after):
        return Reason.ALREADY_IN
    if reading.direction == Direction.OUT and (past.before != Direction.IN or past.after == Direction.OUT):
        return Reason.NOT_IN
    return Reason.NONE


def status_for(reason: Reason, reading: Reading, past: "Past") -> Status:
    if reason == Reason.NONE:
        return Status.OK
    if reading.force:
        return Status.REVIEW if reason in NOBODY_TO_FORCE else Status.OK
    if reason == Reason.ALREADY_IN or (reason == Reason.NOT_IN and Direction.OUT in (past.before, past.after)):
        return Status.REPEATED
    return Status.REFUSED


class Past:
    """What is known of a person around a moment: the sightings at the door just before it and just after it."""

    def __init__(self, sightings: Sequence[Scan], at: datetime):
        earlier = [one for one in sightings if one.mode == Mode.IN_PERSON and one.at <= at]
        later = [one for one in sightings if one.mode == Mode.IN_PERSON and one.at > at]
        self.before = earlier[-1].direction if earlier else None
        self.after = later[0].direction if later else None
        stays = attendance.stays(earlier)
        self.since = stays[-1].start if self.before == Direction.IN else later[0].at if later else None


def check_in_scan(
    *,
    event: Event,
    code: str,
    nonce: str,
    direction: str = Direction.IN,
    at: datetime | None = None,
    device: Device | None = None,
    force: bool = False,
) -> Answer:
    """One scan, now unless `at` says otherwise."""
    reading = Reading(nonce=nonce, code=code, at=at or timezone.now(), direction=direction, force=force)
    return check_in(event=event, readings=[reading], device=device)[0]


def check_in(*, event: Event, readings: Sequence[Reading], device: Device | None = None) -> list[Answer]:
    """Judge and keep up to MOST_AT_ONCE scans of one door, in order of their time; answers come in the order given.

    The number of queries does not depend on the number of scans.
    """
    if len(readings) > MOST_AT_ONCE:
        raise RegistrationError("too_many", _("Send at most %(count)d scans at once.") % {"count": MOST_AT_ONCE})
    if any(timezone.is_naive(reading.at) for reading in readings):
        raise RegistrationError("invalid", _("A time needs its time zone."), {"at": _("A time needs its time zone.")})
    for attempt in range(3):
        try:
            with transaction.atomic():
                return _Door(event, device).take(readings)
        except IntegrityError:  # another request brought one of these nonces between our look and our insert
            if attempt == 2:
                raise
    raise AssertionError


class _Door:
    """One transaction at the door."""

    def __init__(self, event: Event, device: Device | None):
        self.event = event
        self.device = device
        self.now = timezone.now()

    def take(self, readings: Sequence[Reading]) -> list[Answer]:
        tickets_read = {reading.code: tickets.read(reading.code) for reading in readings}
        self._lock_and_look(readings, tickets_read.values())
        new: list[Scan] = []
        for reading in sorted(readings, key=lambda reading: reading.at):
            if reading.nonce not in self.known:
                scan = self._judge(reading, tickets_read[reading.code])
                self.known[scan.nonce] = scan
                new.append(scan)
        self._keep(new)
        return [self._answer(self.known[reading.nonce]) for reading in readings]

    def _lock_and_look(self, readings, tickets_read) -> None:
        codes = {ticket.code if isinstance(ticket, Ticket) else ticket for ticket in tickets_read if ticket}
        people = Registration.objects.select_for_update(of=("self",)).select_related("group").order_by("pk")
        self.by_code = {person.code: person for person in people.filter(code__in=codes)}
        self.by_pk = {person.pk: person for person in self.by_code.values()}
        self.sightings: dict[int, list[Scan]] = {pk: [] for pk in self.by_pk}
        self.known: dict[str, Scan] = {}
        mine = Q(event=self.event, nonce__in={reading.nonce for reading in readings})
        for scan in Scan.objects.filter(mine | Q(registration__in=self.by_pk)).order_by("at", "pk"):
            if scan.event_id == self.event.pk:
                self.known[scan.nonce] = scan
            if scan.is_sighting and scan.registration_id in self.sightings:
                self.sightings[scan.registration_id].append(scan)

    def _judge(self, reading: Reading, ticket: Ticket | str | None) -> Scan:
        at = max(min(reading.at, self.now), EARLIEST)  # nothing arrives before it happened: that clock is wrong
        reading = Reading(reading.nonce, reading.code, at, reading.direction, reading.force)
        person = self.by_code.get(ticket.code if isinstance(ticket, Ticket) else ticket or "")
        seen = self.sightings[person.pk] if person else []
        past = Past(seen, at)
        reason = reason_against(event=self.event, ticket=ticket, registration=person, reading=reading, past=past)
        ours = person if person and person.event_id == self.event.pk else None
        scan = Scan(
            event=self.event,
            device=self.device,
            registration=ours,
            nonce=reading.nonce,
            code="" if ours else "".join(sign for sign in reading.code if sign.isprintable())[:250],
            direction=reading.direction,
            status=status_for(reason, reading, past),
            reason=reason,
            is_forced=reading.force and reason != Reason.NONE,
            at=at,
            received_at=self.now,
        )
        if scan.is_sighting:
            seen.append(scan)
            seen.sort(key=lambda one: one.at)
        return scan

    def _keep(self, new: list[Scan]) -> None:
        Scan.objects.bulk_create(new)
        seen = {scan.registration_id for scan in new if scan.is_sighting}
        changed = [
            person
            for pk, person in self.by_pk.items()
            if pk in seen and attendance.settle(event=self.event, registration=person, sightings=self.sightings[pk])
        ]
        if len(changed) == 1:  # half the work of bulk_update, and by far the most common
            values = {field: getattr(changed[0], field) for field in attendance.FIELDS}
            Registration.objects.filter(pk=changed[0].pk).update(**values)
        elif changed:
            Registration.objects.bulk_update(changed, attendance.FIELDS)

    def _answer(self, scan: Scan) -> Answer:
        person = self.by_pk.get(scan.registration_id) or scan.registration
        since = None
        if scan.reason == Reason.ALREADY_IN:
            others = [one for one in self.sightings.get(person.pk, []) if one.nonce != scan.nonce]
            since = Past(others, scan.at).since
        return Answer(scan.nonce, scan.status, scan.reason, person, since)


def walk_in(
    *, event: Event, nonce: str, at: datetime | None = None, device: Device | None = None, **person: object
) -> Answer:
    """Register somebody who stands at the door (`person` as `signup.register_walk_in` wants it) and let her in.

    The same nonce again is the same person. Raises as `register_walk_in`, and `closed` outside check-in hours.
    """
    at = at or timezone.now()
    if timezone.is_naive(at) or not opens_at(event) <= at <= closes_at(event):
        raise RegistrationError("closed", _("Check-in for this event is closed."))
    with places.deciding(event):  # so that the same request twice at once comes one after the other
        known = Scan.objects.filter(event=event, nonce=nonce).select_related("registration__group").first()
        if known:
            return Answer(nonce, known.status, known.reason, known.registration)
        newcomer = signup.register_walk_in(event=event, **person)
        return check_in_scan(event=event, code=newcomer.code, nonce=nonce, at=at, device=device)


def undo(*, event: Event, device: Device, nonce: str, at: datetime | None = None, reason: str = "") -> Scan:
    """Take back a scan of this very device within UNDO_WITHIN: the row stays, it no longer counts. Twice is once.

    Errors: `unknown` (404), `too_late`.
    """
    now = timezone.now()
    with transaction.atomic():
        scans = Scan.objects.select_for_update(of=("self",)).select_related("registration")
        scan = scans.filter(event=event, device=device, nonce=nonce).first()
        if scan is None:
            raise DeviceError("unknown", _("This phone has made no such scan."), status=404)
        if scan.annulled_at is None:
            if min(at or now, now) - scan.at > UNDO_WITHIN:
                raise RegistrationError("too_late", _("A scan can be taken back for 15 minutes."))
            scan.annulled_at, scan.note = now, reason[:200]
            scan.save(update_fields=["annulled_at", "note"])
            if scan.registration:
                attendance.recompute(scan.registration)
    return scan


def counts(event: Event) -> dict[str, int]:
    """In the hall now, arrived at all, and expected in person."""
    return event.registrations.filter(mode=Mode.IN_PERSON).aggregate(
        inside=Count("pk", filter=Q(is_inside=True)),
        arrived=Count("entered_at"),
        expected=Count("pk", filter=Q(state=State.CONFIRMED)),
    )
