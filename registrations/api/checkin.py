"""The door's part of the API: pairing, roster, scans, walk-ins. What is decided stands in `services.checkin`.

A phone shows its token (`Authorization: Bearer …`) and reaches the events it was paired for, no others. One query
knows the phone and its events; a request with scans asks the same number of queries however many it brings. A scan that
cannot be read is answered and kept like the others, and stops none of them.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from ninja import Query, Router, Schema, Status
from ninja.decorators import decorate_view
from ninja.errors import AuthorizationError, ValidationError
from ninja.security import HttpBearer
from pydantic import AwareDatetime, Field, StrictBool, WrapValidator
from pydantic import ValidationError as Broken

from core.answers import WITH_BODY, refusals
from core.limits import client_of
from events.models import Event
from registrations.models import Registration, Scan
from registrations.services import checkin, devices, door_table, roster, tickets, walk_ins
from registrations.services.checkin import Answer
from registrations.services.devices import DeviceError, PairedDevice
from registrations.services.door_table import Reading

Slug = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[-a-zA-Z0-9_]+$")]
Nonce = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")]
Name = Annotated[str, Field(max_length=160)]
Why = Annotated[str, Field(max_length=200)]
Milliseconds = Annotated[int, Field(ge=-(10**12), le=10**12)]
Unsent = Annotated[int, Field(ge=0, le=10**6)]


class DeviceToken(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> PairedDevice | None:
        return devices.recognise(token)


class DeviceTokenOfScans(DeviceToken):
    """A phone that was revoked is told so, but what it still has to say is kept for somebody to look at."""

    def authenticate(self, request: HttpRequest, token: str) -> PairedDevice | None:
        try:
            return super().authenticate(request, token)
        except DeviceError:
            _keep_last_words(request, devices.find(token))
            raise


router = Router(tags=["check-in"], auth=DeviceToken())
AT_AN_EVENT = (401, 403, 404)
"""Which phone, not for this event, no such event."""


class EventAtDoor(Schema):
    id: int = Field(description="As it stands in the tickets.")
    slug: str
    title: str
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime = Field(description="Check-in takes scans from here")
    closes_at: datetime = Field(description="until here.")
    is_cancelled: bool

    @staticmethod
    def resolve_title(event: Event) -> str:
        return str(event.title)

    @staticmethod
    def resolve_opens_at(event: Event) -> datetime:
        return door_table.opens_at(event)

    @staticmethod
    def resolve_closes_at(event: Event) -> datetime:
        return door_table.closes_at(event)

    @staticmethod
    def resolve_is_cancelled(event: Event) -> bool:
        return event.cancelled_at is not None


class Pairing(Schema):
    pairing_code: Annotated[str, Field(min_length=1, max_length=40)]
    name: Annotated[str, Field(max_length=80)] = ""


class Paired(Schema):
    token: str
    name: str
    events: list[EventAtDoor]


class Counts(Schema):
    inside: int
    arrived: int
    expected: int
    left: int = Field(description="Places left in the hall.")
    online: int = Field(description="In the online room now.")


class RosterQuery(Schema):
    event: Slug
    since: Annotated[str, Field(max_length=60)] = ""
    unsent: Unsent | None = Field(None, description="Scans that this phone has still to send.")


class Entry(Schema):
    code: str
    name: str
    organisation: str
    state: str
    mode: str
    ticket_version: int
    is_inside: bool
    since: datetime | None = Field(description="Inside since,")
    door: str = Field(description="by this door.")
    entered_at: datetime | None
    group: int | None
    needs_help: bool = Field(description="Asked for help in order to take part.")


class RosterOut(Schema):
    event: EventAtDoor
    entries: list[Entry]
    removed: list[str] = Field(description="Codes of people who cancelled or did not confirm.")
    cursor: str = Field(description="Ask with it next time, as `since`.")
    has_more: bool = Field(description="Ask again at once, with the new cursor.")
    counts: Counts
    public_keys: list[str] = Field(description="Ed25519 keys that sign tickets, base64url.")
    now: datetime = Field(description="The server's clock.")


class ScanIn(Schema):
    nonce: Nonce
    code: Annotated[str, Field(max_length=5000)] = Field(description="Ticket address, ticket, or readable code.")
    at: AwareDatetime = Field(description="When it happened, by the phone's clock.")
    direction: Literal["in", "out"]
    force: StrictBool = Field(False, description="It already happened, whatever stands against it.")
    admit: StrictBool = Field(False, description="Give her a place in the hall; with `force` above the places.")
    reason: Why = Field("", description="Why she was let in.")
    clock_offset: Milliseconds = Field(0, description="Milliseconds to add to the phone's clock.")
    source: Literal["door", "paper"] = "door"


@dataclass(frozen=True)
class Unreadable:
    """A scan that is not one: kept under its nonce, or under a fingerprint of what came."""

    raw: Any
    errors: list[dict[str, Any]]

    @property
    def nonce(self) -> str:
        nonce = self.raw.get("nonce") if isinstance(self.raw, dict) else None
        is_one = isinstance(nonce, str) and 0 < len(nonce) <= 64 and nonce.isascii() and nonce.isprintable()
        return (
            nonce
            if is_one and " " not in nonce
            else f"unreadable-{hashlib.sha256(self.text.encode()).hexdigest()[:40]}"
        )

    @property
    def text(self) -> str:
        return json.dumps(self.raw, ensure_ascii=True, default=str)


def _kept_when_broken(raw: Any, validate: Any) -> Any:
    try:
        return validate(raw)
    except Broken as error:
        return Unreadable(raw, error.errors())


OneScan = Annotated[ScanIn, WrapValidator(_kept_when_broken)]


class ScansIn(Schema):
    event: Slug
    scans: Annotated[list[OneScan], Field(max_length=checkin.MOST_AT_ONCE)]
    unsent: Unsent | None = Field(None, description="Scans that this phone has still to send after these.")


class Person(Schema):
    code: str
    name: str
    organisation: str
    group: int | None
    needs_help: bool
    since: datetime | None = Field(None, description="Inside since, where the answer is `already_in`,")
    door: str = Field("", description="by this door.")


class OtherEvent(Schema):
    title: str
    starts_at: datetime
    town: str


class Result(Schema):
    nonce: str
    status: Literal["ok", "repeated", "refused", "review"]
    reason: str | None
    message: str | None = Field(description="The reason in words.")
    person: Person | None
    event: OtherEvent | None = Field(None, description="Of which event a `wrong_event` ticket is.")


class Results(Schema):
    results: list[Result]
    counts: Counts


class WalkInResult(Result):
    counts: Counts


class UndoIn(Schema):
    event: Slug
    nonce: Nonce
    at: AwareDatetime | None = None
    clock_offset: Milliseconds = 0
    reason: Why = ""


class Undone(Schema):
    nonce: str
    counts: Counts


class WalkIn(Schema):
    event: Slug
    nonce: Nonce
    first_name: Annotated[str, Field(min_length=1, max_length=80)]
    last_name: Annotated[str, Field(max_length=80)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    organisation: Annotated[str, Field(max_length=160)] = ""
    consents: dict[str, StrictBool]
    at: AwareDatetime | None = None
    clock_offset: Milliseconds = 0
    force: StrictBool = Field(False, description="She is inside already, or is let in above the places.")
    reason: Why = ""
    language: Annotated[str, Field(max_length=10)] = "it"


def _event(request: HttpRequest, slug: str) -> Event:
    """The event, if this phone was paired for it."""
    event = request.auth.events.get(slug)
    if event is None:
        get_object_or_404(Event.objects.public(), slug=slug)
        raise AuthorizationError
    return event


def _person(person: Registration, since: datetime | None = None, door: str = "") -> dict[str, Any]:
    return {
        "code": person.code,
        "name": person.name,
        "organisation": person.organisation,
        "group": person.group.number if person.group else None,
        "needs_help": getattr(person, "has_access_needs", False),
        "since": since,
        "door": door,
    }


def _result(answer: Answer) -> dict[str, Any]:
    reason, other = answer.reason or None, answer.other
    town = other.venue.town if other and other.venue else ""
    return {
        "nonce": answer.nonce,
        "status": answer.status,
        "reason": reason,
        "message": reason and str(Scan.Reason(reason).label),
        "person": answer.registration and _person(answer.registration, answer.since, answer.door),
        "event": other and {"title": str(other.title), "starts_at": other.starts_at, "town": town},
    }


def _unreadable(scan: Unreadable) -> dict[str, Any]:
    message = str(Scan.Reason.INVALID.label)
    return {"nonce": scan.nonce, "status": "refused", "reason": "invalid", "message": message, "person": None}


def _keep_unreadable(event: Event, device: PairedDevice, scans: Sequence[ScanIn | Unreadable]) -> None:
    """Raises what is wrong with them where not one can be read; nothing is lost then either."""
    broken = [_reading(scan) for scan in scans if isinstance(scan, Unreadable)]
    if not broken:
        return
    checkin.keep(event=event, readings=broken, device=device.device, reason=Scan.Reason.INVALID)
    if len(broken) == len(scans):
        raise ValidationError(
            [
                problem | {"loc": ("body", "sent", "scans", str(number), *problem["loc"])}
                for number, scan in enumerate(scans)
                for problem in scan.errors
            ]
        )


def _keep_last_words(request: HttpRequest, phone: PairedDevice | None) -> None:
    try:
        sent = ScansIn.model_validate_json(request.body)
    except Broken:
        return
    if phone and sent.event in phone.events:
        readings = [_reading(scan) for scan in sent.scans]
        event, device = phone.events[sent.event], phone.device
        checkin.keep(event=event, readings=readings, device=device, reason=Scan.Reason.REVOKED)


def _reading(scan: ScanIn | Unreadable) -> Reading:
    if isinstance(scan, Unreadable):
        return Reading(scan.nonce, scan.text, timezone.now())
    values = dict(scan)
    return Reading(why=values.pop("reason"), **values)


@router.post("devices", auth=None, response={200: Paired, **refusals(429, *WITH_BODY)}, summary="Pair a phone")
def pair(request: HttpRequest, pairing: Pairing):
    device, token = devices.pair(code=pairing.pairing_code, name=pairing.name, client=client_of(request))
    return {"token": token, "name": device.name, "events": list(device.events.all())}


@router.delete("devices", response={204: None, **refusals(401)}, summary="Unpair this phone")
def unpair(request: HttpRequest):
    devices.revoke(device=request.auth.device)
    return Status(204, None)


@router.get(
    "roster",
    response={200: RosterOut, **refusals(*AT_AN_EVENT, 422)},
    summary="Who may come in; what changed since a cursor",
)
@decorate_view(gzip_page)
def read_roster(request: HttpRequest, query: Query[RosterQuery]):
    event = _event(request, query.event)
    now = timezone.now()
    devices.must_not_be_over(event)
    devices.note_contact(device=request.auth.device, unsent=query.unsent)
    part = roster.changes(event=event, cursor=query.since)
    return {
        "event": event,
        "entries": [roster.entry(person) for person in part.entries],
        "removed": part.removed,
        "cursor": part.cursor,
        "has_more": part.has_more,
        "counts": checkin.counts(event),
        "public_keys": tickets.public_keys(),
        "now": now,
    }


@router.post(
    "scans",
    auth=DeviceTokenOfScans(),
    response={200: Results, **refusals(*AT_AN_EVENT, *WITH_BODY)},
    summary="Scans, one or many, now or from a time without network",
)
def send_scans(request: HttpRequest, sent: ScansIn):
    event, phone = _event(request, sent.event), request.auth
    _keep_unreadable(event, phone, sent.scans)
    readings = [_reading(scan) for scan in sent.scans if isinstance(scan, ScanIn)]
    answers = checkin.check_in(event=event, readings=readings, device=phone.device)
    devices.note_contact(device=phone.device, unsent=sent.unsent)
    told = iter(map(_result, answers))
    results = [next(told) if isinstance(scan, ScanIn) else _unreadable(scan) for scan in sent.scans]
    return {"results": results, "counts": checkin.counts(event)}


@router.post(
    "scans/undo",
    response={200: Undone, **refusals(*AT_AN_EVENT, 409, *WITH_BODY)},
    summary="Take back a scan of this phone, within 15 minutes",
)
def undo_scan(request: HttpRequest, sent: UndoIn):
    event = _event(request, sent.event)
    checkin.undo(event=event, device=request.auth.device, **sent.dict(exclude={"event"}))
    return {"nonce": sent.nonce, "counts": checkin.counts(event)}


@router.post(
    "walk-ins",
    response={201: WalkInResult, **refusals(*AT_AN_EVENT, 409, *WITH_BODY)},
    summary="Register somebody at the door and let her in",
)
def walk_in(request: HttpRequest, sent: WalkIn):
    event = _event(request, sent.event)
    person = sent.dict(exclude={"event", "reason"})
    answer = walk_ins.walk_in(event=event, device=request.auth.device, why=sent.reason, **person)
    return Status(201, {**_result(answer), "counts": checkin.counts(event)})
