"""What a template hands down to its sister events, in a form that JSON keeps and that can be compared.

`reading` says it of one event: texts, places, who may register, the registration as so long before the start, length,
questions and agenda. With `rename` the names of the template's province and town become the sister's (`renaming`),
whole words only. `columns` turns values back into what `editing.update_event` writes; agenda and questions, each one
thing, are written by `write_agenda` and `write_questions`. Date, venue and address are each event's own.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from i18nfield.strings import LazyI18nString

from events.models import Event, Question, Session, Speaker
from events.services import EventError

TEXTS = ["title", "summary", "description"]
CAPACITIES = ["in_person_capacity", "online_capacity", "total_capacity"]
SETTINGS = [
    "has_waiting_list", "offer_hours", "needs_approval", "asks_dietary_needs", "asks_access_needs", "threshold",
    "missing_exit", "survey_url", "mails",
]  # fmt: skip
MOMENTS = ["registration_opens_at", "registration_closes_at", "changes_close_at"]
AUDIENCE = ["access", "audience_role", "audience_organisations"]
LENGTH, ACCESS, AGENDA, QUESTIONS = "minutes", "access", "agenda", "questions"
OWN_LABELS: dict[str, Promise] = {
    LENGTH: gettext_lazy("length"),
    AGENDA: gettext_lazy("agenda"),
    QUESTIONS: gettext_lazy("questions"),
    "mails": gettext_lazy("mails"),
}
DAY = timedelta(days=1)
Rename = Callable[[str], str]


def with_what_is_read(events: QuerySet[Event]) -> QuerySet[Event]:
    """The same number of queries for any number of events."""
    related = ("sessions__speakers", "speakers", "questions", "audience_organisations")
    return events.select_related("programme", "territory", "venue").prefetch_related(*related)


def label(field: str) -> str:
    return str(OWN_LABELS.get(field) or Event._meta.get_field(field).verbose_name)


def renaming(here: Event, there: Event) -> Rename:
    """The names of one event's province and town become the other's. A name such as “Massa-Carrara” is one word."""
    names: dict[str, str] = {}
    if here.venue and there.venue:
        names[here.venue.town] = there.venue.town
    if here.territory and there.territory:
        names[here.territory.name] = there.territory.name
    if not names:
        return str
    longest_first = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    whole = re.compile(rf"(?<![\w@/.-])(?:{longest_first})(?![\w@/-]|\.\w)")
    return lambda text: whole.sub(lambda found: names[found[0]], text)


def reading(event: Event, rename: Rename = str) -> dict[str, Any]:
    """Everything that is handed down, by the name of its field."""
    organisations = sorted(one.pk for one in event.audience_organisations.all())
    return {
        **{name: _texts(getattr(event, name), rename) for name in TEXTS},
        **{name: getattr(event, name) for name in CAPACITIES + SETTINGS},
        **{name: _before_start(event, getattr(event, name)) for name in MOMENTS},
        LENGTH: event.duration_minutes,
        ACCESS: {"access": str(event.access), "role": event.audience_role, "organisations": organisations},
        AGENDA: _agenda(event, rename),
        QUESTIONS: [_question(one, rename) for one in event.questions.all() if one.retired_at is None],
    }


def columns(event: Event, values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` as columns of `event`; agenda, questions and the organisations of its audience are none."""
    changes: dict[str, Any] = {}
    for name, value in values.items():
        if name in TEXTS:
            changes[name] = LazyI18nString(value or "")
        elif name in MOMENTS:
            changes[name] = _moment(event, value)
        elif name == LENGTH:
            changes["ends_at"] = event.starts_at + timedelta(minutes=value)
        elif name == ACCESS:
            changes |= {"access": value["access"], "audience_role": value["role"]}
        elif name not in {AGENDA, QUESTIONS}:
            changes[name] = value
    return changes


def write_agenda(event: Event, agenda: Mapping[str, Any]) -> None:
    """Replace agenda and speakers as a whole. Raises `invalid` where it would go on after the end."""
    if any(minute + minutes > event.duration_minutes for minute, minutes, *_words in agenda["sessions"]):
        raise EventError("invalid", _("The agenda is longer than the event."))
    event.speakers.all().delete()
    event.sessions.all().delete()
    speakers = [(None, one) for one in agenda["speakers"]]
    for minute, minutes, title, description, own in agenda["sessions"]:
        session = Session.objects.create(
            event=event,
            starts_at=event.starts_at + timedelta(minutes=minute),
            minutes=minutes,
            title=LazyI18nString(title),
            description=LazyI18nString(description or ""),
        )
        speakers += [(session, one) for one in own]
    Speaker.objects.bulk_create(
        Speaker(event=event, session=session, name=name, title=LazyI18nString(title or ""), order=order)
        for session, (name, title, order) in speakers
    )


