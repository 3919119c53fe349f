"""How long somebody was there, from the scans as they came.

A sighting is a scan that says where a person was (`ScanQuerySet.sightings`). In order of their own time, whatever the
order of arrival, they make stays: an entry opens one, the next exit closes it, an open one lasts to the end of the
event. Stays in the hall and in the online room may overlap: a minute counts once, and only inside the event's hours.
Called after every accepted scan by `checkin`, and by `presence` for the online room; may be repeated without harm.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from events.models import Event, Mode
from registrations.models import Registration, Scan

FIELDS = ["entered_at", "is_inside", "minutes", "changed_at"]


@dataclass(frozen=True)
class Stay:
    """From an entry to the exit after it; `end` is None while it is open."""

    start: datetime
    end: datetime | None


@transaction.atomic
def recompute(registration: Registration) -> Registration:
    """Set `entered_at`, `is_inside` and `minutes` from all scans of `registration`, locked meanwhile."""
    locked = Registration.objects.select_for_update(of=("self",)).select_related("event").get(pk=registration.pk)
    sightings = Scan.objects.filter(registration=locked).sightings().order_by("at", "pk")
    if settle(event=locked.event, registration=locked, sightings=sightings):
        locked.save(update_fields=FIELDS)
    for field in FIELDS:
        setattr(registration, field, getattr(locked, field))
    return registration


def settle(*, event: Event, registration: Registration, sightings: Iterable[Scan]) -> bool:
    """Put what `sightings` (in order of time) say on `registration`, without saving. Was it news?"""
    sightings = list(sightings)
    found = [stay for mode in Mode.values for stay in stays(one for one in sightings if one.mode == mode)]
    presence = (
        min((stay.start for stay in found), default=None),
        any(stay.end is None for stay in found),
        minutes_within(event, found),
    )
    if presence == (registration.entered_at, registration.is_inside, registration.minutes):
        return False
    registration.entered_at, registration.is_inside, registration.minutes = presence
    registration.changed_at = timezone.now()
    return True


def stays(sightings: Iterable[Scan]) -> list[Stay]:
    """The stays of one person in one place. A second entry or exit in a row changes nothing."""
    found: list[Stay] = []
    for sighting in sightings:
        is_open = bool(found) and found[-1].end is None
        if sighting.direction == Scan.Direction.IN and not is_open:
            found.append(Stay(sighting.at, None))
        elif sighting.direction == Scan.Direction.OUT and is_open:
            found[-1] = Stay(found[-1].start, sighting.at)
    return found


def minutes_within(event: Event, found: Iterable[Stay]) -> int:
    """Whole minutes of the union of stays inside the event's hours."""
    seconds, covered_until = 0.0, event.starts_at
    for stay in sorted(found, key=lambda stay: stay.start):
        start = max(stay.start, covered_until)
        end = min(stay.end or event.ends_at, event.ends_at)
        if end > start:
            seconds += (end - start).total_seconds()
            covered_until = end
    return int(seconds // 60)
