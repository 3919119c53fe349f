"""When the outbox is emptied. Both tasks may run twice, at once, or be lost: the rows say what is owed."""

from celery import shared_task

SECONDS_A_RUN = 20


@shared_task(name="mail.drain", expires=25)
def drain(is_patient: bool = True) -> None:
    """Send what is due; when time is up, make room for other tasks and go on in a new one.

    A call that finds no worker free is forgotten: the timetable calls again, and other tasks need not queue behind.
    """
    from mail.services import sending

    if sending.drain(seconds=SECONDS_A_RUN, is_patient=is_patient):
        drain.delay()


@shared_task(name="mail.settle")
def settle() -> None:
    """Look after messages whose sender died."""
    from mail.services import sending

    sending.settle_interrupted()


@shared_task(name="mail.forget")
def forget() -> None:
    """What is kept no longer of mails that left long ago."""
    from mail.services import retention

    retention.forget()


@shared_task(name="mail.fetch_returns")
def fetch_returns() -> None:
    """Take what came back into the bounce mailbox, where one is set."""
    from mail.services import returns

    returns.fetch()
