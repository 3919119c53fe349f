"""Mail that came back to us: which of it is genuine, and what it tells about which delivery.

A report is believed when it came to, or names, the signed sender of one copy (`mail.envelope`). One without is believed
only when it returns a Message-ID of ours, which nobody can guess, and names the very address that copy went to.
Everything else, forged or not understood, changes nothing. The same report twice is once (`feedback`). Called for
every message of the mailbox (`fetch`, by the timetable), any number of times, by several workers at once.
"""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, transaction
from django.utils import timezone

from mail import bounces
from mail.envelope import delivery_of
from mail.mailbox import Mailbox, MailboxError
from mail.models import Delivery, Feedback
from mail.services import feedback

log = logging.getLogger(__name__)
Kind = Feedback.Kind
RECORDED, KNOWN, UNPROVEN, AUTOMATIC, OTHER = "recorded", "nothing new", "unproven", "automatic", "other"
UNDERSTOOD = {RECORDED, KNOWN, AUTOMATIC}
LOOKED = "mail.mailbox"
A_RUN = 200
"""Messages taken in one run; the next one goes on."""


@dataclass(frozen=True)
class MailboxState:
    """How the last look into the mailbox went. `error` is empty when it was well."""

    looked_at: datetime
    error: str


def mailbox_state() -> MailboxState | None:
    """None where no mailbox is set, or nobody has looked into it yet."""
    return cache.get(LOOKED) if settings.BOUNCE_MAILBOX else None


def fetch() -> Counter:
    """Take what is new in the mailbox: how many messages were what. Nothing where no mailbox is set.

    What was understood is marked as read. The rest stays unread and gets a flag, for a person, and is not taken again.
    When this dies on the way, the same messages are taken again and change nothing.
    """
    counted: Counter = Counter()
    if not settings.BOUNCE_MAILBOX:
        return counted
    error = ""
    try:
        with Mailbox(settings.BOUNCE_MAILBOX) as mailbox:
            for number, content in mailbox.unread(A_RUN):
                what = _taken(content)
                counted[what] += 1
                (mailbox.mark_read if what in UNDERSTOOD else mailbox.mark_for_a_person)(number)
    except MailboxError as failed:
        error = str(failed)
        log.warning("bounce mailbox: %s", error)
    cache.set(LOOKED, MailboxState(timezone.now(), error), timeout=None)
    if counted:
        log.info("bounce mailbox: %s", ", ".join(f"{number} {what}" for what, number in sorted(counted.items())))
    feedback.settle_known()
    return counted


def _taken(content: bytes) -> str:
    """One that cannot be taken must not stop those behind it; a database that is away stops them all."""
    try:
        return take(content)
    except OperationalError:
        raise
    except Exception:
        log.exception("a message of the bounce mailbox cannot be taken")
        return OTHER


@transaction.atomic
def take(content: bytes) -> str:
    """One message that came back: do what it proves, and say in one word what it was."""
    mail = bounces.parse(content)
    report = bounces.read(mail)
    if report is None:
        return AUTOMATIC if bounces.is_automatic(mail) else OTHER
    signed = next((found for address in report.addresses if (found := delivery_of(address))), None)
    delivery = signed or _named(report.mail_id)
    if delivery is None or not delivery.email:
        return UNPROVEN
    outcomes = {_take_notice(delivery, notice, is_signed=signed is not None) for notice in report.notices}
    return next(one for one in (RECORDED, KNOWN, UNPROVEN) if one in outcomes)


def _named(mail_id: str) -> Delivery | None:
    return Delivery.objects.filter(mail_id=mail_id).first() if mail_id else None


def _take_notice(delivery: Delivery, notice: bounces.Notice, *, is_signed: bool) -> str:
    names_her = delivery.email in notice.recipients
    if not is_signed and not names_her:
        return UNPROVEN
    kind = notice.kind
    if kind == Kind.HARD and not names_her:
        kind = Kind.SOFT  # it was forwarded, and an address behind hers is no good
    if not kind:
        feedback.settle(delivery=delivery)
        return KNOWN
    is_new = feedback.record(
        delivery=delivery, kind=kind, source=Feedback.Source.MAILBOX, status=notice.status, detail=notice.detail
    )
    return RECORDED if is_new else KNOWN
