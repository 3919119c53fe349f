"""The door's decision table: what stands against a scan. Pure: asks no database, changes nothing.

Read `reason_against` from top to bottom: the first sentence that is true is the answer. The phone has the same table
for the time without network (`static/js/door/decide.js`), and both are tested with the same cases
(`tests/registrations/door_cases.json`).

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
from datetime import datetime, timedelta

from events import days
from events.models import Event, Mode
from registrations.models import Registration, Scan
from registrations.services.tickets import Ticket

OPENS_BEFORE = timedelta(hours=24)
CLOSES_AFTER = timedelta(hours=12)

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
    """What a door sends: `code` is a ticket's address, a ticket, or a readable code; `at` the time by its own clock.

    `clock_offset` is what to add to that clock, in milliseconds. `force`: it already happened. `admit`: give her a
    place in the hall if one is free, and together with `force` above the places, for `why`.
    """

    nonce: str
    code: str
    at: datetime
    direction: str = Direction.IN
    force: bool = False
    admit: bool = False
    why: str = ""
    clock_offset: int = 0
    source: str = Scan.Source.DOOR


def opens_at(event: Event) -> datetime:
    return event.starts_at - OPENS_BEFORE


def closes_at(event: Event) -> datetime:
    return event.ends_at + CLOSES_AFTER


def is_open(event: Event, at: datetime) -> bool:
    return not event.cancelled_at and opens_at(event) <= at <= closes_at(event)


class Past:
    """What is known of a person around a moment: the sightings in the hall just before it and just after it.

    `since` and `door`: when and where she came in, if she is inside then. In `mornings` (`events.days`) a new day of
    the event begins: who was seen the day before is outside, and what is seen the day after says nothing of this one.
    """

    def __init__(self, sightings: Sequence[Scan], at: datetime, mornings: Sequence[datetime] = ()):
        self.before = self.after = self.entry = None
        today = days.number(mornings, at)
        for one in sightings:
            day = days.number(mornings, one.at)
            if one.mode != Mode.IN_PERSON or day > today:
                continue
            if day < today:
                self.before = Direction.OUT
                continue
            if one.at > at:
                self.after = one.direction
                self.entry = self.entry or one
                break
            self.before = one.direction
            self.entry = (self.entry or one) if one.direction == Direction.IN else None

    @property
    def is_outside(self) -> bool:
        """Is there no entrance that an exit now could end?"""
        return self.before != Direction.IN or self.after == Direction.OUT

    @property
    def since(self) -> datetime | None:
        return self.entry.at if self.entry else None

    @property
    def door(self) -> str:
        return self.entry.device.name if self.entry and self.entry.device else ""


def reason_against(
    *,
    event: Event,
    ticket: Ticket | str | None,
    registration: Registration | None,
    at: datetime,
    direction: str,
    force: bool,
    past: Past,
) -> Reason:
    """Why not; `Reason.NONE` is the tick."""
    if isinstance(ticket, Ticket) and ticket.event_id != event.pk:
        return Reason.WRONG_EVENT
    if registration is None:
        return Reason.UNKNOWN
    if registration.event_id != event.pk:
        return Reason.WRONG_EVENT
    is_closed = not is_open(event, at)
    if force and is_closed:
        return Reason.CLOSED
    if direction == Direction.OUT and not is_closed and past.is_outside:
        return Reason.NOT_IN
    if registration.state in OF_THE_TICKET:
        return OF_THE_TICKET[registration.state]
    if isinstance(ticket, Ticket) and ticket.version != registration.ticket_version:
        return Reason.REPLACED
    if registration.mode == Mode.ONLINE:
        return Reason.ONLINE_ONLY
    if is_closed:
        return Reason.CLOSED
    if direction == Direction.IN and Direction.IN in (past.before, past.after):
        return Reason.ALREADY_IN
    return Reason.NONE


def status_for(reason: Reason, force: bool, past: Past) -> Status:
    if reason == Reason.NONE:
        return Status.OK
    if force:
        return Status.REVIEW if reason in NOBODY_TO_FORCE else Status.OK
    if reason == Reason.ALREADY_IN or (reason == Reason.NOT_IN and Direction.OUT in (past.before, past.after)):
        return Status.REPEATED
    return Status.REFUSED
