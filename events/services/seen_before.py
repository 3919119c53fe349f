"""What stood on the page when somebody began to edit an event: nobody writes over what she has not read.

The page carries the values it showed (`read`); when it is sent, `check` looks whether what she changed still stands
there. What she left alone is not asked about. Called by `editing.update_event`, which holds the row.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import Manager, Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from i18nfield.strings import LazyI18nString

from events.models import Event
from events.services import EventError

READABLE = 80
"""Longer values are not repeated at the field."""


def read(event: Event, names: Iterable[str]) -> dict[str, Any]:
    """What stands in these fields, in plain values that can be kept and compared."""
    return {name: _plain(getattr(event, name)) for name in names}


def check(event: Event, changes: Mapping[str, Any], seen: Mapping[str, Any]) -> None:
    """Raise `stale` where somebody else changed a field of `changes` since; who wrote the same has no quarrel."""
    now = read(event, changes.keys() & seen.keys())
    stale = [name for name, value in now.items() if value not in (seen[name], _plain(changes[name]))]
    if stale:
        sentence = _("Somebody has changed this since you opened the page: save again if yours is to count.")
        raise EventError("stale", sentence, {name: _now_reads(event, name, sentence) for name in stale})


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, LazyI18nString):
        data = value.data if isinstance(value.data, Mapping) else {settings.LANGUAGE_CODE: str(value)}
        return {language: text for language, text in data.items() if text}
    if isinstance(value, Manager):
        value = value.all()
    return sorted(one.pk for one in value) if isinstance(value, Iterable) and not isinstance(value, str) else value


def _now_reads(event: Event, name: str, sentence: str) -> str:
    """With what stands there now, where that is short enough to be read at the field."""
    value = getattr(event, name)
    if isinstance(value, datetime):
        value = date_format(timezone.localtime(value), "l j F Y, G:i")
    if isinstance(value, bool | Manager) or value is None or not 0 < len(str(value)) <= READABLE:
        return sentence
    return _("%(sentence)s Now it is “%(value)s”.") % {"sentence": sentence, "value": value}
