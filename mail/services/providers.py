"""What a mail provider says, in django-anymail's words: what that is in ours, and which delivery it is about.

A provider sees all mail of its account, not only ours. A notice counts only when it names a message of ours, by its
Message-ID or by the mark that went along for providers who put their own in its place (`mail.marks`), and the very
address that it went to. What it says of opening and clicking is not listened to: nobody's reading is watched here.
"""

import logging
from typing import Any

from anymail.signals import EventType, RejectReason
from django.db import transaction

from core.addresses import normalise_email
from mail import bounces
from mail.marks import MARK
from mail.models import Delivery, Feedback
from mail.services import feedback

log = logging.getLogger(__name__)
Kind = Feedback.Kind
TAKEN = {EventType.QUEUED, EventType.SENT, EventType.DEFERRED}
"""The provider has the message and says nothing yet about how it ends."""
KINDS = {EventType.DELIVERED: Kind.ARRIVED, EventType.COMPLAINED: Kind.COMPLAINT, EventType.FAILED: Kind.BLOCKED}
NOT_EVEN_TRIED = {
    RejectReason.INVALID: Kind.HARD,
    RejectReason.BOUNCED: Kind.HARD,
    RejectReason.SPAM: Kind.COMPLAINT,
}
"""What the provider refused to send, because of what it knows of the address; the rest it blocked because of us."""
OWN_WORDS = {
    "Brevo": {"hard_bounce": Kind.HARD, "invalid_email": Kind.HARD, "soft_bounce": Kind.SOFT},
    "Postmark": {"HardBounce": Kind.HARD, "SoftBounce": Kind.SOFT, "VirusNotification": Kind.BLOCKED},
    "Mailgun": {
        "bounce": Kind.HARD, "suppress-bounce": Kind.HARD,
        "suppress-complaint": Kind.COMPLAINT, "suppress-unsubscribe": Kind.BLOCKED,
    },
    "Mailjet": {
        "user unknown": Kind.HARD, "mailbox inactive": Kind.HARD, "invalid domain": Kind.HARD,
        "no mail host": Kind.HARD, "quota exceeded": Kind.SOFT,
    },
}  # fmt: skip
"""How a provider calls what anymail calls a bounce. Of other words the status alone counts, which a server gave it."""


@transaction.atomic
def take(*, provider: str, event: Any) -> bool:
    """Do what one notice proves. False when it is not about mail of ours, or says nothing that counts."""
    kind = _kind(provider, event)
    if kind is None:
        return False
    delivery = _delivery(event)
    if delivery is None:
        log.info("a notice of %s about no mail of ours", provider)
        return False
    if not kind:
        feedback.settle(delivery=delivery)
        return True
    said = _said(event)
    feedback.record(
        delivery=delivery, kind=kind, source=Feedback.Source.WEBHOOK, status=bounces.status_in(said), detail=said
    )
    return True


def _kind(provider: str, event: Any) -> str | None:
    """Empty where the message is only on its way, None where the notice is about something else."""
    if event.event_type in TAKEN:
        return ""
    if event.event_type == EventType.REJECTED:
        return NOT_EVEN_TRIED.get(event.reject_reason, Kind.BLOCKED)
    if event.event_type == EventType.BOUNCED:
        return _bounce(provider, event)
    return KINDS.get(event.event_type)


def _bounce(provider: str, event: Any) -> str:
    """Soft when the provider says so; what it calls hard is judged by the status that the other server gave."""
    kind = OWN_WORDS.get(provider, {}).get(_word(provider, event.esp_event))
    status = bounces.status_in(_said(event))
    return bounces.kind_of(status) if kind in (None, Kind.HARD) and (status or not kind) else kind


def _word(provider: str, raw: Any) -> str:
    inner = raw.get("event-data")
    where = {"Brevo": raw.get("event"), "Postmark": raw.get("Type"), "Mailjet": raw.get("error")}
    return str(inner.get("reason") if isinstance(inner, dict) else where.get(provider))


def _said(event: Any) -> str:
    said = event.mta_response or event.description or ""
    return bounces.one_line(str(said))


def _delivery(event: Any) -> Delivery | None:
    marks = event.metadata if isinstance(event.metadata, dict) else {}
    ids = {f"<{bounces.one_line(str(one)).strip('<>')}>" for one in (event.message_id, marks.get(MARK)) if one}
    delivery = Delivery.objects.filter(mail_id__in=ids).first() if ids else None
    is_hers = delivery and delivery.email and delivery.email == normalise_email(str(event.recipient or ""))
    return delivery if is_hers else None
