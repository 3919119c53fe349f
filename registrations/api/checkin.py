"""The door's part of the API: pairing, roster, scans, walk-ins. What is decided stands in `services.checkin`.

A phone shows its token (`Authorization: Bearer …`) and reaches the events it was paired for, no others. One query
knows the phone and its events; a request with scans asks the same number of queries however many it brings. A scan that
cannot be read is answered and kept like the others, and stops none of them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from ninja import Query, Router, Status
from ninja.decorators import decorate_view
from ninja.errors import AuthorizationError, ValidationError
from ninja.security import HttpBearer
from pydantic import ValidationError as Broken

from core.answers import WITH_BODY, refusals
from core.limits import client_of
from core.names import one_line
from events.models import Event
from registrations.api.checkin_schemas import (
    Paired,
    Pairing,
    Results,
    RosterOut,
    RosterQuery,
    ScanIn,
    ScansIn,
    UndoIn,
    Undone,
    Unreadable,
    WalkIn,
    WalkInResult,
)
from registrations.models import Registration, Scan
from registrations.services import checkin, devices, roster, tickets, walk_ins
from registrations.services.checkin import Answer
from registrations.services.devices import DeviceError, PairedDevice
from registrations.services.door_table import Reading


class DeviceToken(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> PairedDevice | None:
        return devices.recognise(token)


class DeviceTokenWithLastWords(DeviceToken):
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
        "state": "lapsed" if person.has_let_an_offer_lapse else person.state,
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
        "event": other and {"slug": other.slug, "title": str(other.title), "starts_at": other.starts_at, "town": town},
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
    """The scans of such a request, or the name of who was let in without a registration."""
    for shape in (ScansIn, WalkIn):
        try:
            sent = shape.model_validate_json(request.body)
        except Broken:
            continue
        if phone and sent.event in phone.events:
            readings = [_reading(scan) for scan in sent.scans] if shape is ScansIn else [_reading_of_name(sent)]
            event, device = phone.events[sent.event], phone.device
            checkin.keep(event=event, readings=readings, device=device, reason=Scan.Reason.REVOKED)
        return


def _kept_late(event: Event, phone: PairedDevice, readings: list[Reading]) -> list[Answer]:
    """What comes when the event is long over makes nobody present any more. Empty as long as it counts."""
    if not devices.is_too_late(event):
        return []
    checkin.keep(event=event, readings=readings, device=phone.device, reason=Scan.Reason.CLOSED)
    return [Answer(reading.nonce, Scan.Status.REVIEW, Scan.Reason.CLOSED, None) for reading in readings]


def _reading_of_name(sent: WalkIn) -> Reading:
    """In words that may be emptied, unlike what was read."""
    name = f"{sent.first_name} {sent.last_name}".strip()
    return Reading(sent.nonce, "", sent.at or timezone.now(), clock_offset=sent.clock_offset, why=one_line(name))


def _reading(scan: ScanIn | Unreadable) -> Reading:
    if isinstance(scan, Unreadable):
        return Reading(scan.nonce, scan.text, timezone.now())
    values = dict(scan)
    return Reading(why=values.pop("reason"), **values)


@router.post("devices", auth=None, response={200: Paired, **refusals(429, *WITH_BODY)}, summary="Pair a phone")
def pair(request: HttpRequest, pairing: Pairing):
    device, token = devices.pair(code=pairing.pairing_code, name=pairing.name, client=client_of(request))
    return {"token": token, "name": device.name, "events": devices.events_of(device)}


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
        "phone": request.auth.device.name,
        "now": now,
    }


@router.post(
    "scans",
    auth=DeviceTokenWithLastWords(),
    response={200: Results, **refusals(*AT_AN_EVENT, *WITH_BODY)},
    summary="Scans, one or many, now or from a time without network",
)
def send_scans(request: HttpRequest, sent: ScansIn):
    event, phone = _event(request, sent.event), request.auth
    _keep_unreadable(event, phone, sent.scans)
    readings = [_reading(scan) for scan in sent.scans if isinstance(scan, ScanIn)]
    answers = _kept_late(event, phone, readings) or checkin.check_in(
        event=event, readings=readings, device=phone.device
    )
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
    devices.must_still_count(event)
    checkin.undo(event=event, device=request.auth.device, **sent.dict(exclude={"event"}))
    return {"nonce": sent.nonce, "counts": checkin.counts(event)}


@router.post(
    "walk-ins",
    auth=DeviceTokenWithLastWords(),
    response={201: WalkInResult, **refusals(*AT_AN_EVENT, 409, *WITH_BODY)},
    summary="Register somebody at the door and let her in",
)
def walk_in(request: HttpRequest, sent: WalkIn):
    event = _event(request, sent.event)
    late = _kept_late(event, request.auth, [_reading_of_name(sent)])
    if late:
        return Status(201, {**_result(late[0]), "counts": checkin.counts(event)})
    person = sent.dict(exclude={"event", "reason"})
    answer = walk_ins.walk_in(event=event, device=request.auth.device, why=sent.reason, **person)
    return Status(201, {**_result(answer), "counts": checkin.counts(event)})
