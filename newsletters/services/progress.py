"""How far a newsletter is: counts of its deliveries, nothing remembered.

Every candidate that was frozen has one row in one state, so the numbers always add up.
"""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils.functional import Promise

from mail.models import Delivery
from newsletters.models import Newsletter
from newsletters.services import audiences

OPEN = [Delivery.State.PENDING, Delivery.State.LEASED, Delivery.State.SENDING]
"""Deliveries of which we do not know yet how they end."""
SHOWN = 200


@dataclass(frozen=True)
class Progress:
    """How far it is, counted from the deliveries."""

    by_state: Counter
    left_out: dict[str, int]

    @property
    def candidates(self) -> int:
        return self.by_state.total()

    @property
    def left_out_total(self) -> int:
        return self.by_state[Delivery.State.EXCLUDED]

    @property
    def recipients(self) -> int:
        return self.candidates - self.left_out_total

    @property
    def sent(self) -> int:
        return self.by_state[Delivery.State.SENT]

    @property
    def failed(self) -> int:
        return self.by_state[Delivery.State.FAILED]

    @property
    def uncertain(self) -> int:
        return self.by_state[Delivery.State.UNCERTAIN]

    @property
    def still_open(self) -> int:
        return sum(self.by_state[state] for state in OPEN)

    @property
    def per_cent(self) -> int:
        """Share of the recipients about whom all is known."""
        return 100 if not self.recipients else (self.recipients - self.still_open) * 100 // self.recipients

    @property
    def reasons(self) -> list[tuple[int, str | Promise]]:
        return [(number, audiences.REASONS.get(reason, reason)) for reason, number in self.left_out.items()]


def of(newsletter: Newsletter) -> Progress:
    """In one query."""
    rows = (
        Delivery.objects.filter(message__mailing=newsletter.mailing_id)
        .values_list("state", "reason")
        .annotate(number=Count("pk"))
        .order_by("state", "reason")
    )
    by_state, left_out = Counter(), {}
    for state, reason, number in rows:
        by_state[state] += number
        if state == Delivery.State.EXCLUDED:
            left_out[reason] = number
    return Progress(by_state, left_out)


def troubled(newsletter: Newsletter) -> QuerySet[Delivery]:
    """Who did not get it although she should have: refused, or in doubt."""
    return Delivery.objects.filter(
        message__mailing=newsletter.mailing_id, state__in=[Delivery.State.FAILED, Delivery.State.UNCERTAIN]
    ).order_by("state", "email")[:SHOWN]
