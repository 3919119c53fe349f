"""The phones at the door: paired by a short code, known by a token, revoked at once.

An organiser makes a pairing code for one or more events; it is good for fifteen minutes and once. The phone that types
it gets a token, which opens the door's part of the API for those events and nothing else. Neither code nor token is
kept, only their fingerprints. A revoked phone is told so, that it may wipe what it knows.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.limits import Limit
from core.tokens import clean_code, fingerprint, readable_code
from events.models import Event
from registrations.models import Device
from registrations.services import RegistrationError
from registrations.services.door_table import closes_at

CODE_LENGTH = 8
PAIRING_FOR = timedelta(minutes=15)
AT_THE_DOOR = ["slug", "title", "programme", "starts_at", "ends_at", "cancelled_at", "missing_exit"]
"""All that a scan needs to know of its event, out of some fifty columns."""
LATE = timedelta(days=7)
"""How long after the door has closed a phone may bring its evening home. Later it is only kept, to be looked at."""
SEEN_EVERY = timedelta(seconds=30)
WRONG_CODES = Limit("wrong pairing codes", 100, PAIRING_FOR)
"""Wrong codes from one client. A right one always passes, so that one stray phone locks out nobody behind its address.

Safe all the same: a code is one of 2^40. With ten codes waiting, and every try examined though refused, a client that
tries a thousand times a second through all of their 15 minutes hits one with probability 10 · 900 000 / 2^40 < 1 in
100 000; and a code that nobody asked for soon is good for nothing.
"""


class DeviceError(RegistrationError):
    status = 422


@dataclass(frozen=True)
class PairedDevice:
    """A phone that has shown its token, with the events it was paired for, by slug."""

    device: Device
    events: dict[str, Event]


@transaction.atomic
def create_pairing(*, events: Iterable[Event], created_by: User | None = None, name: str = "") -> tuple[Device, str]:
    """A device still to be paired and the code that does it, shown this once. It opens the first of `events`."""
    events = list(dict.fromkeys(events))
    if not events:
        raise DeviceError("invalid", _("Choose at least one event."), {"events": _("Choose at least one event.")})
    code = readable_code(CODE_LENGTH)
    device = Device.objects.create(
        name=name.strip()[:80],
        created_by=created_by,
        pairing_fingerprint=fingerprint(code),
        pairing_expires_at=timezone.now() + PAIRING_FOR,
    )
    for_events = Device.events.through
    for_events.objects.bulk_create(for_events(device=device, event=event) for event in events)
    return device, code


def pair(*, code: str, name: str = "", client: str = "") -> tuple[Device, str]:
    """The device that `code` belongs to and its new token. `client` is where the attempt comes from.

    Errors: `unknown_pairing_code` (wrong, used and expired codes sound alike), `too_many_attempts` (429).
    """
    now = timezone.now()
    waiting = Device.objects.filter(
        pairing_fingerprint=fingerprint(clean_code(code)), pairing_expires_at__gt=now, paired_at=None, revoked_at=None
    )
    device = waiting.first()
    token = secrets.token_urlsafe(32)
    changes = {"pairing_fingerprint": None, "token_fingerprint": fingerprint(token), "paired_at": now, "seen_at": now}
    if name.strip():
        changes["name"] = name.strip()[:80]
    if device is None or not waiting.filter(pk=device.pk).update(**changes):
        if not WRONG_CODES.count(client):
            raise DeviceError("too_many_attempts", _("Too many attempts. Try again in 15 minutes."), status=429)
        message = _("This code does not work, or no longer. Ask for a new one.")
        raise DeviceError("unknown_pairing_code", message, {"pairing_code": message})
    device.refresh_from_db()
    return device, token


def events_of(device: Device) -> list[Event]:
    """In the order in which they were chosen: the phone begins at the door of the first."""
    links = Device.events.through.objects.filter(device=device).select_related("event").order_by("pk")
    return [link.event for link in links]


def find(token: str) -> PairedDevice | None:
    """Who shows `token`, a revoked phone too; None for nobody."""
    links = Device.events.through.objects.filter(device__token_fingerprint=fingerprint(token))
    links = list(links.select_related("device", "event").only("device", *(f"event__{name}" for name in AT_THE_DOOR)))
    return PairedDevice(links[0].device, {link.event.slug: link.event for link in links}) if links else None


def recognise(token: str) -> PairedDevice | None:
    """Who shows `token`; None for nobody. Error: `revoked` (401), noted the first time as its last contact."""
    found = find(token)
    if found and found.device.revoked_at:
        unaware = Device.objects.filter(Q(seen_at=None) | Q(seen_at__lte=F("revoked_at")), pk=found.device.pk)
        unaware.update(seen_at=timezone.now())
        raise revoked()
    return found


def revoked() -> DeviceError:
    return DeviceError("revoked", _("This phone is no longer paired."), status=401)


def door_closed_at(event: Event) -> datetime | None:
    """Since when nobody can be checked in any more; None as long as somebody can, or will."""
    return closes_at(event) if timezone.now() > closes_at(event) else None


def must_not_be_over(event: Event) -> None:
    """A phone knows people as long as there is a door; what it saw is taken later, too. Error: `over` (403)."""
    if door_closed_at(event):
        raise DeviceError("over", _("Check-in for this event is closed."), status=403)


def is_too_late(event: Event) -> bool:
    """Does nothing that a phone says now count any more, whenever it happened?"""
    return timezone.now() > closes_at(event) + LATE


def must_still_count(event: Event) -> None:
    """Error: `too_late`."""
    if is_too_late(event):
        raise DeviceError("too_late", _("A scan can be taken back for 15 minutes."), status=409)


def note_contact(*, device: Device, unsent: int | None = None) -> None:
    """It asked for something just now, and says how much it has still to send. Written at most every half minute, or
    when that number changes."""
    now = timezone.now()
    unsent = device.unsent if unsent is None else unsent
    if device.seen_at is None or now - device.seen_at > SEEN_EVERY or unsent != device.unsent:
        Device.objects.filter(pk=device.pk).update(seen_at=now, unsent=unsent)


def revoke(*, device: Device) -> None:
    """From now on `device` is told that it is no longer paired; a code not yet used is dead too."""
    Device.objects.filter(pk=device.pk, revoked_at=None).update(revoked_at=timezone.now(), pairing_fingerprint=None)
    device.refresh_from_db()
