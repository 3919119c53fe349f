"""What is asked beside name and address: the event's own questions, needs, and what the funder wants to know.

`check` is the one judge of answers: for the form, the API and later changes. Answers stand in the registration; needs
and the funder's answers are kept apart, because fewer people may read them. Changes are possible until
`Event.takes_changes` is over; who sends a page that was opened before another change loses nothing and is asked to look
again. Refusals: `invalid` with "answers.<key>", `questions_changed`, `stale`, `closed`, `cancelled`.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from events.models import Event, Question
from registrations import answers as reading
from registrations import monitoring as funder
from registrations.models import MonitoringRecord, Needs, Registration, RegistrationQuerySet
from registrations.services import RegistrationError, admitting, places


class Told(NamedTuple):
    """What somebody said in one go. None: nobody was asked."""

    answers: Mapping[str, Any] | None = None
    questions_version: int | None = None
    needs: Mapping[str, str] | None = None
    monitoring: Mapping[str, Any] | None = None
    age: str = admitting.ADULT


NEEDS = ("access", "dietary")
LONGEST_NEED = 500


def questions_of(event: Event) -> list[Question]:
    """What the event asks, in order. Events that never had a question are not looked up."""
    return list(event.questions.asked().select_related("shown_if")) if event.questions_version else []


def check(
    *,
    event: Event,
    answers: Mapping[str, Any] | None,
    version: int | None = None,
    had: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The answers as they are kept. None: nobody was asked, so nothing is missing; {} is "nothing was answered".

    `version` is the `questions_version` that was shown, `had` are the answers so far.
    Raises `questions_changed`, or `invalid` with the fields.
    """
    if version is not None and version != event.questions_version:
        sentence = _("The questions have changed meanwhile. Please look at them again: what you wrote is still there.")
        raise RegistrationError("questions_changed", sentence)
    return {} if answers is None else _read(questions_of(event), answers, had or {})


def keep(
    *,
    registration: Registration,
    needs: Mapping[str, str] | None = None,
    monitoring: Mapping[str, Any] | None = None,
) -> None:
    """Write down needs and the funder's answers of a new registration, in the caller's transaction.

    Nothing said, no row, no query. Raises `invalid` with "needs.<name>" or "monitoring.<key>".
    """
    told = _read_needs(registration.event, needs or {})
    if told:
        Needs.objects.create(registration=registration, **told)
    record = _read_monitoring(registration.event, monitoring or {}) if monitoring else None
    if record:
        MonitoringRecord.objects.create(registration=registration, **record)


def change(
    *,
    registration: Registration,
    answers: Mapping[str, Any] | None = None,
    needs: Mapping[str, str] | None = None,
    monitoring: Mapping[str, Any] | None = None,
    version: int | None = None,
    seen_at: str = "",
) -> Registration:
    """Other answers afterwards; None leaves what is there. `seen_at` is what `seen` said of the page that was shown.

    Raises `closed` when it is too late, `cancelled`, `stale` when something changed since, and as `check` does.
    """
    with places.deciding(registration.event) as event:
        registration = Registration.objects.get(pk=registration.pk)
        registration.event = event
        must_take_changes(registration)
        if seen_at and seen_at != seen(registration):
            sentence = _(
                "This was changed meanwhile, perhaps in another window. Here is what you wrote: save it again."
            )
            raise RegistrationError("stale", sentence)
        if answers is not None:
            clean = check(event=event, answers=answers, version=version, had=registration.answers)
            registration.answers = _retired(registration) | clean
        if needs is not None:
            _replace(Needs, registration, _read_needs(event, needs))
        if monitoring is not None:
            _replace(MonitoringRecord, registration, _read_monitoring(event, monitoring))
        registration.save(update_fields=["answers", "changed_at"])
    return registration


def asks(registration: Registration) -> dict[str, bool]:
    """What there is to tell: `questions`, `needs`, and `funder` as long as she has not answered. Empty for nothing."""
    event = registration.event
    has_items = bool(items_of(event))
    found = {
        "questions": event.questions_version > 0,
        "needs": event.asks_access_needs or event.asks_dietary_needs,
        "funder": has_items and not MonitoringRecord.objects.filter(registration=registration).exists(),
    }
    return found if has_items or any(found.values()) else {}


def must_take_changes(registration: Registration) -> None:
    if not registration.is_alive:
        raise RegistrationError("cancelled", _("This registration was cancelled."))
    if not registration.event.takes_changes:
        raise RegistrationError("closed", _("Answers can no longer be changed. Write to us if something is wrong."))


def seen(registration: Registration) -> str:
    """Names the state of a registration that a page shows."""
    return registration.changed_at.isoformat()


def forget(*, registration: Registration) -> None:
    """Delete what is kept apart about somebody, and her answers."""
    Needs.objects.filter(registration=registration).delete()
    MonitoringRecord.objects.filter(registration=registration).delete()
    if registration.answers:
        registration.answers = {}
        registration.save(update_fields=["answers", "changed_at"])


