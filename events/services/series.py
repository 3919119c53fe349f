"""Sister events: several made from one template, and what changes in the template later offered to each of them.

The template is an ordinary event, the first of its series; sisters always point to it, whoever of them was copied.
Three values decide, field by field: what a sister has, what she last received (`Event.template_values`) and what the
template says now in her province's words. As received: the change is offered. Written by hand: it is kept and only
told. Nothing is offered to an event that is over or cancelled. Called by the staff's pages and by the loading of a
programme. Refusals: `invalid` with the fields (`<province>-starts_at`, …); of one sister they are told, not raised.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, count
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events import addresses
from events.models import Event, Mode, Venue
from events.services import EventError, editing, inheritance, recounting
from events.services.inheritance import ACCESS, AGENDA, LENGTH, QUESTIONS
from programmes.models import Territory

LONGEST_SLUG = 50


@dataclass(frozen=True)
class Wish:
    """A sister event to be made."""

    territory: Territory
    starts_at: datetime
    venue: Venue | None
    slug: str


@dataclass(frozen=True)
class Change:
    """A field of one sister that differs from the template's. `refusal` says why it cannot be taken over."""

    sister: Event
    field: str
    old: Any
    new: Any
    refusal: str = ""

    @property
    def key(self) -> str:
        return f"{self.sister.pk}:{self.field}"

    @property
    def label(self) -> str:
        return inheritance.label(self.field)

    @property
    def people_told(self) -> int:
        """How many people get a mail when it is taken over."""
        if self.field != LENGTH or not self.sister.published_at:
            return 0
        return self.sister.in_person_taken + self.sister.online_taken


@dataclass
class Comparison:
    """What the sisters can take over, and what they keep because somebody wrote it by hand."""

    offered: list[Change] = field(default_factory=list)
    kept: list[Change] = field(default_factory=list)

    @property
    def sisters(self) -> int:
        """How many can take over something."""
        return len({change.sister.pk for change in self.offered if not change.refusal})


@dataclass
class Outcome:
    """Of taking over: the sisters that did, and those that refused, each with the reason."""

    changed: list[Event] = field(default_factory=list)
    refused: list[tuple[Event, str]] = field(default_factory=list)


def root_of(event: Event) -> Event:
    return event.template or event


def missing_provinces(template: Event) -> list[Territory]:
    """The provinces of the programme that have no living event of the series yet."""
    root = template.template_id or template.pk
    series = Event.objects.filter(cancelled_at=None)
    there = {*series.filter(template=root).values_list("territory", flat=True)}
    there |= {*series.filter(pk=root).values_list("territory", flat=True)}
    return [one for one in template.programme.territories.all() if one.pk not in there]


def proposed_slug(template: Event, territory: Territory, taken: Container[str] = ()) -> str:
    """A free address in the style of the template's: `seminario-pisa` becomes `seminario-lucca`."""
    own = f"-{template.territory.slug}" if template.territory else ""
    stem = template.slug.removesuffix(own) if own else template.slug
    slug = f"{stem[: LONGEST_SLUG - len(territory.slug) - 4]}-{territory.slug}"
    return next(one for one in chain([slug], (f"{slug}-{number}" for number in count(2))) if one not in taken)


@transaction.atomic
def create_sisters(*, template: Event, wishes: Sequence[Wish]) -> list[Event]:
    """All of them as drafts, or none. Raises `invalid` with a sentence at each field that is wrong."""
    Event.objects.select_for_update(of=("self",)).get(pk=template.template_id or template.pk)
    problems = {}
    taken = set(Event.objects.filter(slug__in=[wish.slug for wish in wishes]).values_list("slug", flat=True))
    for wish in wishes:
        if wish.starts_at <= timezone.now():
            problems[f"{wish.territory.slug}-starts_at"] = _("This day is past already: choose one to come.")
        try:
            addresses.check_free(wish.slug)
        except ValidationError as error:
            problems[f"{wish.territory.slug}-slug"] = " ".join(error.messages)
        if wish.slug in taken:
            sentence = _("There is an event with this address already: choose another.")
            problems[f"{wish.territory.slug}-slug"] = sentence
        taken.add(wish.slug)
    if problems:
        raise EventError("invalid", _("Please check what you wrote."), problems)
    return [
        editing.copy_event(
            source=template, slug=wish.slug, starts_at=wish.starts_at, territory=wish.territory, venue=wish.venue
        )
        for wish in wishes
    ]


def offered_changes(*, template: Event, sisters: QuerySet[Event] | None = None) -> Comparison:
    """Compare the template with its `sisters` (all of them, or those that somebody may change)."""
    root = inheritance.with_what_is_read(Event.objects.filter(pk=template.template_id or template.pk)).get()
    found = Comparison()
    for sister in inheritance.with_what_is_read(_changeable(root, sisters)):
        one = _compare(root, sister)
        found.offered += one.offered
        found.kept += one.kept
    return found


