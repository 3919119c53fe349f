"""What the staff write about presence. What is allowed is decided in `services.correcting_presence`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events.inputs import DayAndTime
from events.models import Event, Mode
from registrations.models import Registration, Scan

DIRECTIONS = [(Scan.Direction.IN, _("Entrance")), (Scan.Direction.OUT, _("Exit"))]


class ReasonField(forms.CharField):
    def __init__(self, **kwargs: Any):
        words = {"required": _("Say why, so that whoever looks later understands.")}
        super().__init__(label=_("Why"), max_length=200, error_messages=words, **kwargs)


class EntryForm(forms.Form):
    """`cleaned_data` are arguments of `correcting_presence.add`."""

    direction = forms.ChoiceField(label=_("What happened"), choices=DIRECTIONS)
    mode = forms.ChoiceField(label=_("Where"), choices=Mode.choices)
    at = DayAndTime(label=_("When"))
    reason = ReasonField(help_text=_("For example: signed on paper, the phone had no battery left."))

    def __init__(self, *args: Any, registration: Registration, **kwargs: Any):
        event = registration.event
        kwargs.setdefault("initial", {"mode": registration.mode, "at": event.starts_at})
        super().__init__(*args, prefix="entry", **kwargs)
        self.fields["mode"].choices = [(mode, Mode(mode).label) for mode in _modes(event, registration)]

    def begin_at_what_is_wrong(self) -> None:
        """The form stands far down on a long page: the browser goes to the first field that is wrong."""
        first = next((name for name in self.fields if name in self.errors), "reason")
        self.fields[first].widget.attrs["autofocus"] = True


class AssignForm(forms.Form):
    """Whose ticket it was: one of the `people` that were found."""

    person = forms.ModelChoiceField(
        label=_("Person"),
        queryset=Registration.objects.none(),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the person."), "invalid_choice": _("Choose the person.")},
    )
    reason = ReasonField(help_text=_("For example: she told us, the list on paper has her."))

    def __init__(self, *args: Any, people: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people


def _modes(event: Event, registration: Registration) -> list[str]:
    return list(dict.fromkeys([*event.places, registration.mode]))
