"""What newsletters hear from the rooms below."""

from django.dispatch import receiver

from newsletters import tasks
from registrations.models import Registration
from registrations.signals import registration_confirmed


@receiver(registration_confirmed, sender=Registration, dispatch_uid="newsletters.subscribe_registrant")
def subscribe_registrant(sender: type, registration: Registration, **kwargs: object) -> None:
    """Whether she ticked the newsletter is looked up by the worker."""
    tasks.subscribe_registrant.delay_on_commit(registration.pk)
