"""To whom a newsletter goes, to whom it does not, and why.

An audience narrows "everybody who ever subscribed to the programme's newsletter": by province, by events they
registered for, by language. Whoever is in it and may not get it is a candidate left out for a reason, so that the sums
always add up: candidates = recipients + left out. Counted live for the editor, frozen once by `sending.start`. Nobody
is there twice: a programme has one subscription an address.
"""

from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mail.models import Suppression
from newsletters.models import Newsletter, Subscription
from programmes.models import Programme
from registrations.models import Registration

REASONS: dict[str, Promise] = {
    "unsubscribed": _("unsubscribed"),
    "unconfirmed": _("not confirmed by the link in the mail"),
    "suppressed": _("address that bounces or reported us"),
    "cancelled": _("stopped before their turn"),
}
"""Why somebody gets nothing."""


@dataclass(frozen=True)
class Audience:
    """Slugs of provinces and of events, and a language. What is empty does not narrow."""

    provinces: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    language: str = ""

    @classmethod
    def of(cls, newsletter: Newsletter) -> "Audience":
        kept = newsletter.audience
        return cls(tuple(kept.get("provinces", ())), tuple(kept.get("events", ())), kept.get("language", ""))

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True)
class Reach:
    """How many get it, and how many do not, by reason."""

    recipients: int
    left_out: dict[str, int]

    @property
    def left_out_total(self) -> int:
        return sum(self.left_out.values())

    @property
    def candidates(self) -> int:
        return self.recipients + self.left_out_total

    @property
    def reasons(self) -> list[tuple[int, str | Promise]]:
        return [(number, REASONS[reason]) for reason, number in self.left_out.items()]


def candidates(programme: Programme, audience: Audience) -> QuerySet[Subscription]:
    """Everybody in the audience, with `left_out` naming why she gets nothing, empty for who gets it."""
    found = Subscription.objects.filter(programme=programme)
    if audience.provinces:
        found = found.filter(territory__slug__in=audience.provinces)
    if audience.language:
        found = found.filter(language=audience.language)
    if audience.events:
        registered = Registration.objects.filter(
            event__programme=programme,
            event__slug__in=audience.events,
            state=Registration.State.CONFIRMED,
            email=OuterRef("email"),
        )
        found = found.filter(Exists(registered))
    return found.annotate(
        left_out=Case(
            When(state=Subscription.State.ENDED, then=Value("unsubscribed")),
            When(state=Subscription.State.PENDING, then=Value("unconfirmed")),
            When(Exists(Suppression.objects.filter(email=OuterRef("email"))), then=Value("suppressed")),
            default=Value(""),
        )
    )


def reach(programme: Programme, audience: Audience) -> Reach:
    """Counted now, in one query."""
    counted = dict(
        candidates(programme, audience)
        .order_by()
        .values_list("left_out")
        .annotate(number=Count("pk"))
        .values_list("left_out", "number")
    )
    return Reach(counted.pop("", 0), counted)
