"""A message in doubt was handed over and nobody knows whether it was taken: a person decides what becomes of it.

The connection broke, or the sender died, between the last byte and the answer. Sending again may give somebody two
copies, leaving it may give her none; so nothing happens by itself, and what can be known is shown beside each name. Who
decides is written down for good. A doubt that is left stays in the state "in doubt", so that the sums of a newsletter
add up; it only is no open doubt any more. Two people may decide at once: the first word counts.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from mail.composing import BODIES
from mail.models import Delivery, Feedback, Mailing, Suppression
from mail.services import MailError, outbox
from mail.services.retention import NAMES_IN_NEWSLETTERS
from mail.signals import mailing_taken_up

Kind = Feedback.Kind


def open_doubts(mailing: Mailing | None = None) -> QuerySet[Delivery]:
    """What waits for a word, of everything or of one mailing, with what came back about it."""
    left = Feedback.objects.filter(delivery=OuterRef("pk"), kind=Kind.LEAVE)
    waiting = Delivery.objects.filter(~Exists(left), is_in_doubt=True).exclude(email="")
    waiting = waiting.exclude(reason__startswith=outbox.TAKEN_BACK)
    if mailing is not None:
        waiting = waiting.filter(message__mailing=mailing)
    waiting = waiting.select_related("message__mailing").defer(*BODIES)
    return waiting.prefetch_related("feedback").order_by("handed_at", "pk")


def sent_again() -> Exists:
    """The condition of a delivery that was in doubt and is to be sent again, or was: it may have arrived before."""
    return Exists(Feedback.objects.filter(delivery=OuterRef("pk"), kind=Kind.SEND_AGAIN))


@transaction.atomic
def send_again(*, delivery: Delivery, by: Any) -> Delivery:
    """Owe it once more: the same bytes under the same Message-ID, so that a mail store may recognise a second copy.

    Errors `decided`, `stopped`, `forgotten`, `suppressed`.
    """
    kept = _undecided(delivery)
    mailing = kept.message.mailing
    if mailing and mailing.state == Mailing.State.CANCELLED:
        raise MailError("stopped", _("This mailing was stopped for good: nothing of it leaves any more."))
    if mailing and kept.created_at < timezone.now() - NAMES_IN_NEWSLETTERS:
        raise MailError("forgotten", _("Names and links of this copy have been deleted: it cannot be sent again."))
    if mailing and Suppression.objects.filter(email=kept.email).exists():
        raise MailError("suppressed", _("Nothing is sent to this address any more."))
    _write_down(kept, Kind.SEND_AGAIN, by)
    kept.state, kept.reason, kept.not_before = Delivery.State.PENDING, "", timezone.now()
    kept.leased_by, kept.leased_until = "", None
    kept.save(update_fields=["state", "reason", "not_before", "leased_by", "leased_until"])
    outbox.wake()
    if mailing:
        mailing_taken_up.send(Mailing, mailing=mailing)
    return kept


@transaction.atomic
def leave(*, delivery: Delivery, by: Any, detail: str = "") -> Delivery:
    """It arrived, or shall not be repeated: never sent again. Error `decided`."""
    kept = _undecided(delivery)
    _write_down(kept, Kind.LEAVE, by, detail)
    return kept


def decide_all(*, deliveries: Iterable[Delivery], again: bool, by: Any, detail: str = "") -> int:
    """The same word about each; those that somebody decided meanwhile, or that cannot leave, stay as they are.

    Returns how many were decided.
    """
    decided = 0
    for delivery in deliveries:
        try:
            if again:
                send_again(delivery=delivery, by=by)
            else:
                leave(delivery=delivery, by=by, detail=detail)
        except MailError:
            continue
        decided += 1
    return decided


def _undecided(delivery: Delivery) -> Delivery:
    """The row, locked, when it still waits for a word."""
    kept = Delivery.objects.select_for_update(of=("self",)).select_related("message__mailing").get(pk=delivery.pk)
    is_left = kept.reason.startswith(outbox.TAKEN_BACK) or kept.feedback.filter(kind=Kind.LEAVE).exists()
    if kept.state != Delivery.State.UNCERTAIN or is_left:
        raise MailError("decided", _("Somebody has decided this already."))
    return kept


def _write_down(delivery: Delivery, kind: str, by: Any, detail: str = "") -> None:
    """One word a doubt: the digest counts the doubts that this delivery has been in."""
    earlier = delivery.feedback.filter(kind=Kind.SEND_AGAIN).count()
    Feedback.objects.create(
        delivery=delivery,
        email=delivery.email,
        kind=kind,
        source=Feedback.Source.PERSON,
        detail=detail[:250],
        by=str(by)[:150],
        digest=hashlib.sha256(f"doubt:{delivery.pk}:{earlier}".encode()).hexdigest(),
    )
