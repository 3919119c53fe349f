"""Loading a file again beside what people changed since.

A field is written only while it still holds what the file said last time: what somebody changed at the desk stays, and
is told (`kept`). Rows that the file does not name are left alone. Every room's loading goes through one Merge, inside
the transaction of who composes them.
"""

from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils import timezone
from i18nfield.strings import LazyI18nString

from programmes.models import LoadedRow, Programme


def plain(value: Any) -> Any:
    """A value as JSON keeps it, the same for the file's value and for the stored one."""
    if isinstance(value, LazyI18nString):
        return value.data or ""
    if isinstance(value, datetime):
        return timezone.localtime(value, timezone.get_fixed_timezone(0)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return value


class Merge:
    """One loading of one programme: what was made, changed, and kept because a person had changed it."""

    def __init__(self, programme: Programme):
        self.programme = programme
        self.rows = {row.key: row for row in programme.loaded_rows.all()}
        self.created: list[str] = []
        self.changed: list[str] = []
        self.kept: list[str] = []

    def row(
        self, key: str, row: models.Model, values: dict[str, Any], on_creation: dict[str, Any] | None = None
    ) -> set:
        """Bring `row` (saved or new) to `values` and save it when something differs. Returns the changed fields' names.

        `on_creation` is written to a new row only.
        """
        if row.pk is None:
            for name, value in (values | (on_creation or {})).items():
                setattr(row, name, value)
            row.save()
            self.created.append(key)
            self._remember(key, {name: plain(value) for name, value in values.items()})
            return set(values)
        changed = self.free(key, {name: getattr(row, name) for name in values}, values)
        for name in changed:
            setattr(row, name, values[name])
        if changed:
            row.save(update_fields=[*changed])
            self.changed.append(key)
        return changed

    def free(self, key: str, current: dict[str, Any], values: dict[str, Any]) -> set[str]:
        """Which of `values` differ from `current` and may be written; the file's words are remembered."""
        before = self.rows[key].values if key in self.rows else {}
        said, free = dict(before), set()
        for name, value in values.items():
            new, now = plain(value), plain(current[name])
            if now == new or now == before.get(name, now):
                said[name] = new
                if now != new:
                    free.add(name)
            else:
                self.kept.append(f"{key}: {name}")
        self._remember(key, said)
        return free

    def _remember(self, key: str, values: dict[str, Any]) -> None:
        row = self.rows.get(key)
        if row is None:
            self.rows[key] = LoadedRow.objects.create(programme=self.programme, key=key, values=values)
        elif row.values != values:
            row.values = values
            row.save(update_fields=["values"])
