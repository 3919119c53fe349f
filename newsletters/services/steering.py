"""A newsletter that is leaving, held, let go on, or stopped.

Each takes the newsletter's row first: one that is being frozen in this moment is waited for. What the worker is handing
over while somebody presses the button still arrives; everything behind it obeys.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mail.models import Delivery, Mailing
from mail.services import doubts, outbox
from newsletters.models import Newsletter
from newsletters.services import NewsletterError, approving, scheduling

State = Newsletter.State
NOT_SENDING = {
    State.DRAFT: _("“%(subject)s” is a draft: schedule it or send it first."),
    State.CHECKED: _("“%(subject)s” is not scheduled yet: schedule it or send it first."),
    State.APPROVED: _("“%(subject)s” is not scheduled yet: schedule it or send it first."),
    State.SCHEDULED: _("“%(subject)s” has not left yet. To hold it back, cancel it: it becomes a draft again."),
    State.SENT: _("“%(subject)s” has been sent already: nothing is left to stop."),
    State.CANCELLED: _("“%(subject)s” was stopped: nothing more leaves, unless you send it to who was left out."),
}


def pause(*, newsletter: Newsletter) -> None:
    """Nothing more leaves until `resume`; a message being handed over in this moment still does."""
    _steer(newsletter, Mailing.State.PAUSED)


def resume(*, newsletter: Newsletter) -> None:
    """Goes on. Error `needs_approval`: it was corrected, and a second person has to say yes first."""
    _steer(newsletter, Mailing.State.RUNNING)


@transaction.atomic
def cancel(*, newsletter: Newsletter) -> None:
    """Stop. Who has not got it yet is left out, with that reason; whose copy was in doubt and not sent again
    yet is in doubt as before. One only scheduled is a draft again."""
    if Newsletter.objects.locked(newsletter.pk).state == State.SCHEDULED:
        scheduling.unschedule(newsletter=newsletter)
        return
    _steer(newsletter, Mailing.State.CANCELLED)
    copies = Delivery.objects.filter(message__mailing=newsletter.mailing)
    not_gone = Delivery.objects.filter(state__in=[Delivery.State.PENDING, Delivery.State.LEASED])
    sent_again = copies.filter(doubts.sent_again()).values("pk")
    not_gone.filter(pk__in=sent_again).update(state=Delivery.State.UNCERTAIN, reason="")
    outbox.take_back(copies, reason=Mailing.State.CANCELLED)
    Newsletter.objects.filter(pk=newsletter.pk, state=State.SENDING).update(state=State.CANCELLED)
    newsletter.refresh_from_db()


@transaction.atomic
def _steer(newsletter: Newsletter, state: str) -> None:
    kept = Newsletter.objects.locked(newsletter.pk)
    if kept.state != State.SENDING:
        raise NewsletterError("not_sending", NOT_SENDING[kept.state] % {"subject": kept.title})
    if state == Mailing.State.RUNNING:
        approving.must_be_approved(kept)
    outbox.set_mailing_state(kept.mailing, state)
    Newsletter.objects.filter(pk=kept.pk).update(changed_at=timezone.now())
    newsletter.refresh_from_db()
