"""What an event asks who registers, beside name and address: adding, changing, ordering and taking away questions.

Called by the staff's page. Every function holds the event's row and raises `Event.questions_version`, so that a form
opened before is noticed when it is sent. A key is made of the label once and stays for life, for questions and for
choices alike. What was answered is never lost: such a question is retired instead of deleted, such a choice is offered
no more but keeps its words. Whether something was answered the room above tells (`knows_answers`).
Refusals: `invalid` with the fields, `answered`, `has_followers`, `order`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from i18nfield.strings import LazyI18nString

from events.models import Event, Question
from events.services import EventError

MOST = MOST_CHOICES = 40
_askers: list[Callable[[Question], bool]] = []


def knows_answers(ask: Callable[[Question], bool]) -> Callable[[Question], bool]:
    """Decorator: a function that says whether somebody has answered a question."""
    _askers.append(ask)
    return ask


def is_answered(question: Question) -> bool:
    return question.pk is not None and any(ask(question) for ask in _askers)


def deciding_before(event: Event, question: Question | None = None) -> list[Question]:
    """The questions on whose answer `question` (or a new one) may depend: earlier ones to be answered by choosing."""
    before = event.questions.asked().filter(kind__in=Question.DECIDING)
    if question is not None and question.pk:
        before = before.filter(order__lt=question.order).exclude(pk=question.pk)
    return list(before)


@transaction.atomic
def add(*, event: Event, **values: Any) -> Question:
    """A new question at the end. `values` are columns; `options` as `choices` makes them."""
    event = _held(event)
    known = list(event.questions.all())
    if sum(one.retired_at is None for one in known) >= MOST:
        raise EventError("invalid", _("These are many questions already: take one away first."))
    question = Question(event=event, **values)
    question.key = new_key(_in_main(question.label), {one.key for one in known})
    question.order = max((one.order for one in known), default=0) + 1
    _check(question)
    question.save(force_insert=True)
    _has_changed(event)
    return question


@transaction.atomic
def change(*, question: Question, **values: Any) -> Question:
    """Write `values`. The kind of an answered question stays (`answered`); its former choices keep their words."""
    event = _held(question.event)
    question = event.questions.asked().filter(pk=question.pk).first()
    if question is None:
        raise EventError("invalid", _("The question is asked no more."))
    question.event = event
    old_kind, old_options, has_answers = question.kind, question.options, is_answered(question)
    for name, value in values.items():
        setattr(question, name, value)
    if has_answers and question.kind != old_kind:
        sentence = _("Somebody has answered this already: its kind stays. Take it away and ask anew instead.")
        raise EventError("answered", sentence, {"kind": sentence})
    if question.kind not in Question.WITH_OPTIONS:
        question.options = old_options if has_answers else []
    elif has_answers:
        question.options = _with_retired(question.options, old_options)
    _check(question)
    _must_leave_followers(question)
    question.save()
    _has_changed(event)
    return question


@transaction.atomic
def move(*, question: Question, up: bool) -> None:
    """Let it change places with its neighbour. Refused (`order`) where one would stand before its condition."""
    event = _held(question.event)
    asked = list(event.questions.asked())
    here = next((number for number, one in enumerate(asked) if one.pk == question.pk), None)
    there = None if here is None else here - 1 if up else here + 1
    if there is None or not 0 <= there < len(asked):
        return
    first, second = (asked[there], asked[here]) if up else (asked[here], asked[there])
    if second.shown_if_id == first.pk:
        sentence = _("“%(later)s” depends on “%(earlier)s” and must come after it.")
        raise EventError("order", sentence % {"later": second, "earlier": first})
    asked[here], asked[there] = asked[there], asked[here]
    for number, one in enumerate(asked, start=1):
        one.order = number
    Question.objects.bulk_update(asked, ["order"])
    _has_changed(event)


@transaction.atomic
def remove(*, question: Question) -> None:
    """Ask it no more: deleted, or retired when somebody has answered. Refused while another depends on it."""
    event = _held(question.event)
    follower = question.followers.asked().first()
    if follower:
        sentence = _("“%(question)s” is asked only after a certain answer to this one: change that first.")
        raise EventError("has_followers", sentence % {"question": follower})
    if is_answered(question):
        event.questions.filter(pk=question.pk).update(retired_at=timezone.now(), shown_if=None, shown_if_answer="")
    else:
        event.questions.filter(pk=question.pk).delete()
    _has_changed(event)


def choices(kept: Iterable[dict], labels: Iterable[dict[str, str]]) -> list[dict[str, Any]]:
    """The choices of a question: those it keeps, then new ones for `labels` ({language: text}), with their keys."""
    options = list(kept)
    for label in labels:
        taken = {one["key"] for one in options}
        options.append({"key": new_key(_in_main(LazyI18nString(label)), taken), "label": label})
    return options


def new_key(text: str, taken: set[str]) -> str:
    """A short name for programs and exports, made of the words; a letter comes first."""
    stem = slugify(text).replace("-", "_")[:30].strip("_") or "q"
    stem = stem if stem[0].isalpha() else f"q_{stem}"
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}_{number}", number + 1
    return key


def _in_main(text: Any) -> str:
    return text.localize(settings.LANGUAGE_CODE) if isinstance(text, LazyI18nString) else str(text)


def _held(event: Event) -> Event:
    return Event.objects.select_for_update(of=("self",)).get(pk=event.pk)


def _has_changed(event: Event) -> None:
    event.questions_version += 1
    event.save(update_fields=["questions_version"])


def _with_retired(options: list[dict], old: list[dict]) -> list[dict]:
    """`options`, and behind them those that were there before, offered no more."""
    keys = {one["key"] for one in options}
    return options + [one | {"is_retired": True} for one in old if one["key"] not in keys]


def _check(question: Question) -> None:
    fields = {}
    if question.kind in Question.WITH_OPTIONS:
        labels = [label.casefold() for _value, label in question.offered]
        if len(labels) < 2:
            fields["new_options"] = _("Give at least two choices.")
        elif len(labels) > MOST_CHOICES:
            fields["new_options"] = _("Give at most %(most)d choices.") % {"most": MOST_CHOICES}
        elif len(set(labels)) < len(labels):
            fields["new_options"] = _("Two choices read the same.")
    if question.shown_if is None:
        question.shown_if_answer = ""
    elif question.shown_if not in deciding_before(question.event, question):
        fields["shown_if"] = _("Only an earlier question with choices, or yes or no, can decide this.")
    elif question.shown_if_answer not in dict(question.shown_if.offered):
        fields["shown_if"] = _("The other question does not have this answer.")
    if fields:
        raise EventError("invalid", _("Please check what you wrote."), fields)


def _must_leave_followers(question: Question) -> None:
    """What another question depends on must still be possible to answer."""
    possible = dict(question.offered)
    for follower in question.followers.asked():
        if follower.shown_if_answer not in possible:
            sentence = _("“%(question)s” is asked only after a certain answer to this one: change that first.")
            sentence = sentence % {"question": follower}
            raise EventError("has_followers", sentence, {"kind": sentence})
