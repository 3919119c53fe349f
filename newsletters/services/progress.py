"""How far a newsletter is: counts of its deliveries, nothing remembered.

Every candidate that was frozen has one row in one state, so the numbers always add up; `adds_up` asks the database
whether they do.
"""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from mail.models import Delivery, Message, Route
from mail.services import routes
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
    editions: list["Edition"] = field(default_factory=list)

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
    def was_corrected(self) -> bool:
        return len(self.editions) > 1

    @property
    def reasons(self) -> list[tuple[int, str | Promise]]:
        return [(number, audiences.REASONS.get(reason, reason)) for reason, number in self.left_out.items()]


@dataclass(frozen=True)
class Edition:
    """The text as it first left (0), or as it was after a correction (1, 2, …), and how many have it or will."""

    number: int
    sent: int
    still_open: int


def of(newsletter: Newsletter) -> Progress:
    """In three queries, however many deliveries there are; the large one reads an index only."""
    languages = dict(Message.objects.filter(mailing=newsletter.mailing_id).order_by("pk").values_list("pk", "language"))
    deliveries = Delivery.objects.filter(message__in=list(languages))
    rows = list(_counted(deliveries, "message", "state"))
    by_state, by_edition = Counter(), {}
    for message, state, number in rows:
        by_state[state] += number
        by_edition.setdefault(_edition(message, languages), Counter())[state] += number
    left_out = dict(_counted(deliveries.filter(state=Delivery.State.EXCLUDED), "reason"))
    editions = [
        Edition(number, counted[Delivery.State.SENT], sum(counted[state] for state in OPEN))
        for number, counted in sorted(by_edition.items())
    ]
    return Progress(by_state, left_out, editions)


def _counted(deliveries: QuerySet[Delivery], *by: str) -> QuerySet:
    return deliveries.order_by().values_list(*by).annotate(number=Count("pk")).order_by(*by)


def _edition(message: int, languages: dict[int, str]) -> int:
    """Each correction adds one message a language, so a message's turn among those of its language is its edition."""
    return sum(1 for pk, language in languages.items() if language == languages[message] and pk < message)


def adds_up(newsletter: Newsletter) -> bool:
    """Whether as many people are accounted for as were frozen with it, nobody is there twice, and everybody left out
    has a reason. Asked of the database."""
    everybody = Delivery.objects.filter(message__mailing=newsletter.mailing_id)
    counted = everybody.aggregate(rows=Count("pk"), people=Count("key", distinct=True))
    has_no_reason = everybody.filter(state=Delivery.State.EXCLUDED, reason="").exists()
    frozen = counted["rows"] if newsletter.candidates is None else newsletter.candidates
    return frozen == counted["rows"] == counted["people"] and not has_no_reason


def refused(newsletter: Newsletter) -> QuerySet[Delivery]:
    """Whose server would not take it. Who is in doubt is listed by `mail.services.doubts`."""
    return Delivery.objects.filter(message__mailing=newsletter.mailing_id, state=Delivery.State.FAILED).order_by(
        "email"
    )[:SHOWN]


def relay_hold() -> Route | None:
    """Since when all mail waits, and why, if it does."""
    route = routes.relay_state()
    return route if route.held_until and route.held_until > timezone.now() else None
