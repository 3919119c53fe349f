"""How fast mail may leave, and where it has to wait: by relay, and by recipient domain behind it.

A rate is a bucket of tokens in the database, filled by the clock and emptied with the claim in one transaction: it is
shared by all senders and survives a restart. A login code never waits for a token; the others wait longer for it.

A hold is what a server's "later" leads to. A domain that puts off several messages in a row, or over which the relay
hangs up, waits, and the others go on. A relay that cannot be reached, refuses our login or our sender, gives the same
refusal to everybody, or hangs up over several domains in a row, waits as a whole: nobody is marked as failed for it.
Each hold in a row is longer, one message tries whether it is over (and any login code), and what gets through ends it.
Staff see the holds with the server's words, and may end them (`release`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from mail import tasks
from mail.models import Delivery, Route
from mail.transports import transport

FIRST_RELAY_HOLD = timedelta(seconds=15)
LONGEST_RELAY_HOLD = timedelta(minutes=5)
FIRST_DOMAIN_HOLD = timedelta(minutes=1)
LONGEST_DOMAIN_HOLD = timedelta(hours=1)
PUT_OFF_IN_A_ROW = 3
"""So many times "later" in a row hold a domain."""
DOMAINS_BROKEN_OFF_IN_A_ROW = 3
"""Over so many domains a relay may hang up before that is its own trouble."""
DOUBTS_IN_A_ROW = 2
"""So many last bytes without an answer hold the relay: each may be a copy of which nobody knows where it is."""
ASSUMED_A_SECOND = 20
"""Where the last hour tells nothing: what any relay takes."""
LOOKED_AT, ENOUGH_TO_TELL = 1000, 50
URGENT = Delivery.Priority.URGENT


def relay_state() -> Route:
    """The relay in use: its rate and its hold. Not saved when nothing was ever said about it."""
    name = transport().name
    return Route.objects.filter(relay=name, domain="").first() or Route(relay=name)


def held() -> QuerySet[Route]:
    """The relay in use or the domains behind it, where mail waits now."""
    return Route.objects.filter(relay=transport().name, held_until__gt=timezone.now()).order_by("domain")


def set_rate(*, relay: str = "", domain: str = "", per_minute: int | None) -> Route:
    """At most so many messages a minute to `domain`, or in all; None for as many as it takes."""
    route, _is_new = Route.objects.update_or_create(
        relay=relay or transport().name,
        domain=domain.lower(),
        defaults={"per_minute": per_minute, "tokens": 0, "counted_at": timezone.now()},
    )
    return route


def estimate(*, count: int) -> timedelta:
    """How long `count` messages take: by the relay's rate, its hold, and what the last hour really did."""
    relay = relay_state()
    a_second = _last_hours_speed() or ASSUMED_A_SECOND
    if relay.per_minute:
        a_second = min(a_second, relay.per_minute / 60)
    waiting = relay.held_until - timezone.now() if relay.is_held else timedelta()
    return waiting + timedelta(seconds=count / a_second)


def _last_hours_speed() -> float | None:
    """Messages a second, of the newsletter copies sent last. None when there were too few to tell."""
    recent = Delivery.objects.filter(state=Delivery.State.SENT, priority=Delivery.Priority.BULK)
    moments = list(recent.order_by("-pk").values_list("sent_at", flat=True)[:LOOKED_AT])
    moments = [moment for moment in moments if moment > timezone.now() - timedelta(hours=1)]
    if len(moments) < ENOUGH_TO_TELL:
        return None
    return len(moments) / max((max(moments) - min(moments)).total_seconds(), 0.001)


def release(*, route: Route) -> None:
    """A person ends a hold; the next message tries at once."""
    Route.objects.filter(pk=route.pk).update(held_since=None, held_until=None, failures=0, reason="")
    tasks.drain.delay_on_commit(is_patient=False)


@dataclass
class Gate:
    """A Route for the length of one claim: how many messages it still lets through."""

    route: Route
    now: datetime

    def __post_init__(self):
        route = self.route
        self.is_held = bool(route.held_until) and route.held_until > self.now
        self.tries = 1 if route.held_until else inf
        if route.per_minute:
            passed = max(0.0, (self.now - route.counted_at).total_seconds())
            self.tokens = min(max(1.0, route.per_minute / 60), route.tokens + passed * route.per_minute / 60)
        else:
            self.tokens = inf

    @property
    def room(self) -> int | float:
        return 0 if self.is_held else min(self.tries, max(0.0, self.tokens))

    @property
    def seconds(self) -> float:
        """Until the next token."""
        return max(0.0, (1 - self.tokens) * 60 / self.route.per_minute) if self.route.per_minute else 0.0

    def pass_one(self) -> None:
        self.tokens -= 1
        self.tries -= 1

    def save(self) -> None:
        if self.route.per_minute:
            Route.objects.filter(pk=self.route.pk).update(tokens=self.tokens, counted_at=self.now)


