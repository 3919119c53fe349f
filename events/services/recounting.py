"""Hours, agenda, or the rule for who was not seen going out changed: minutes of presence have to be counted anew.

What is owed stands in the event's row until the room above has counted (`Event.recount_owed_at`), so that a lost
message is found again by the timetable. Called by `editing`, `series` and `loading` in the transaction of the change.
"""

from django.utils import timezone

from events.models import Event
from events.signals import recount_owed

COUNTED_BY = {"starts_at", "ends_at", "missing_exit"}
"""Columns of an event by which presence is counted, beside its agenda."""


def owe(event: Event) -> None:
    event.recount_owed_at = timezone.now()
    Event.objects.filter(pk=event.pk).update(recount_owed_at=event.recount_owed_at)
    recount_owed.send(Event, event=event)


def is_done(event: Event) -> None:
    """It was counted as it stood in `event`; what changed meanwhile stays owed."""
    Event.objects.filter(pk=event.pk, recount_owed_at=event.recount_owed_at).update(recount_owed_at=None)
