"""Which mails of an event leave and when, one switch a kind. What is allowed is decided in `services.switching`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.number_fields import say_plainly
from events.models import Event
from registrations import kinds
from registrations.kinds import MailKind

UNITS = {"minutes": 1, "hours": 60, "days": kinds.DAY}


class Before(forms.MultiWidget):
    """A number and its unit, side by side."""

    def __init__(self, attrs: Any = None):
        number = forms.NumberInput(
            {"min": 0, "max": kinds.LONGEST, "inputmode": "numeric", "aria-label": _("How many")}
        )
        units = [("minutes", _("minutes")), ("hours", _("hours")), ("days", _("days"))]
        super().__init__([number, forms.Select({"aria-label": _("Unit")}, choices=units)], attrs)

    def decompress(self, value: int | None) -> list:
        if value is None:
            return [None, "days"]
        unit = next((name for name in ("days", "hours") if value and value % UNITS[name] == 0), "minutes")
        return [value // UNITS[unit], unit]


class Minutes(forms.MultiValueField):
    """So many minutes, typed as minutes, hours or days. `words` are its label beside its mail's name."""

    widget = Before

    def __init__(self, words: Any, **kwargs: Any):
        self.words = words
        units = [(name, name) for name in UNITS]
        fields = [forms.IntegerField(min_value=0, max_value=kinds.LONGEST), forms.ChoiceField(choices=units)]
        say_plainly(fields)
        super().__init__(fields=fields, require_all_fields=True, **kwargs)

    def compress(self, values: list) -> int | None:
        return values[0] * UNITS[values[1]] if values else None


class MailsForm(forms.Form):
    """`choices` are the argument of `switching.choose`. A mail that is off keeps its time."""

    def __init__(self, data: Any = None, *, event: Event, shown: list[MailKind]):
        super().__init__(data)
        self.kinds = shown
        for kind in shown:
            if not kind.needed_because:
                self.fields[f"on_{kind.key}"] = forms.BooleanField(
                    label=kind.label, required=False, initial=kind.is_on(event)
                )
            if kind.plan:
                words = _("So long after the end") if kind.plan.is_after else _("So long before the start")
                label = f"{kind.label}, {str(words).lower()}"
                self.fields[f"minutes_{kind.key}"] = Minutes(words, label=label, initial=kind.minutes(event))

    @property
    def choices(self) -> dict[str, dict[str, Any]]:
        names = {"on": "on_", "minutes": "minutes_"}
        return {
            kind.key: {
                name: self.cleaned_data[prefix + kind.key]
                for name, prefix in names.items()
                if prefix + kind.key in self.cleaned_data
            }
            for kind in self.kinds
        }
