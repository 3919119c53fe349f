"""Leases: which rows a sender may work on for a moment, the most urgent first, as fast as the routes allow.

Two senders at once never hold the same row. A lease that ran out was certainly not sent, and is free again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from mail.models import Delivery
from mail.services import routes

State = Delivery.State
BATCH = 100
LEASE = timedelta(minutes=2)
NEEDED = ["message", "email", "domain", "name", "personal", "priority", "mail_id", "attempts", "created_at"]
"""What is asked of each row while it is sent; reading less is a tenth of the work."""


@dataclass
class Claim:
    """Some rows leased. Without any, in how many `seconds` a rate lets one go; None when nothing waits for that.

    `troubled` are the domains, and "" for the relay, of whom the last thing heard was no or later; with `is_trial` the
    relay was held, and this is to try it.
    """

    batch: list[Delivery] = field(default_factory=list)
    seconds: float | None = None
    troubled: set[str] = field(default_factory=set)
    is_trial: bool = False


def claim(*, sender: str, relay: str, size: int = BATCH) -> Claim:
    """Lease up to `size` due rows, and take their tokens. While the relay is held, at most one, and only if urgent."""
    now = timezone.now()
    with transaction.atomic():
        gates = routes.Gates.of(relay, now)
        due = Delivery.objects.due(now)
        may_go = due
        if closed := gates.closed:
            may_go = may_go.exclude(domain__in=closed, priority__lt=Delivery.Priority.URGENT)
        if gates.room < 1:
            may_go = may_go.filter(priority=Delivery.Priority.URGENT)
        if connection.features.has_select_for_update_skip_locked:
            may_go = may_go.select_for_update(skip_locked=True, of=("self",))
        keys = gates.take(may_go.values_list("pk", "domain", "priority")[: int(min(size, max(gates.room, 1)))])
        if not keys:
            return Claim(seconds=None if gates.is_shut else gates.seconds(due))
        Delivery.objects.filter(pk__in=keys).update(state=State.LEASED, leased_by=sender, leased_until=now + LEASE)
        batch = list(Delivery.objects.filter(pk__in=keys).only(*NEEDED).order_by("-priority", "pk"))
    return Claim(batch, troubled=gates.troubled, is_trial=gates.is_trial)


def give_back(*, sender: str, relay: str, deliveries: Iterable[Delivery]) -> None:
    """Rows that were claimed and did not go, with their tokens."""
    deliveries = list(deliveries)
    if deliveries:
        mine = Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries])
        _free(mine.filter(leased_by=sender, state=State.LEASED))
        routes.put_back(relay, [delivery.domain for delivery in deliveries])


def give_all_back(*, sender: str) -> None:
    _free(Delivery.objects.filter(leased_by=sender, state=State.LEASED))


def _free(deliveries) -> None:
    deliveries.update(state=State.PENDING, leased_by="", leased_until=None)
