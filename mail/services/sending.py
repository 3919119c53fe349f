"""Empties the outbox: nobody twice, nobody lost, and what is in doubt has a name.

A sender takes a lease on some rows, brings each message up to its last byte, writes the intent ("sending") and only
then hands it over. A lease that ran out was certainly not sent and is free again. An intent whose sender died is in
doubt: service mail goes again under the same Message-ID, a newsletter waits for a person's word. Any number of workers
may run this at once, on both databases.
"""

import logging
from datetime import timedelta
from time import monotonic

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from core.tokens import link_token
from mail.composing import compose
from mail.models import Delivery, Mailing, Suppression
from mail.transports import Deferred, InDoubt, Refused, Unreachable, transport

log = logging.getLogger(__name__)

BATCH = 50
LEASE = timedelta(minutes=2)
DOUBT_AFTER = timedelta(minutes=11)
"""Longer than the wait for the reply to the last byte."""
LONGEST_WAIT = timedelta(hours=4)


def drain(*, seconds: float) -> bool:
    """Send what is due for at most about `seconds`. Returns whether something due is left."""
    until = monotonic() + seconds
    sender = link_token()
    relay = transport()
    try:
        while monotonic() < until:
            batch = claim(sender)
            if not batch:
                return False
            for delivery in batch:
                send(delivery, sender, relay)
        return True
    except Unreachable as error:
        log.warning("mail relay unreachable: %s", error)
        return False
    finally:
        relay.close()
        _give_back(sender)


def claim(sender: str, size: int = BATCH) -> list[Delivery]:
    """Lease up to `size` due rows, the most urgent first. Two at once never get the same row."""
    now = timezone.now()
    with transaction.atomic():
        due = Delivery.objects.due(now)
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        keys = list(due.values_list("pk", flat=True)[:size])
        Delivery.objects.filter(pk__in=keys).update(
            state=Delivery.State.LEASED, leased_by=sender, leased_until=now + LEASE
        )
    return list(
        Delivery.objects.filter(pk__in=keys, leased_by=sender).select_related("message").order_by("-priority", "pk")
    )


def send(delivery: Delivery, sender: str, relay) -> None:
    """Hand one leased message over and write down what became of it. Raises Unreachable."""
    mine = Delivery.objects.filter(pk=delivery.pk, leased_by=sender)
    try:
        content = compose(delivery)
    except Exception as error:  # a row that cannot be composed must not stop those behind it
        log.exception("delivery %s cannot be composed", delivery.pk)
        mine.update(state=Delivery.State.FAILED, reason=f"composing: {type(error).__name__}")
        return
    try:
        relay.deliver(delivery, content, may_go=lambda: _write_intent(delivery, sender))
    except Deferred as error:
        wait = min(timedelta(minutes=2**delivery.attempts), LONGEST_WAIT)
        mine.update(
            state=Delivery.State.PENDING,
            reason=str(error)[:250],
            not_before=timezone.now() + wait,
            attempts=F("attempts") + 1,
        )
    except Refused as error:
        mine.update(state=Delivery.State.FAILED, reason=str(error)[:250])
    except InDoubt as error:
        mine.update(state=_after_doubt(delivery), reason=str(error)[:250])
    else:
        mine.filter(state=Delivery.State.SENDING).update(state=Delivery.State.SENT, sent_at=timezone.now(), reason="")


def _write_intent(delivery: Delivery, sender: str) -> bool:
    """The last look before the last byte: still ours, still wanted? Then from here on it is in doubt until answered."""
    now = timezone.now()
    may_go = Delivery.objects.filter(
        Q(message__mailing=None) | Q(message__mailing__state=Mailing.State.RUNNING),
        pk=delivery.pk,
        leased_by=sender,
        state=Delivery.State.LEASED,
    )
    if delivery.message.mailing_id:
        may_go = may_go.exclude(email__in=Suppression.objects.values("email"))
    return bool(
        Delivery.objects.filter(pk__in=may_go.values("pk")).update(
            state=Delivery.State.SENDING, leased_until=now + DOUBT_AFTER
        )
    )


def _after_doubt(delivery: Delivery) -> str:
    return Delivery.State.UNCERTAIN if delivery.message.mailing_id else Delivery.State.PENDING


def settle_interrupted() -> int:
    """Whose sender died between the last byte and the answer: newsletters wait for a word, the rest goes again."""
    stranded = Delivery.objects.filter(state=Delivery.State.SENDING, leased_until__lt=timezone.now())
    bulk = stranded.filter(message__mailing__isnull=False).update(state=Delivery.State.UNCERTAIN, reason="interrupted")
    service = stranded.filter(message__mailing=None).update(state=Delivery.State.PENDING, reason="interrupted")
    return bulk + service


def _give_back(sender: str) -> None:
    Delivery.objects.filter(leased_by=sender, state=Delivery.State.LEASED).update(
        state=Delivery.State.PENDING, leased_by="", leased_until=None
    )
