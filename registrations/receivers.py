"""What a participant's path hears from the rooms below: an event moved, or will not be held."""

from django.dispatch import receiver

from events.signals import event_cancelled, event_rescheduled
from registrations import tasks


@receiver([event_rescheduled, event_cancelled], dispatch_uid="registrations.tell_changes")
def tell_participants(sender, event, **kwargs):
    tasks.tell_changes.delay_on_commit(event.pk)
