"""What a participant's path hears from the rooms below: an event moved, will not be held, or has more places."""

from django.dispatch import receiver

from events.signals import capacity_raised, event_cancelled, event_rescheduled
from registrations import tasks


@receiver([event_rescheduled, event_cancelled], dispatch_uid="registrations.tell_changes")
def tell_participants(sender, event, **kwargs):
    tasks.tell_changes.delay_on_commit(event.pk)


@receiver(capacity_raised, dispatch_uid="registrations.serve_waiting")
def serve_who_waits(sender, event, **kwargs):
    tasks.keep_places_moving.delay_on_commit()
