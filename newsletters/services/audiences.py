"""To whom a newsletter goes, to whom it does not, and why.

An audience narrows "everybody who ever asked for the programme's newsletter": by province, by events and the part taken
in them (`parts`), by where people work, by language. What is empty does not narrow; what is ticked in two places counts
together. Whoever is in it and may not get it is a candidate left out for one reason, so that the sums always add up:
candidates = recipients + left out. Counted live for the editor, frozen once by `sending.start`. Nobody is there twice:
a programme has one subscription an address. What a stored audience names and does not exist any more finds nobody, so
that no newsletter goes to more people than somebody chose.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.models import Event
from mail.models import Suppression
from newsletters.kinds import OrganisationKind
from newsletters.models import Newsletter, SavedAudience, Subscription
from newsletters.services import parts
from programmes.models import Programme, Territory

REASONS: dict[str, Promise] = {
    "unsubscribed": _("unsubscribed"),
    "unconfirmed": _("not confirmed by the link in the mail"),
    "suppressed": _("address that bounces or reported us"),
    "other_topics": _("chose other topics"),
    "cancelled": _("stopped before their turn"),
}
"""Why somebody gets nothing."""


@dataclass(frozen=True)
class Audience:
    """Slugs of provinces and events, keys of `parts.Part` and of OrganisationKind, a language. The topic is not chosen
    here: it is the newsletter's, and readers decide what they want of it."""

    provinces: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    organisation_kinds: tuple[str, ...] = ()
    language: str = ""
    topic: str = ""

    LISTS = ("provinces", "events", "parts", "organisation_kinds")

    @classmethod
    def read(cls, kept: Any, topic: str = "") -> "Audience":
        """What a row of the database says, whoever wrote it and however long ago."""
        kept = kept if isinstance(kept, dict) else {}
        language = _words(kept.get("language"))
        return cls(
            **{name: _words(kept.get(name)) for name in cls.LISTS},
            language=language[0] if language else "",
            topic=topic,
        )

    @classmethod
    def of(cls, newsletter: Newsletter) -> "Audience":
        return cls.read(newsletter.audience, newsletter.topic)

    def as_json(self) -> dict[str, Any]:
        narrowing = {name: list(getattr(self, name)) for name in self.LISTS} | {"language": self.language}
        return {name: value for name, value in narrowing.items() if value}

    @property
    def is_everybody(self) -> bool:
        return not self.as_json()


def _words(kept: Any) -> tuple[str, ...]:
    """As words that a database can look for; what cannot be one stays, and finds nobody."""
    listed = kept if isinstance(kept, list | tuple) else [kept] if kept else []
    return tuple(str(one).replace("\0", "") or "?" for one in listed)


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
    """Everybody in the audience, with `left_out` naming why she gets nothing (in words: `reason_of`), or empty.

    Who named no province wants what concerns any of them, as the page of her preferences says.
    """
    found = Subscription.objects.filter(programme=programme).alias(ticked=Cast("topics", TextField()))
    if audience.provinces:
        found = found.filter(Q(territory__slug__in=audience.provinces) | Q(territory=None))
    if audience.language:
        found = found.filter(language=audience.language)
    if audience.organisation_kinds:
        found = found.filter(organisation_kind__in=audience.organisation_kinds)
    if audience.events or audience.parts:
        found = found.filter(parts.took(programme, audience.parts, audience.events))
    return found.annotate(
        left_out=Case(
            When(state=Subscription.State.ENDED, then=Value("unsubscribed")),
            When(state=Subscription.State.PENDING, then=Value("unconfirmed")),
            When(Exists(Suppression.objects.filter(email=OuterRef("email"))), then=Value("suppressed")),
            *_not_of_interest(audience.topic),
            default=Value(""),
            output_field=CharField(),
        )
    )


def _not_of_interest(topic: str) -> list[When]:
    """Who ticked topics, and not this one. The list is looked at as text, because SQLite knows no lists in JSON."""
    if not topic:
        return []
    wants_it = Q(topics=[]) | Q(ticked__contains=f'"{topic}"')
    return [When(~wants_it, then=Value("other_topics"))]


def reason_of(subscription: Subscription) -> str | Promise:
    """In words why one of `candidates` gets nothing; empty for who gets it."""
    return REASONS.get(subscription.left_out, "")


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


def in_words(programme: Programme, saved: Iterable[SavedAudience]) -> list[tuple[SavedAudience, list[tuple]]]:
    """Each saved audience with what it narrows, as labels and their values; two queries for all of them."""
    names = {
        "provinces": {one.slug: one.name for one in Territory.objects.filter(programme=programme)},
        "events": {one.slug: str(one) for one in Event.objects.filter(programme=programme)},
        "parts": dict(parts.Part.choices),
        "organisation_kinds": dict(OrganisationKind.choices),
        "language": dict(settings.LANGUAGES),
    }
    labels = {
        "provinces": _("Provinces"),
        "events": _("Events"),
        "parts": _("Part in the events"),
        "organisation_kinds": _("Where they work"),
        "language": _("Language"),
    }
    listed = [(one, Audience.read(one.audience).as_json()) for one in saved]
    return [
        (one, [(labels[key], [names[key].get(word, word) for word in _words(narrows[key])]) for key in narrows])
        for one, narrows in listed
    ]
