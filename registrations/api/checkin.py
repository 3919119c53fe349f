"""The door's part of the API: pairing, roster, scans, walk-ins. What is decided stands in `services.checkin`.

A phone shows its token (`Authorization: Bearer …`) and reaches the events it was paired for, no others. One query
knows the phone and its events; a request with scans asks the same number of queries however many it brings.
"""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema, Status
from ninja.errors import AuthorizationError
from ninja.security import HttpBearer
from pydantic import AwareDatetime, Field, StrictBool

from core.answers import WITH_BODY, refusals
from core.limits import client_of
from events.models import Event
from registrations.models import Registration
from registrations.services import checkin, devices, roster, tickets
from registrations.services.checkin import Answer
from registrations.services.devices import PairedDevice

Slug = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[-a-zA-Z0-9_]+$")]
Nonce = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")]
Name = Annotated[str, Field(max_length=160)]


class DeviceToken(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> PairedDevice | None:
        return devices.recognise(token)


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

    @staticmethod
    def resolve_title(event: Event) -> str:
        return str(event.title)

    @staticmethod
    def resolve_opens_at(event: Event) -> datetime:
        return checkin.opens_at(event)

    @staticmethod
    def resolve_closes_at(event: Event) -> datetime:
        return checkin.closes_at(event)


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


class RosterQuery(Schema):
    event: Slug
    since: Annotated[str, Field(max_length=60)] = ""


class Entry(Schema):
    code: str
    name: str
    state: str
    mode: str
    ticket_version: int
    is_inside: bool
    entered_at: datetime | None
    group: int | None

    @staticmethod
    def resolve_group(person: Registration) -> int | None:
        return person.group.number if person.group else None


class RosterOut(Schema):
    event: EventAtDoor
    entries: list[Entry]
    removed: list[str] = Field(description="Codes of people who cancelled or did not confirm.")
    cursor: str = Field(description="Ask with it next time, as `since`.")
    has_more: bool = Field(description="Ask again at once, with the new cursor.")
    counts: Counts
    public_keys: list[str] = Field(description="Ed25519 keys that sign tickets, base64url.")


class ScanIn(Schema):
    nonce: Nonce
    code: Annotated[str, Field(max_length=5000)] = Field(description="Ticket address, ticket, or readable code.")
    at: AwareDatetime
    direction: Literal["in", "out"]
    force: StrictBool = False


class ScansIn(Schema):
    event: Slug
    scans: Annotated[list[ScanIn], Field(max_length=checkin.MOST_AT_ONCE)]


class Person(Schema):
    code: str
    name: str
    group: int | None
    since: datetime | None = Field(None, description="Inside since, where the answer is `already_in`.")


class Result(Schema):
    nonce: str
    status: Literal["ok", "repeated", "refused", "review"]
    reason: str | None
    person: Person | None


class Results(Schema):
    results: list[Result]
    counts: Counts


class WalkInResult(Result):
    counts: Counts


class UndoIn(Schema):
    event: Slug
    nonce: Nonce
    at: AwareDatetime | None = None
    reason: Annotated[str, Field(max_length=200)] = ""


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
    language: Annotated[str, Field(max_length=10)] = "it"


def _event(request: HttpRequest, slug: str) -> Event:
    """The event, if this phone was paired for it."""
    event = request.auth.events.get(slug)
    if event is None:
        get_object_or_404(Event.objects.public(), slug=slug)
        raise AuthorizationError
    return event


def _result(answer: Answer) -> dict:
    person = answer.registration and {
        "code": answer.registration.code,
        "name": answer.registration.name,
        "group": answer.registration.group.number if answer.registration.group else None,
        "since": answer.since,
    }
    return {"nonce": answer.nonce, "status": answer.status, "reason": answer.reason or None, "person": person}


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
def read_roster(request: HttpRequest, query: Query[RosterQuery]):
    event = _event(request, query.event)
    part = roster.changes(event=event, cursor=query.since)
    return {
        "event": event,
        "entries": part.entries,
        "removed": part.removed,
        "cursor": part.cursor,
        "has_more": part.has_more,
        "counts": checkin.counts(event),
        "public_keys": tickets.public_keys(),
    }


@router.post(
    "scans",
    response={200: Results, **refusals(*AT_AN_EVENT, *WITH_BODY)},
    summary="Scans, one or many, now or from a time without network",
)
def send_scans(request: HttpRequest, sent: ScansIn):
    event = _event(request, sent.event)
    readings = [checkin.Reading(**scan.dict()) for scan in sent.scans]
    answers = checkin.check_in(event=event, readings=readings, device=request.auth.device)
    return {"results": [_result(answer) for answer in answers], "counts": checkin.counts(event)}


@router.post(
    "scans/undo",
    response={200: Undone, **refusals(*AT_AN_EVENT, 409, *WITH_BODY)},
    summary="Take back a scan of this phone, within 15 minutes",
)
def undo_scan(request: HttpRequest, sent: UndoIn):
    event = _event(request, sent.event)
    checkin.undo(event=event, device=request.auth.device, nonce=sent.nonce, at=sent.at, reason=sent.reason)
    return {"nonce": sent.nonce, "counts": checkin.counts(event)}


@router.post(
    "walk-ins",
    response={201: WalkInResult, **refusals(*AT_AN_EVENT, 409, *WITH_BODY)},
    summary="Register somebody at the door and let her in",
)
def walk_in(request: HttpRequest, sent: WalkIn):
    event = _event(request, sent.event)
    person = sent.dict(exclude={"event"})
    answer = checkin.walk_in(event=event, device=request.auth.device, **person)
    return Status(201, {**_result(answer), "counts": checkin.counts(event)})