@dataclass
class Gates:
    """What one claim may take. Made and saved in the claim's transaction, which locks the routes."""

    relay: Gate | None = None
    domains: dict[str, Gate] = field(default_factory=dict)

    @classmethod
    def of(cls, relay: str, now: datetime) -> "Gates":
        gates = cls()
        for route in Route.objects.select_for_update().filter(relay=relay).order_by("pk"):
            if route.domain:
                gates.domains[route.domain] = Gate(route, now)
            else:
                gates.relay = Gate(route, now)
        return gates

    @property
    def is_shut(self) -> bool:
        return bool(self.relay) and self.relay.is_held

    @property
    def room(self) -> int | float:
        return self.relay.room if self.relay else inf

    @property
    def closed(self) -> list[str]:
        """The domains to which only a login code may go now."""
        return [domain for domain, gate in self.domains.items() if gate.room < 1]

    @property
    def is_trial(self) -> bool:
        """Whether the relay was held, and what leaves now is to try it."""
        return bool(self.relay and self.relay.route.held_until)

    @property
    def troubled(self) -> set[str]:
        """Of whom the last thing heard was "later"; the relay is ""."""
        found = {domain for domain, gate in self.domains.items() if gate.route.failures}
        return found | ({""} if self.relay and self.relay.route.failures else set())

    def take(self, rows: Iterable[tuple[int, str, int]]) -> list[int]:
        """The keys of those (key, domain, priority) that may leave, and their tokens with them."""
        taken = []
        for key, domain, priority in rows:
            gates = [gate for gate in (self.relay, self.domains.get(domain)) if gate]
            if priority == URGENT or all(gate.room >= 1 for gate in gates):
                taken.append(key)
                for gate in gates:
                    gate.pass_one()
        for gate in [self.relay, *self.domains.values()]:
            if gate:
                gate.save()
        return taken

    def seconds(self, due: QuerySet[Delivery]) -> float | None:
        """How long to wait for a token that somebody in `due` needs. None when nobody waits for one."""
        if self.relay and not self.relay.is_held and self.relay.tokens < 1:
            return self.relay.seconds if due.exists() else None
        waiting = {
            domain: gate.seconds for domain, gate in self.domains.items() if gate.tokens < 1 and not gate.is_held
        }
        if waiting and due.filter(domain__in=waiting).exists():
            return min(waiting.values())
        return None


def put_back(relay: str, domains: Iterable[str]) -> None:
    """The tokens of messages that were claimed for `domains` and did not go."""
    domains = list(domains)
    with transaction.atomic():
        rated = Route.objects.select_for_update().filter(relay=relay, domain__in=["", *domains], per_minute__gt=0)
        for route in rated.order_by("pk"):
            number = domains.count(route.domain) if route.domain else len(domains)
            Route.objects.filter(pk=route.pk).update(tokens=route.tokens + number)


def relay_failed(relay: str, reason: str) -> None:
    """The relay is in trouble: everything waits, each time longer."""
    _fail(relay, "", reason, FIRST_RELAY_HOLD, LONGEST_RELAY_HOLD, spared=0)


def broke_off(relay: str, reason: str, *, spared: int) -> bool:
    """The relay hung up. Returns whether it is held now: not for the first `spared` times in a row."""
    return _fail(relay, "", reason, FIRST_RELAY_HOLD, LONGEST_RELAY_HOLD, spared=spared)


def put_off(relay: str, domain: str, reason: str) -> bool:
    """A domain said "later". Returns whether it is held now."""
    return _fail(relay, domain, reason, FIRST_DOMAIN_HOLD, LONGEST_DOMAIN_HOLD, spared=PUT_OFF_IN_A_ROW - 1)


def works(relay: str, domains: Iterable[str]) -> None:
    """Something got through."""
    Route.objects.filter(relay=relay, domain__in=domains).update(
        held_since=None, held_until=None, failures=0, reason=""
    )


@transaction.atomic
def _fail(relay: str, domain: str, reason: str, first: timedelta, longest: timedelta, *, spared: int) -> bool:
    now = timezone.now()
    Route.objects.get_or_create(relay=relay, domain=domain)
    route = Route.objects.select_for_update().get(relay=relay, domain=domain)
    if route.held_until and route.held_until > now:
        return True  # another sender has said so
    route.failures, route.reason = route.failures + 1, reason[:250]
    holds = route.failures - spared
    if holds > 0:
        route.held_since = route.held_since or now
        route.held_until = now + min(first * 2 ** min(holds - 1, 16), longest)
    route.save(update_fields=["failures", "reason", "held_since", "held_until"])
    return holds > 0
