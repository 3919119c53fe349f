"""Changing a venue: its name and address stand in the calendars of everybody who goes there.

A new name, street or town is a new place for the events to come at it: their calendar sequence rises and the people
registered are told, as when an event itself moves (`editing`). Called by the staff pages and by loading a programme.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from events.models import Event, EventQuerySet, Venue
from events.signals import event_rescheduled

ADDRESS = {"name", "address", "town"}
"""What a calendar entry says of a venue."""


@transaction.atomic
def update_venue(*, venue: Venue, changes: Mapping[str, Any]) -> Venue:
    """Write `changes` (column to value); tell who goes there when it says another place now."""
    venue = Venue.objects.select_for_update(of=("self",)).get(pk=venue.pk)
    changed = {name: value for name, value in changes.items() if getattr(venue, name) != value}
    for name, value in changed.items():
        setattr(venue, name, value)
    if changed:
        venue.save(update_fields=list(changed))
    if ADDRESS & changed.keys():
        tell_moved(venue)
    return venue


@transaction.atomic
def tell_moved(venue: Venue) -> None:
    """The events to come there are at another place now."""
    held = list(_to_come(venue).select_for_update(of=("self",)).order_by("pk"))
    Event.objects.filter(pk__in=[event.pk for event in held]).update(
        sequence=F("sequence") + 1, changed_at=timezone.now()
    )
    for event in held:
        if event.published_at:
            event_rescheduled.send(Event, event=event)


def people_going(venue: Venue) -> int:
    """How many places are taken at the published events to come there: so many people would be told."""
    taken = _to_come(venue).filter(published_at__isnull=False)
    return taken.aggregate(people=Sum(F("in_person_taken") + F("online_taken")))["people"] or 0


def _to_come(venue: Venue) -> EventQuerySet:
    return Event.objects.upcoming().filter(venue=venue)
