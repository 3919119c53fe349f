"""What the worker does for registrations: each task calls one rule and may run twice."""

from celery import shared_task


@shared_task(name="registrations.keep_places_moving")
def keep_places_moving() -> None:
    """Every minute: places that nobody confirmed or accepted become free, free places are offered to who waits."""
    from registrations.services import expiring, waiting_list

    expiring.expire()
    waiting_list.serve_all()


@shared_task(name="registrations.make_certificate")
def make_certificate(pk: int) -> None:
    """Make the PDF of a certificate and owe its mail."""
    from registrations.models import Certificate
    from registrations.services import certificates

    certificates.make_pdf(certificate=Certificate.objects.get(pk=pk))


@shared_task(name="registrations.issue_owed_certificates")
def issue_owed_certificates() -> None:
    """Every ten minutes: issue after the events that ended, and look after PDFs that were forgotten."""
    from registrations.services import certificates

    certificates.issue_owed()
    certificates.ring_for_forgotten()


@shared_task(name="registrations.tell_changes")
def tell_changes(event_id: int | None = None) -> None:
    """After an event moved or was cancelled, and every few minutes in case that call was lost."""
    from registrations.services import notices

    if notices.tell_changes_of_events(event_id):
        tell_changes.delay(event_id)


@shared_task(name="registrations.send_invitations")
def send_invitations() -> None:
    """After a list was brought in, and every few minutes: of events that were published since, or a lost message."""
    from registrations.services import inviting

    if inviting.send_owed() == inviting.AT_ONCE:
        send_invitations.delay()


@shared_task(name="registrations.send_links")
def send_links() -> None:
    """After somebody asked for her links, and every minute in case that call was lost."""
    from registrations.services import lost_links

    lost_links.answer_owed()


@shared_task(name="registrations.forget")
def forget() -> None:
    """What is kept no longer."""
    from registrations.services import erasing, retention

    retention.forget()
    erasing.finish()


@shared_task(name="registrations.send_planned")
def send_planned() -> None:
    """Every minute: reminders before events and thanks after them, a batch at a time."""
    from registrations.services import reminding

    if reminding.owe_due():
        send_planned.delay()


@shared_task(name="registrations.recount")
def recount(event_id: int | None = None) -> None:
    """After hours, agenda or a rule changed; every few minutes in case that call was lost, and after a night."""
    from registrations.services import recounting

    recounting.count_owed(event_id)
    if event_id is None:
        recounting.end_the_night()
