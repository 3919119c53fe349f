"""What the timetable does for newsletters. Each may run twice, at once, or be lost: the rows say what is owed."""

from celery import shared_task


@shared_task(name="newsletters.subscribe_registrant")
def subscribe_registrant(registration_pk: int) -> None:
    """Who ticked the newsletter while registering."""
    from newsletters.services import subscriptions
    from registrations.models import Registration

    registration = Registration.objects.filter(pk=registration_pk).first()
    if registration:
        subscriptions.add_from_registration(registration=registration)


@shared_task(name="newsletters.follow_consents")
def follow_consents() -> None:
    """What people ticked or took back on their registration's page, and who reported us as unwanted; and who was lost
    on the way to the task above."""
    from newsletters.services import complaints, subscriptions

    subscriptions.add_owed()
    subscriptions.end_withdrawn()
    complaints.end_complained()


@shared_task(name="newsletters.dispatch")
def dispatch() -> None:
    """Start what is due, open what is owed again, and close what has all been sent."""
    from newsletters.services import sending

    sending.dispatch_due()
    sending.reopen_owed()
    sending.finish_sent()


@shared_task(name="newsletters.import_lists")
def import_lists() -> None:
    """Bring in the lists that somebody has agreed to."""
    from newsletters.services import brought_lists

    brought_lists.import_agreed()


@shared_task(name="newsletters.forget")
def forget() -> None:
    """What is kept no longer."""
    from newsletters.services import retention

    retention.forget()
