"""What the staff see of the post office at this moment: does mail leave, what waits, where and how fast.

Only read here; who changes a rate or ends a hold calls `routes`, who decides about a doubt `doubts`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q
from django.utils import timezone

from core.addresses import normalise_email
from mail.models import Delivery, Mailing, Route
from mail.services import doubts, routes

State = Delivery.State
LOOK_BACK = timedelta(days=30)
STUCK_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class Office:
    relay: Route
    sent: int
    """In the last hour."""
    last_sent_at: datetime | None
    """Within the last hour."""
    waiting: int
    overdue: int
    """Should have left ten minutes ago, and no hold and no pause says why they did not."""
    paused: int
    """Of newsletters that somebody has paused."""
    refused: int
    """In the last thirty days."""
    in_doubt: int
    holds: list[Route]
    """The domains where mail waits."""
    rates: list[Route]
    """The domains with a rate of their own."""

    @property
    def is_held(self) -> bool:
        return bool(self.relay.held_until) and self.relay.held_until > timezone.now()

    @property
    def is_stuck(self) -> bool:
        """Mail should leave and does not: as a rule no worker runs."""
        has_rested = self.last_sent_at is None or self.last_sent_at < timezone.now() - STUCK_AFTER
        return bool(self.overdue) and has_rested and not self.is_held


def now() -> Office:
    """In six queries, however much mail there is."""
    moment = timezone.now()
    relay = routes.relay_state()
    behind = Route.objects.filter(relay=relay.relay).exclude(domain="").order_by("domain")
    known = list(behind.filter(Q(held_until__gt=moment) | Q(per_minute__isnull=False)))
    is_paused = Q(message__mailing__state=Mailing.State.PAUSED)
    still_open = Delivery.objects.filter(is_open=True)
    holds = [route for route in known if route.held_until and route.held_until > moment]
    counts = still_open.aggregate(waiting=Count("pk", filter=~is_paused), paused=Count("pk", filter=is_paused))
    overdue = Delivery.objects.due(moment).filter(not_before__lt=moment - STUCK_AFTER)
    left = Delivery.objects.filter(state=State.SENT, sent_at__gt=moment - timedelta(hours=1))
    return Office(
        relay=relay,
        refused=Delivery.objects.filter(state=State.FAILED, created_at__gt=moment - LOOK_BACK).count(),
        in_doubt=doubts.open_doubts().count(),
        overdue=overdue.exclude(domain__in=[route.domain for route in holds]).count(),
        holds=holds,
        rates=[route for route in known if route.per_minute],
        **counts,
        **left.aggregate(sent=Count("pk"), last_sent_at=Max("sent_at")),
    )


def newest_to(address: str) -> Delivery | None:
    """The last mail to one address, by which its history is found."""
    return Delivery.objects.filter(email=normalise_email(address)).order_by("-pk").first()