def answered(registration: Registration, questions: list[Question] | None = None) -> list[tuple[Question, str]]:
    """Question and answer in words, for people: what is asked, and what was asked and answered once."""
    if not registration.answers:
        return []
    questions = list(registration.event.questions.all()) if questions is None else questions
    return [
        (one, reading.shown(one, registration.answers[one.key])) for one in questions if one.key in registration.answers
    ]


def needs_of(registration: Registration) -> dict[str, str]:
    """What she told about needs, by `access` and `dietary`."""
    needs = Needs.objects.filter(registration=registration).first()
    return {name: getattr(needs, name) for name in NEEDS} if needs else {}


def has_access_needs(registration: Registration) -> bool:
    """Does she need help in order to take part? All that a door may know."""
    return with_access_needs(Registration.objects.filter(pk=registration.pk)).filter(has_access_needs=True).exists()


def with_access_needs(registrations: RegistrationQuerySet) -> RegistrationQuerySet:
    """Each with `has_access_needs`, in the same query."""
    told = Needs.objects.filter(registration=OuterRef("pk")).exclude(access="")
    return registrations.annotate(has_access_needs=Exists(told))


def monitoring_of(registration: Registration) -> dict[str, Any]:
    """Everything she told for the funder: for her own eyes."""
    record = MonitoringRecord.objects.filter(registration=registration).first()
    return {**record.values, **sensitive_of(record)} if record else {}


def sensitive_of(record: MonitoringRecord) -> dict[str, Any]:
    return json.loads(record.sensitive) if record.sensitive else {}


def items_of(event: Event) -> list[funder.Item]:
    """What the funder has this event ask. Needs the programme."""
    return funder.PROFILES[event.programme.monitoring_of(event.kind)]


def _read(questions: list[Question], answers: Mapping[str, Any], had: Mapping[str, Any]) -> dict[str, Any]:
    by_pk = {one.pk: one for one in questions}
    clean, wrong = {}, {}
    for question in questions:
        if not reading.is_asked(question, clean, by_pk):
            continue
        try:
            answer = reading.read(question, answers.get(question.key), had.get(question.key))
        except reading.WrongAnswer as error:
            wrong[f"answers.{question.key}"] = str(error)
            continue
        if answer is not None:
            clean[question.key] = answer
        elif question.is_required:
            wrong[f"answers.{question.key}"] = _("Please answer this question.")
    for key in set(answers) - {one.key for one in questions}:
        wrong[f"answers.{str(key)[:40]}"] = _("This event does not ask this.")
    if wrong:
        raise _invalid(wrong)
    return clean


def _retired(registration: Registration) -> dict[str, Any]:
    """What she answered to questions that are asked no more: it stays."""
    asked = {one.key for one in questions_of(registration.event)}
    return {key: answer for key, answer in registration.answers.items() if key not in asked}


def _read_needs(event: Event, needs: Mapping[str, str]) -> dict[str, str]:
    """Both needs, where the event asks for them; nothing when nothing is said."""
    asked = {"access": event.asks_access_needs, "dietary": event.asks_dietary_needs}
    told = {}
    for name in NEEDS:
        try:
            told[name] = reading.free_text(needs.get(name) or "", LONGEST_NEED) if asked[name] else ""
        except reading.WrongAnswer as error:
            raise _invalid({f"needs.{name}": str(error)}) from error
    return told if any(told.values()) else {}


def _read_monitoring(event: Event, monitoring: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a record; nothing when nothing is said."""
    told = {item: monitoring[item.key] for item in items_of(event) if monitoring.get(item.key)}
    told = {item: _funder_answer(item, value) for item, value in told.items()}
    if not told:
        return {}
    sensitive = {item.key: value for item, value in told.items() if item.is_sensitive}
    return {
        "profile": event.programme.monitoring_of(event.kind),
        "values": {item.key: value for item, value in told.items() if not item.is_sensitive},
        "sensitive": json.dumps(sensitive) if sensitive else "",
        "answered_at": timezone.now(),
    }


def _replace(model: type[Needs | MonitoringRecord], registration: Registration, values: dict[str, Any]) -> None:
    if values:
        model.objects.update_or_create(registration=registration, defaults=values)
    else:
        model.objects.filter(registration=registration).delete()


def _invalid(fields: dict[str, str]) -> RegistrationError:
    return RegistrationError("invalid", _("Please check your answers."), fields)


def _funder_answer(item: funder.Item, value: str) -> str:
    if value in dict(item.offered):
        return value
    if not item.choices:
        try:
            if date(1900, 1, 1) <= date.fromisoformat(value) <= timezone.localdate():
                return value
        except (TypeError, ValueError):
            pass
    sentence = _("Please choose one of the answers offered.") if item.choices else _("This is not a day of birth.")
    raise _invalid({f"monitoring.{item.key}": sentence})
