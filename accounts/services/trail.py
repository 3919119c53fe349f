"""Who did what, when: the audit trail of the staff, read and written in the organisers' words.

django-auditlog notes by itself every change of the models that a room registers (`apps.py`). What changes no row, such
as taking a list out of the house, a room notes here with one of its own acts. The trail names what was touched, and
of a choice among few what it was and is, never what people wrote.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditlog.models import LogEntry
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _

ACTS: dict[str, Promise] = {}


@dataclass(frozen=True)
class Line:
    """One line of the trail."""

    at: datetime
    who: str
    what: str


def act(name: str, sentence: Promise) -> str:
    """Declare an act: its name for the machine and its sentence for people."""
    ACTS[name] = sentence
    return name


def note(*, actor: Any, subject: Model, act: str, detail: str = "") -> None:
    """Write down that `actor` did `act` (declared before) to `subject`. `detail` holds no personal data."""
    LogEntry.objects.log_create(
        subject,
        force_log=True,
        action=LogEntry.Action.ACCESS,
        actor=actor,
        changes={},
        additional_data={"act": act, "detail": detail},
    )


def lines(subject: Model, limit: int = 20) -> list[Line]:
    """The newest lines about `subject`."""
    entries = LogEntry.objects.get_for_object(subject).select_related("actor").order_by("-timestamp", "-pk")[:limit]
    return [Line(entry.timestamp, _who(entry), _what(entry, subject)) for entry in entries]


def _who(entry: LogEntry) -> str:
    return str(entry.actor) if entry.actor else entry.actor_email or _("The system")


def _what(entry: LogEntry, subject: Model) -> str:
    extra = entry.additional_data or {}
    if extra.get("act") in ACTS:
        return " ".join(filter(None, [str(ACTS[extra["act"]]), extra.get("detail", "")]))
    if entry.action == LogEntry.Action.CREATE:
        return _("Created")
    return _("Changed: %(fields)s") % {"fields": ", ".join(_changed(subject, entry.changes or {}))}


def _changed(subject: Model, changes: Mapping[str, Any]) -> list[str]:
    """The names of what changed; of a choice among few, which was given up for which."""
    known = {field.name: field for field in subject._meta.get_fields()}
    return [_one_change(known.get(name), name, values) for name, values in changes.items()]


def _one_change(field: Any, name: str, values: Any) -> str:
    label = str(getattr(field, "verbose_name", name))
    choices = dict(getattr(field, "choices", None) or {})
    if not choices or not isinstance(values, list) or len(values) != 2:
        return label
    old, new = (choices.get(value, value) for value in values)
    return f"{label}: “{old}” → “{new}”"
