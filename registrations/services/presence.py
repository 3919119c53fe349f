"""Attendance of who takes part online: from the person's own page, as scans without a device.

A sign of life (opening the room, the page's heartbeat, the button "I am still here") says that she is there, and covers
half an hour from then; leaving ends it at once. Each stretch is one pair of scans, in and out, whose out moves on with
every sign of life, so that two open pages or a lost message change nothing. Minutes are counted by `attendance`.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.tokens import link_token
from events.models import Event, Mode
from registrations.models import Registration, Scan
from registrations.services import RegistrationError, attendance

OPENS_BEFORE = timedelta(minutes=30)
COVERS = timedelta(minutes=30)


def is_open(event: Event, now: datetime | None = None) -> bool:
    """The room opens half an hour before the start and closes with the event."""
    now = now or timezone.now()
    return not event.cancelled_at and event.starts_at - OPENS_BEFORE <= now < event.ends_at


@transaction.atomic
def stay(*, registration: Registration, now: datetime | None = None) -> Registration:
    """She is in the online room now. Raises `closed` outside its hours, `invalid` for who is not registered online."""
    now = now or timezone.now()
    registration = _held(registration)
    if registration.state != Registration.State.CONFIRMED or registration.mode != Mode.ONLINE:
        raise RegistrationError("invalid", _("You are not registered to take part online."))
    if not is_open(registration.event, now):
        raise RegistrationError("closed", _("The online room is open only around the hours of the event."))
    until = min(now + COVERS, registration.event.ends_at)
    end = _current_end(registration, now)
    if end:
        _move(end, max(end.at, until))
    else:
        Scan.objects.bulk_create(
            [_scan(registration, Scan.Direction.IN, now), _scan(registration, Scan.Direction.OUT, until)]
        )
    attendance.recompute(registration)
    return registration


@transaction.atomic
def leave(*, registration: Registration, now: datetime | None = None) -> Registration:
    """She leaves the online room. Nothing happens when she is not in it."""
    now = now or timezone.now()
    registration = _held(registration)
    end = _current_end(registration, now)
    if end:
        _move(end, now)
        attendance.recompute(registration)
    return registration


def present_until(registration: Registration) -> datetime | None:
    """Until when she counts as present without another sign of life; None when she is not in the room."""
    end = _current_end(registration, timezone.now())
    return end.at if end else None


def _held(registration: Registration) -> Registration:
    return Registration.objects.select_for_update(of=("self",)).select_related("event").get(pk=registration.pk)


def _current_end(registration: Registration, now: datetime) -> Scan | None:
    ends = registration.scans.filter(direction=Scan.Direction.OUT, mode=Mode.ONLINE, at__gt=now)
    return ends.order_by("-at").first()


def _move(end: Scan, at: datetime) -> None:
    end.at = at
    end.save(update_fields=["at"])


def _scan(registration: Registration, direction: str, at: datetime) -> Scan:
    return Scan(
        event=registration.event,
        registration=registration,
        nonce=f"online-{link_token()}",
        mode=Mode.ONLINE,
        direction=direction,
        status=Scan.Status.OK,
        at=at,
    )
