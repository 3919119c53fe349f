"""What newsletters hear from the rooms below."""

from django.dispatch import receiver

from mail.models import Mailing, Suppression
from mail.signals import address_suppressed, mailing_taken_up
from newsletters import tasks
from registrations.models import Registration
from registrations.signals import consents_changed, registration_confirmed


@receiver(registration_confirmed, sender=Registration, dispatch_uid="newsletters.subscribe_registrant")
def subscribe_registrant(sender: type, registration: Registration, **kwargs: object) -> None:
    """Whether she ticked the newsletter is looked up by the worker."""
    tasks.subscribe_registrant.delay_on_commit(registration.pk)


@receiver(consents_changed, sender=Registration, dispatch_uid="newsletters.follow_consents")
def follow_consents(sender: type, **kwargs: object) -> None:
    tasks.follow_consents.delay_on_commit()


@receiver(address_suppressed, sender=Suppression, dispatch_uid="newsletters.end_complained")
def end_complained(sender: type, reason: str, **kwargs: object) -> None:
    if reason == Suppression.Reason.COMPLAINED:
        tasks.follow_consents.delay_on_commit()


@receiver(mailing_taken_up, sender=Mailing, dispatch_uid="newsletters.reopen")
def reopen(sender: type, **kwargs: object) -> None:
    """That a newsletter is on its way once more is found out from its deliveries."""
    tasks.dispatch.delay_on_commit()
