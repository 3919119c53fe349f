"""Changing what is announced: editing, copying, publishing, moving and cancelling an event.

Called by the staff pages and by scripts. Every function holds the event's row, writes only the columns that it changes
(never the counters of places taken) and rings a signal in the same transaction: a new date or place and a cancellation
raise the calendar sequence (RFC 5546) and the people registered are told by the room above; more places let its
waiting list move. Who edits writes only what she changed herself: what somebody else changed meanwhile stays.
Refusals: `invalid`, `stale`, `capacity_below_taken`, `has_waiting`, `has_registrations`, `over`, `cancelled`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.forms import BaseInlineFormSet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events import kinds
from events.models import Event, Mode, Session
from events.services import EventError, inheritance, recounting, seen_before
from events.signals import capacity_raised, event_cancelled, event_rescheduled
from programmes.models import Organisation, Programme

MOVES = {"starts_at", "ends_at", "venue", "online_url"}
"""Changes that put a new line into the calendars of the people registered."""
TEXTS = {"title", "summary", "description", "outcome", "organiser"}
"""What may still change of an event that is cancelled."""
_lines: list[Callable[[Event, str], int]] = []


def knows_line(count: Callable[[Event, str], int]) -> Callable[[Event, str], int]:
    """Decorator: a function that says how many people wait for a place in a mode of an event."""
    _lines.append(count)
    return count


@transaction.atomic
def update_event(*, event: Event, changes: Mapping[str, Any], seen: Mapping[str, Any] | None = None) -> Event:
    """Write `changes` (column to value) into the event; `audience_organisations` are several.

    With the start move the agenda and, where `changes` says nothing else, opening (unless it was) and closing of the
    registration. `seen` is what stood there (`seen_before.read`) when she began: `stale` where it stands there no more.
    Raises `invalid` or `capacity_below_taken` with the fields, and `cancelled`.
    """
    event = _held(event)
    changes = dict(changes)
    seen_before.check(event, changes, seen or {})
    audience = changes.pop("audience_organisations", None)
    old_start = event.starts_at
    before = {name: getattr(event, name) for name in inheritance.CAPACITIES}
    changed = {name: value for name, value in changes.items() if getattr(event, name) != value}
    if not changed and audience is None:
        return event
    if event.cancelled_at and (audience is not None or changed.keys() - TEXTS):
        raise EventError("cancelled", _("This event is cancelled: only its texts can still change."))
    if "starts_at" in changed:
        changed = _along(event, changed["starts_at"] - old_start) | changed
    for name, value in changed.items():
        setattr(event, name, value)
    if "starts_at" in changed and old_start > timezone.now():
        _must_be_to_come(event)
    _check(event)
    _must_leave_nobody_waiting(event, before)
    _check_agenda(event, event.starts_at - old_start, changed)
    _set_audience(event, audience)
    event.changed_at = timezone.now()
    is_move = bool(MOVES & changed.keys())
    if is_move:
        event.sequence += 1
        event.is_date_assumed = (
            changed.get("is_date_assumed", False) if "starts_at" in changed else event.is_date_assumed
        )
    event.save(update_fields=[*changed, "changed_at", "sequence", "is_date_assumed"])
    if "starts_at" in changed:  # the agenda moves along
        event.sessions.update(starts_at=F("starts_at") + (event.starts_at - old_start))
    if recounting.COUNTED_BY & changed.keys():
        recounting.owe(event)
    if is_move and event.published_at and not event.cancelled_at:
        event_rescheduled.send(Event, event=event)
    if _has_more_places(event, before):
        capacity_raised.send(Event, event=event)
    return event


@transaction.atomic
def create_event(*, programme: Programme, **values: Any) -> Event:
    """A new, unpublished event from nothing but `values`; registration is open until it starts. Raises `invalid`."""
    now, starts_at = timezone.now(), values["starts_at"]
    defaults = {
        "registration_opens_at": min(now, starts_at - timedelta(days=1)),
        "registration_closes_at": starts_at,
        "threshold": kinds.KINDS[values["kind"]].threshold,
    }
    event = Event(programme=programme, **defaults | values)
    _must_be_to_come(event)
    _check(event)
    event.save(force_insert=True)
    return event


@transaction.atomic
def copy_event(*, source: Event, slug: str, starts_at: datetime, **over: Any) -> Event:
    """A new, unpublished event like `source` on another day, its sister from now on: all that a template hands down
    (`inheritance`), with the province's and the town's names in its words; no materials, no outcome.

    `over` replaces single columns (`territory`, `venue`, `title`). Registration opens and closes as long before.
    """
    whole = Event.objects.select_related("programme", "territory", "venue")
    source, event = whole.get(pk=source.pk), whole.get(pk=source.pk)
    template = source.template or source
    event.pk, event._state.adding, event.template = None, True, template
    event.slug, event.starts_at, event.ends_at = slug, starts_at, starts_at + source.duration
    event.in_person_taken = event.online_taken = event.sequence = event.questions_version = 0
    event.published_at = event.cancelled_at = event.recount_owed_at = None
    event.changed_at, event.is_date_assumed = timezone.now(), False
    event.outcome = ""
    for name in over.keys() & {"territory", "venue"}:
        setattr(event, name, over[name])
    values = inheritance.reading(source, inheritance.renaming(source, event))
    event.template_values = inheritance.reading(template, inheritance.renaming(template, event))
    for name, value in (inheritance.columns(event, values) | {"ends_at": event.ends_at} | over).items():
        setattr(event, name, value)
    _must_be_to_come(event)
    _check(event)
    event.save(force_insert=True)
    event.audience_organisations.set(values[inheritance.ACCESS]["organisations"])
    inheritance.write_agenda(event, values[inheritance.AGENDA])
    if values[inheritance.QUESTIONS]:
        inheritance.write_questions(event, values[inheritance.QUESTIONS])
    return event


@transaction.atomic
def publish(*, event: Event) -> Event:
    """Show it on the public site. Twice is once."""
    event = _held(event)
    if not event.published_at:
        event.published_at = event.changed_at = timezone.now()
        event.save(update_fields=["published_at", "changed_at"])
    return event


@transaction.atomic
def withdraw(*, event: Event) -> Event:
    """Take it off the public site, while nobody is registered; after that it can only be cancelled."""
    event = _held(event)
    if event.in_person_taken or event.online_taken:
        raise EventError("has_registrations", _("Somebody is registered already: cancel the event instead."))
    event.published_at, event.changed_at = None, timezone.now()
    event.save(update_fields=["published_at", "changed_at"])
    return event


@transaction.atomic
def cancel_event(*, event: Event) -> Event:
    """It will not be held: it stays on the site, marked; who is registered is told. Twice is once. Raises `over`."""
    event = _held(event)
    if event.state == Event.State.OVER:
        raise EventError("over", _("This event is over and can no longer be cancelled."))
    if event.cancelled_at:
        return event
    event.cancelled_at = event.changed_at = timezone.now()
    event.sequence += 1
    event.save(update_fields=["cancelled_at", "changed_at", "sequence"])
    event_cancelled.send(Event, event=event)
    return event


@transaction.atomic
def save_parts(*, event: Event, parts: BaseInlineFormSet) -> None:
    """Write agenda, speakers or materials as a valid form has them, all or none; calendars are then fetched anew."""
    event = _held(event)
    parts.save()
    event.changed_at = timezone.now()
    event.save(update_fields=["changed_at"])
    if parts.model is Session:
        recounting.owe(event)


def _held(event: Event) -> Event:
    return Event.objects.select_for_update(of=("self",)).get(pk=event.pk)


def _must_leave_nobody_waiting(event: Event, before: Mapping[str, int | None]) -> None:
    """Of a mode that the event has no more: they would wait for what never comes."""
    problems = {}
    for mode in Mode.values:
        name = f"{mode}_capacity"
        was_given_up = before[name] is not None and getattr(event, name) is None
        if was_given_up and (number := sum(count(event, mode) for count in _lines)):
            problems[name] = ngettext(
                "%(number)d person is waiting for these places: write 0 to offer none for now.",
                "%(number)d people are waiting for these places: write 0 to offer none for now.",
                number,
            ) % {"number": number}
    if problems:
        raise EventError("has_waiting", " ".join(problems.values()), problems)


def _must_be_to_come(event: Event) -> None:
    """Nobody announces what has begun: a year mistyped is found here. What is over may still be put right."""
    if event.starts_at <= timezone.now():
        day = date_format(timezone.localtime(event.starts_at), "l j F Y, G:i")
        sentence = _("%(day)s is in the past: check the day.") % {"day": day}
        raise EventError("invalid", _("Please check what you wrote."), {"starts_at": sentence})


def _set_audience(event: Event, organisations: Iterable[Organisation] | None) -> None:
    """Write of which organisations people may register; an audience is of an organisation, of a role, or of both."""
    if organisations is not None:
        event.audience_organisations.set(organisations)
    if event.access == Event.Access.AUDIENCE and not event.audience_role and not event.audience_organisations.exists():
        sentence = _("Say for whom: choose an organisation, or write a role.")
        raise EventError("invalid", _("Please check what you wrote."), {"audience_organisations": sentence})


def _has_more_places(event: Event, before: Mapping[str, int | None]) -> bool:
    """No total means no limit; no places in a mode means none."""
    total, old_total = event.total_capacity, before["total_capacity"]
    if old_total is not None and (total is None or total > old_total):
        return True
    return any((getattr(event, f"{mode}_capacity") or 0) > (before[f"{mode}_capacity"] or 0) for mode in Mode.values)


def _along(event: Event, shift: timedelta) -> dict[str, datetime]:
    """Registration opens and closes as long before the start as it did; what has opened stays open."""
    moved = {"registration_closes_at": event.registration_closes_at + shift}
    if event.registration_opens_at > timezone.now():
        moved["registration_opens_at"] = event.registration_opens_at + shift
    if event.changes_close_at:
        moved["changes_close_at"] = event.changes_close_at + shift
    return moved


def _check_agenda(event: Event, shift: timedelta, changed: Mapping[str, Any]) -> None:
    """Every part of the agenda, moved along by `shift`, must lie within new hours."""
    if not {"starts_at", "ends_at"} & changed.keys():
        return
    ends = [one.starts_at + timedelta(minutes=one.minutes) + shift for one in event.sessions.all()]
    if ends and max(ends) > event.ends_at:
        end = date_format(timezone.localtime(max(ends)), "G:i")
        sentence = _("The agenda would go on until %(end)s: shorten it first, or end later.") % {"end": end}
        raise EventError("invalid", _("Please check what you wrote."), {"ends_at": sentence})


def _check(event: Event) -> None:
    """Refuse what the database would refuse, with a sentence at the field."""
    problems = {}
    if event.ends_at <= event.starts_at:
        problems["ends_at"] = _("The end must come after the start.")
    if event.registration_closes_at <= event.registration_opens_at:
        problems["registration_closes_at"] = _("Registration must close after it opens.")
    if event.in_person_capacity is None and event.online_capacity is None:
        problems["in_person_capacity"] = _("Give places in person, online, or both.")
    if event.total_capacity is not None and len(event.places) < len(Mode):
        problems["total_capacity"] = _("One total is for events in person and online: leave it empty.")
    elif event.total_capacity is not None and event.total_capacity > event.in_person_capacity + event.online_capacity:
        problems["total_capacity"] = _("This is more than both together: leave it empty.")
    if event.changes_close_at and event.changes_close_at > event.starts_at:
        problems["changes_close_at"] = _("Changes end when the event begins, or before.")
    if problems:
        raise EventError("invalid", _("Please check what you wrote."), problems)
    taken = {f"{mode}_capacity": getattr(event, f"{mode}_taken") for mode in Mode.values}
    taken["total_capacity"] = sum(taken.values()) if event.total_capacity is not None else 0
    for name, number in taken.items():
        if number > (getattr(event, name) or 0):
            problems[name] = ngettext(
                "%(taken)d place is taken already: you cannot offer fewer.",
                "%(taken)d places are taken already: you cannot offer fewer.",
                number,
            ) % {"taken": number}
    if problems:
        raise EventError("capacity_below_taken", " ".join(problems.values()), problems)
