"""All that is known of the mail to one address: what was sent, what became of it, what came back, who decided what.

The staff's page shows subjects of newsletters only. That somebody registered for an event, or logs in, is for others to
know: of such mail the kind and its fate are shown, enough to help when "nothing arrives".
"""

from dataclasses import dataclass
from datetime import datetime

from mail.composing import BODIES
from mail.emails import KINDS
from mail.models import Delivery, Feedback, Suppression
from mail.pages import HIDDEN, subject_of

SHOWN = 100
WITH_REASON = {Delivery.State.PENDING, Delivery.State.FAILED, Delivery.State.UNCERTAIN}


@dataclass(frozen=True)
class Sent:
    """One mail. `subject` is empty where the page may not say it; `is_previewed` where the kind has a preview."""

    delivery: Delivery
    at: datetime
    subject: str
    is_login: bool
    is_previewed: bool
    reason: str
    notices: list[Feedback]


@dataclass(frozen=True)
class History:
    suppression: Suppression | None
    mails: list[Sent]
    decisions: list[Feedback]
    has_doubts: bool


def of(email: str) -> History:
    """The newest `SHOWN` mails first."""
    deliveries = Delivery.objects.filter(email=email).select_related("message").defer(*BODIES)
    deliveries = deliveries.prefetch_related("feedback")
    mails = [_sent(delivery) for delivery in deliveries.order_by("-created_at", "-pk")[:SHOWN]]
    return History(
        suppression=Suppression.objects.filter(email=email).first(),
        mails=mails,
        decisions=list(Feedback.objects.filter(email=email, delivery=None)),
        has_doubts=any(mail.delivery.state == Delivery.State.UNCERTAIN for mail in mails),
    )


def _sent(delivery: Delivery) -> Sent:
    message, notices = delivery.message, list(delivery.feedback.all())
    is_newsletter = message.mailing_id is not None or message.kind.startswith("newsletters.")
    is_told = any(notice.detail == delivery.reason for notice in notices)
    return Sent(
        delivery=delivery,
        at=delivery.sent_at or delivery.created_at,
        subject=subject_of(delivery) if is_newsletter else "",
        is_login=message.kind.startswith(HIDDEN),
        is_previewed=message.kind in KINDS,
        reason="" if is_told or delivery.state not in WITH_REASON else delivery.reason,
        notices=notices,
    )
