"""What a participant's path hears from the rooms below: an event moved, will not be held, has more places, or counts
presence otherwise."""

from django.dispatch import receiver

from events.signals import capacity_raised, event_cancelled, event_rescheduled, recount_owed
from registrations import tasks


@receiver([event_rescheduled, event_cancelled], dispatch_uid="registrations.tell_changes")
def tell_participants(sender, event, **kwargs):
    tasks.tell_changes.delay_on_commit(event.pk)


@receiver(capacity_raised, dispatch_uid="registrations.serve_waiting")
def serve_who_waits(sender, event, **kwargs):
    tasks.keep_places_moving.delay_on_commit()


@receiver(recount_owed, dispatch_uid="registrations.recount")
def count_presence_anew(sender, event, **kwargs):
    tasks.recount.delay_on_commit(event.pk)