def write_questions(event: Event, questions: list[dict[str, Any]]) -> None:
    """Bring what is asked to `questions`, by their keys. What may have been answered is retired, never deleted, and
    keeps its kind (`answered`)."""
    may_be_answered = event.published_at is not None
    known = {one.key: one for one in event.questions.all()}
    for order, wanted in enumerate(questions, start=1):
        question = known.get(wanted["key"]) or Question(event=event, key=wanted["key"], kind=wanted["kind"])
        if may_be_answered and question.kind != wanted["kind"]:
            sentence = _("“%(question)s” may have been answered already: its kind of answer stays.")
            raise EventError("answered", sentence % {"question": question})
        keys = {one["key"] for one in wanted["options"]}
        former = [one | {"is_retired": True} for one in question.options if one["key"] not in keys]
        question.kind, question.is_required = wanted["kind"], wanted["is_required"]
        question.label, question.help = LazyI18nString(wanted["label"]), LazyI18nString(wanted["help"] or "")
        question.options = wanted["options"] + (former if may_be_answered else [])
        question.order, question.retired_at = order, None
        question.shown_if = known[wanted["shown_if"]] if wanted["shown_if"] else None
        question.shown_if_answer = wanted["shown_if_answer"]
        question.save()
        known[question.key] = question
    gone = event.questions.exclude(key__in=[one["key"] for one in questions])
    if may_be_answered:
        gone.filter(retired_at=None).update(retired_at=timezone.now(), shown_if=None, shown_if_answer="")
    else:
        gone.delete()
    event.questions_version += 1
    event.save(update_fields=["questions_version"])


def _texts(value: Any, rename: Rename = str) -> dict[str, str]:
    """What is written, by language; a browser's line ends and empty languages make no difference."""
    data = getattr(value, "data", value) or {}
    texts = data if isinstance(data, dict) else {settings.LANGUAGE_CODE: str(data)}
    plain = {language: (text or "").replace("\r\n", "\n").strip() for language, text in texts.items()}
    return {language: rename(text) for language, text in sorted(plain.items()) if text}


def _agenda(event: Event, rename: Rename) -> dict[str, Any]:
    """Times as minutes after the start. Speakers keep their titles: whoever works in Pisa does so everywhere."""
    sessions = [
        [
            int((session.starts_at - event.starts_at).total_seconds() // 60),
            session.minutes,
            _texts(session.title, rename),
            _texts(session.description, rename),
            [_speaker(one) for one in session.speakers.all()],
        ]
        for session in event.sessions.all()
    ]
    return {"sessions": sessions, "speakers": [_speaker(one) for one in event.speakers.all() if not one.session_id]}


def _speaker(speaker: Speaker) -> list[Any]:
    return [speaker.name, _texts(speaker.title), speaker.order]


def _question(question: Question, rename: Rename) -> dict[str, Any]:
    asked = {one.pk: one.key for one in question.event.questions.all() if one.retired_at is None}
    depends_on = asked.get(question.shown_if_id, "")
    return {
        "key": question.key,
        "kind": str(question.kind),
        "label": _texts(question.label, rename),
        "help": _texts(question.help, rename),
        "is_required": question.is_required,
        "options": [one for one in question.options if not one.get("is_retired")],
        "shown_if": depends_on,
        "shown_if_answer": question.shown_if_answer if depends_on else "",
    }


def _zone(event: Event) -> ZoneInfo:
    return ZoneInfo(event.programme.time_zone)


def _before_start(event: Event, moment: datetime | None) -> dict[str, Any] | None:
    """Less than a day: minutes. Else days of the calendar and the hour on the wall: clocks may change between."""
    if moment is None:
        return None
    gap = event.starts_at - moment
    if gap < DAY:
        return {"minutes": int(gap.total_seconds() // 60)}
    start, there = event.starts_at.astimezone(_zone(event)), moment.astimezone(_zone(event))
    return {"days": (start.date() - there.date()).days, "at": there.time().isoformat(timespec="seconds")}


def _moment(event: Event, before: dict[str, Any] | None) -> datetime | None:
    if before is None:
        return None
    if "minutes" in before:
        return event.starts_at - timedelta(minutes=before["minutes"])
    start = event.starts_at.astimezone(_zone(event))
    day = start.date() - timedelta(days=before["days"])
    return datetime.combine(day, time.fromisoformat(before["at"]), tzinfo=_zone(event))