def apply_changes(
    *, template: Event, choices: Iterable[tuple[int, str]], sisters: QuerySet[Event] | None = None
) -> Outcome:
    """Write the chosen fields, (key of the sister, field), each sister by herself: one that refuses stops no other."""
    wanted: dict[int, set[str]] = {}
    for pk, name in choices:
        wanted.setdefault(pk, set()).add(name)
    outcome = Outcome()
    for sister in _changeable(root_of(template), sisters).filter(pk__in=wanted):
        try:
            _take_over(root_of(template), sister, wanted[sister.pk])
        except EventError as error:
            outcome.refused.append((sister, " ".join(str(one) for one in error.fields.values()) or str(error)))
        else:
            outcome.changed.append(sister)
    return outcome


@transaction.atomic
def bind(*, events: Sequence[Event]) -> None:
    """Make `events` a series whose template is the first. Twice is once; what was received before stays known."""
    keys = [event.pk for event in events]
    root, *sisters = sorted(
        inheritance.with_what_is_read(Event.objects.filter(pk__in=keys)), key=lambda one: keys.index(one.pk)
    )
    Event.objects.filter(template__in=sisters).update(template=root)
    Event.objects.filter(pk=root.pk).exclude(template=None).update(template=None)
    for sister in sisters:
        now = inheritance.reading(root, inheritance.renaming(root, sister))
        known = sister.template_values or now
        own = inheritance.reading(sister)
        values = known | {name: value for name, value in now.items() if own[name] == value}
        if (sister.template_id, sister.template_values) != (root.pk, values):
            Event.objects.filter(pk=sister.pk).update(template=root, template_values=values)


def _changeable(root: Event, sisters: QuerySet[Event] | None) -> QuerySet[Event]:
    among = Event.objects.all() if sisters is None else sisters
    living = among.filter(template=root, cancelled_at=None, ends_at__gt=timezone.now())
    return living.select_related("programme", "territory", "venue").order_by("starts_at", "pk")


def _compare(root: Event, sister: Event) -> Comparison:
    """When the template's registration opened is no wish for others once it has: it stays open when the event moves."""
    found, received = Comparison(), sister.template_values
    own = inheritance.reading(sister)
    has_opened = root.registration_opens_at <= timezone.now()
    for name, new in inheritance.reading(root, inheritance.renaming(root, sister)).items():
        if has_opened and name == "registration_opens_at":
            continue
        if own[name] == new or received.get(name, ...) == new:
            continue
        is_as_received = name in received and own[name] == received[name]
        change = Change(sister, name, own[name], new, _refusal(sister, name, new) if is_as_received else "")
        (found.offered if is_as_received else found.kept).append(change)
    return found


def _refusal(sister: Event, name: str, new: Any) -> str:
    """Why a sister cannot have so few places."""
    taken = {f"{mode}_capacity": getattr(sister, f"{mode}_taken") for mode in Mode.values}
    number = taken.get(name, sum(taken.values()) if name == "total_capacity" and new is not None else 0)
    if name not in inheritance.CAPACITIES or number <= (new or 0):
        return ""
    return ngettext(
        "%(taken)d place is taken already: you cannot offer fewer.",
        "%(taken)d places are taken already: you cannot offer fewer.",
        number,
    ) % {"taken": number}


@transaction.atomic
def _take_over(root: Event, sister: Event, names: set[str]) -> None:
    held = Event.objects.select_for_update(of=("self",)).filter(pk=sister.pk)
    sister = inheritance.with_what_is_read(held).get()
    root = inheritance.with_what_is_read(Event.objects.filter(pk=root.pk)).get()
    own, now = inheritance.reading(sister), inheritance.reading(root, inheritance.renaming(root, sister))
    offered = {change.field: change for change in _compare(root, sister).offered}
    names = {name for name in names if name in now and own[name] != now[name]}
    if names - offered.keys():
        raise EventError("changed", _("Somebody has changed this event meanwhile: look at the list again."))
    for name in names:
        if offered[name].refusal:
            raise EventError("capacity_below_taken", offered[name].refusal)
    event = _write(sister, {name: now[name] for name in names}, is_longer=now[LENGTH] > own[LENGTH])
    alike = {name for name, value in own.items() if value == now[name]}
    event.template_values = sister.template_values | {name: now[name] for name in names | alike}
    event.changed_at = timezone.now()
    event.save(update_fields=["template_values", "changed_at"])


def _write(event: Event, values: dict[str, Any], is_longer: bool) -> Event:
    """A longer event first, its agenda then; a shorter one the other way round."""
    if AGENDA in values and not is_longer:
        inheritance.write_agenda(event, values[AGENDA])
    event = editing.update_event(event=event, changes=inheritance.columns(event, values))
    if AGENDA in values and is_longer:
        inheritance.write_agenda(event, values[AGENDA])
    if AGENDA in values:
        recounting.owe(event)
    if QUESTIONS in values:
        inheritance.write_questions(event, values[QUESTIONS])
    if ACCESS in values:
        event.audience_organisations.set(values[ACCESS]["organisations"])
    return event
