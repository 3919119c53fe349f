"""A request that is sent again is answered again, and done once.

A program that got no answer sends its request again with the same `Idempotency-Key`. The key is written down before
the work begins, so that two at once do not both do it; the answer is kept for a day. A refusal is not kept: the same
request may succeed later. Who dies at work leaves a key that may be taken up again after a minute.
Refusals: `in_progress` (ask again shortly), `key_reused` (the same key with another request).
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registrations.models import IdempotentRequest
from registrations.services import RegistrationError

AT_WORK = 0
ABANDONED_AFTER = timedelta(minutes=1)
KEPT_FOR = timedelta(days=1)

Answer = tuple[int, dict[str, Any]]


class InProgressError(RegistrationError):
    retry_after = 2


def once(*, key: str, address: str, body: bytes, work: Callable[[], Answer]) -> Answer:
    """The answer (status, body) of `work`, done once for `key` at this address."""
    known = _take_up(_digest(address.encode(), key.encode()), _digest(address.encode(), body))
    if known.status != AT_WORK:
        return known.status, known.body
    try:
        with transaction.atomic():
            known.status, known.body = work()
            known.save(update_fields=["status", "body"])
    except BaseException:
        known.delete()
        raise
    return known.status, known.body


def forget_old() -> None:
    IdempotentRequest.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()


def _take_up(key: str, request: str) -> IdempotentRequest:
    """Our own new row, or the kept answer to the same request."""
    now = timezone.now()
    IdempotentRequest.objects.filter(key=key, status=AT_WORK, created_at__lt=now - ABANDONED_AFTER).delete()
    try:
        with transaction.atomic():
            return IdempotentRequest.objects.create(
                key=key, request_fingerprint=request, status=AT_WORK, body={}, created_at=now
            )
    except IntegrityError:
        known = IdempotentRequest.objects.filter(key=key).first()
    if known and known.request_fingerprint != request:
        sentence = _("This key was used for another request.")
        raise RegistrationError("key_reused", sentence, {"Idempotency-Key": sentence})
    if known is None or known.status == AT_WORK:
        raise InProgressError("in_progress", _("The same request is being worked on: ask again in a moment."))
    return known


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\x00".join(parts)).hexdigest()
