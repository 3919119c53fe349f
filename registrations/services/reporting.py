"""What the funder is told about who took part: the common indicators as sums, and the plain answers as a list.

Only who came counts, once in the programme however many events she came to, as she was on the first day. A record
without all plain answers counts in the grand total only. Organisations count once by their name; somebody who counts as
self-employed does not count as an enterprise, too. Sums of sensitive answers that would point to fewer than four people
are not shown, nor the other sums of their line, from which they could be told. Read by who holds
`registrations.view_monitoring`; nobody reads a single sensitive answer.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.timezone import localtime

from programmes.models import MonitoringProfile, Programme
from registrations import monitoring as funder
from registrations.models import Registration, RegistrationQuerySet
from registrations.services import asking

SEXES = ("female", "male", "non_binary")
FEWEST = 4
"""Smaller sums of sensitive answers are not shown."""
Sum = int | None


@dataclass(frozen=True)
class Line:
    """An indicator: in all and by sex. None: too few people to show."""

    code: str
    label: str
    total: Sum
    by_sex: tuple[Sum, ...]


@dataclass
class Report:
    lines: list[Line] = field(default_factory=list)
    entities: list[Line] = field(default_factory=list)
    grand_total: int = 0
    incomplete: int = 0
    nameless: int = 0


def report(programme: Programme) -> Report:
    """The indicators of a programme as they are now."""
    people = _participants(programme)
    complete = [one for one in people if funder.is_complete(one.values)]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in complete:
        for code in funder.indicators_of(one.values, one.sensitive, one.day):
            counts[code][one.values["sex"]] += 1
    found = Report(grand_total=len(people), incomplete=len(people) - len(complete))
    for code, label in funder.INDICATORS.items():
        is_sensitive = code in funder.SENSITIVE_INDICATORS.values()
        found.lines.append(_line(code, str(label), [counts[code][sex] for sex in SEXES], is_sensitive=is_sensitive))
    self_employed = {one.email for one in complete if one.values["employment"] == "self_employed"}
    entities, found.nameless = _entities(programme, self_employed)
    found.entities = [Line(code, str(label), entities[code], ()) for code, label in funder.ENTITIES.items()]
    return found


@dataclass(frozen=True)
class _Participant:
    email: str
    values: dict[str, Any]
    sensitive: dict[str, Any]
    day: date


def people_asked(programme: Programme) -> RegistrationQuerySet:
    """Who came and told something for the funder, with her `monitoring`."""
    came = Registration.objects.filter(
        event__programme=programme, state=Registration.State.CONFIRMED, entered_at__isnull=False
    )
    return came.filter(monitoring__isnull=False).select_related("event", "monitoring")


def _participants(programme: Programme) -> list[_Participant]:
    """Who came to an event that asks the full profile, once, with what she told on the first day on which she did."""
    kinds = [kind for kind in programme.monitoring if programme.monitoring_of(kind) == MonitoringProfile.PARTICIPANT]
    asked = Q(event__kind__in=kinds) | Q(monitoring__profile=MonitoringProfile.PARTICIPANT)
    came = Registration.objects.filter(
        asked, event__programme=programme, state=Registration.State.CONFIRMED, entered_at__isnull=False
    )
    came = came.select_related("event", "monitoring").order_by("event__starts_at", "pk")
    found: dict[str, _Participant] = {}
    for one in came:
        record = getattr(one, "monitoring", None)
        values = record.values if record else {}
        who = one.email or f"registration {one.pk}"
        if who not in found or (values and not found[who].values):
            sensitive = asking.sensitive_of(record) if record else {}
            found[who] = _Participant(who, values, sensitive, localtime(one.event.starts_at).date())
    return list(found.values())


def _entities(programme: Programme, self_employed: set[str]) -> tuple[Counter[str], int]:
    """How many organisations each code counts, and how many answers name none."""
    known: dict[str, str] = {}
    nameless = 0
    told = people_asked(programme).filter(monitoring__profile=MonitoringProfile.ORGANISATION)
    for one in told.order_by("monitoring__answered_at", "pk"):
        code, name = funder.entity_of(one.monitoring.values), " ".join(one.organisation.casefold().split())
        if code is None or one.email in self_employed:
            continue
        if name:
            known.setdefault(name, code)
        else:
            nameless += 1
    return Counter(known.values()), nameless


def _line(code: str, label: str, numbers: list[int], *, is_sensitive: bool) -> Line:
    total = sum(numbers)
    if is_sensitive and any(0 < number < FEWEST for number in numbers):
        return Line(code, label, total if total >= FEWEST else None, (None,) * len(numbers))
    return Line(code, label, total, tuple(numbers))
