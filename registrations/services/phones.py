"""What an organiser knows of the phones at the door: which ones, until when, when last heard of, what they still keep.

A phone may be the door of several events; its rights end with the last of them. One that keeps scans it could not send,
or is not heard of while people come in, is pointed out: somebody should walk over and look. Pairing and revoking stand
in `services.devices`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.names import one_line
from events.models import Event
from registrations.models import Device
from registrations.services.devices import DeviceError
from registrations.services.door_table import CLOSES_AFTER, closes_at

PERMISSION = "registrations.check_in"
NEAR = timedelta(hours=36)
MOST_OFFERED = 12
QUIET_AFTER = timedelta(minutes=10)
PEOPLE_COME_FROM = timedelta(hours=1)
LONGEST_NAME = 80


@dataclass(frozen=True)
class Phone:
    """A phone as it stands towards one event at one moment. `read` are its scans there."""

    device: Device
    others: list[Event]
    until: datetime
    read: int
    now: datetime
    is_event_on: bool

    @property
    def state(self) -> str:
        if self.device.revoked_at:
            return "revoked"
        if self.device.paired_at:
            return "paired" if self.now < self.until else "over"
        return "waiting" if self.device.pairing_expires_at > self.now else "expired"

    @property
    def is_quiet(self) -> bool:
        """Not heard of for long although people come in."""
        heard = self.device.seen_at or self.device.paired_at
        return self.is_event_on and self.state == "paired" and self.now - heard > QUIET_AFTER

    @property
    def told_at(self) -> datetime | None:
        """When it first asked for something after it was revoked, and so heard of it."""
        heard, revoked = self.device.seen_at, self.device.revoked_at
        return heard if heard and revoked and heard > revoked else None

    @property
    def knows_people(self) -> bool:
        """Was it paired, and has not heard yet that it was revoked?"""
        return self.state == "revoked" and bool(self.device.paired_at) and not self.told_at

    @property
    def is_known(self) -> bool:
        """In use or about to be: neither revoked nor a code that nobody typed."""
        return self.state in {"paired", "waiting", "over"}


def of_event(*, event: Event, now: datetime | None = None) -> list[Phone]:
    """The newest first. Two queries."""
    now = now or timezone.now()
    is_on = not event.cancelled_at and event.starts_at - PEOPLE_COME_FROM <= now < event.ends_at
    devices = event.devices.select_related("created_by").prefetch_related("events")
    devices = devices.annotate(read=Count("scans", Q(scans__event=event))).order_by("-created_at", "-pk")
    return [_phone(event, device, now, is_on) for device in devices]


def near(*, user: User, event: Event) -> QuerySet[Event]:
    """Other events about the same time whose door is hers too: the same phone may serve them."""
    mine = Event.objects.visible_to(user, PERMISSION).filter(published_at__isnull=False, cancelled_at=None)
    when = (event.starts_at - NEAR, event.starts_at + NEAR)
    near = mine.filter(starts_at__range=when, ends_at__gt=timezone.now() - CLOSES_AFTER).exclude(pk=event.pk)
    return near.order_by("starts_at", "pk")[:MOST_OFFERED]


def rename(*, device: Device, name: str) -> Device:
    """What the desk and the answers “already in by …” call it from now on. Error: `invalid` with the field `name`."""
    name = one_line(name)
    if not name or len(name) > LONGEST_NAME:
        sentence = _("Give it a name of at most 80 characters, such as “Main entrance”.")
        raise DeviceError("invalid", sentence, {"name": sentence})
    device.name = name
    device.save(update_fields=["name"])
    return device


def _phone(event: Event, device: Device, now: datetime, is_on: bool) -> Phone:
    events = sorted(device.events.all(), key=lambda one: one.starts_at)
    return Phone(
        device=device,
        others=[one for one in events if one.pk != event.pk],
        until=max(closes_at(one) for one in events),
        read=device.read,
        now=now,
        is_event_on=is_on,
    )
