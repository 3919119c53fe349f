"""What a sister event has and what the template says now, in words for the desk: before and after, side by side.

Long texts are cut down to what differs and a few words around it. Read by the page of a series; decides nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from difflib import SequenceMatcher
from typing import Any

from django.conf import settings
from django.utils.formats import date_format, time_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from i18nfield.strings import LazyI18nString

from events.models import Event, Question
from events.services import inheritance
from events.services.series import Change

AROUND = 4
"""Words that are shown beside a difference."""


@dataclass(frozen=True)
class Difference:
    """`language` is the name of one, where only that translation is meant."""

    language: str
    old: SafeString
    new: SafeString


def differences(change: Change) -> list[Difference]:
    """One for each language in which a text differs; one for anything else."""
    if change.field not in inheritance.TEXTS:
        say = IN_WORDS.get(change.field, _plainly)
        return [Difference("", *marked(say(change.sister, change.old), say(change.sister, change.new)))]
    return [
        Difference(str(name), *marked(change.old.get(code, ""), change.new.get(code, "")))
        for code, name in settings.LANGUAGES
        if change.old.get(code) != change.new.get(code)
    ]


def marked(old: str, new: str) -> tuple[SafeString, SafeString]:
    """Both texts with what differs inside `<del>` and `<ins>`."""
    before, after = old.split(), new.split()
    left, right = [], []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            same = _shortened(before[a:b], is_first=a == 0, is_last=b == len(before))
            left.append(same)
            right.append(same)
        else:
            left += [format_html("<del>{}</del>", " ".join(before[a:b]))] if b > a else []
            right += [format_html("<ins>{}</ins>", " ".join(after[c:d]))] if d > c else []
    return _joined(left), _joined(right)


def _joined(parts: list[str]) -> SafeString:
    return mark_safe(" ".join(conditional_escape(part) for part in parts) or "–")  # noqa: S308 (each part is escaped)


def _shortened(words: list[str], is_first: bool, is_last: bool) -> str:
    if len(words) <= 2 * AROUND + 2:
        return " ".join(words)
    start = [] if is_first else words[:AROUND]
    end = [] if is_last else words[-AROUND:]
    return " ".join([*start, "…", *end])


def _plainly(event: Event, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "–" if value in (None, "") else str(value)


def _in_minutes(event: Event, value: int) -> str:
    hours, minutes = divmod(value, 60)
    return " ".join(([f"{hours} h"] if hours else []) + ([f"{minutes} min"] if minutes else []))


def _before_start(event: Event, value: dict[str, Any] | None) -> str:
    if value is None:
        return _("until it begins")
    if "days" in value:
        days, hour = value["days"], time_format(time.fromisoformat(value["at"]), "G:i")
        words = ngettext("%(days)d day before, at %(hour)s", "%(days)d days before, at %(hour)s", days)
        return words % {"days": days, "hour": hour}
    if value["minutes"] < 0:
        return _("%(length)s after the start") % {"length": _in_minutes(event, -value["minutes"])}
    if value["minutes"] == 0:
        return _("at the start")
    return _("%(length)s before the start") % {"length": _in_minutes(event, value["minutes"])}


def _access(event: Event, value: dict[str, Any]) -> str:
    number = len(value["organisations"])
    told = [str(Event.Access(value["access"]).label), value["role"]]
    if number:
        told.append(ngettext("%(number)d organisation", "%(number)d organisations", number) % {"number": number})
    return ", ".join(filter(None, told))


def _mails(event: Event, value: dict[str, Any]) -> str:
    return ", ".join(f"{kind} {_mail(own)}" for kind, own in sorted(value.items())) or _("as usual")


def _mail(own: Any) -> str:
    if not isinstance(own, dict):
        return str(own)
    return " ".join(f"{name}={_plainly(None, one)}" for name, one in sorted(own.items()))


def _agenda(event: Event, value: dict[str, Any]) -> str:
    told = []
    for minute, minutes, title, description, speakers in value["sessions"]:
        begins = date_format(event.local_start + timedelta(minutes=minute), "G:i")
        words = ". ".join(filter(None, [_text(title), _text(description)]))
        told.append(f"{begins} ({minutes} min) {words}{_speakers(speakers)}")
    return " · ".join(told) + _speakers(value["speakers"])


def _speakers(speakers: list[list[Any]]) -> str:
    told = [", ".join(filter(None, [name, _text(title)])) for name, title, _order in speakers]
    return f" [{'; '.join(told)}]" if told else ""


def _questions(event: Event, value: list[dict[str, Any]]) -> str:
    return " · ".join(_question(one) for one in value)


def _question(one: dict[str, Any]) -> str:
    required = [str(Question._meta.get_field("is_required").verbose_name)] if one["is_required"] else []
    options = [_text(option.get("label") or {}) for option in one["options"]]
    facts = [str(Question.Kind(one["kind"]).label), *required, *options, _text(one["help"])]
    return f"{_text(one['label'])} ({', '.join(filter(None, facts))})"


def _text(texts: Any) -> str:
    return LazyI18nString(texts).localize(get_language() or settings.LANGUAGE_CODE) if texts else ""


IN_WORDS: dict[str, Callable[[Event, Any], str]] = {
    **dict.fromkeys(inheritance.MOMENTS, _before_start),
    inheritance.LENGTH: _in_minutes,
    inheritance.ACCESS: _access,
    inheritance.AGENDA: _agenda,
    inheritance.QUESTIONS: _questions,
    "mails": _mails,
}
