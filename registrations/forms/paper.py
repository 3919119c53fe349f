"""What one chooses before a paper is made, and what one tells about a sheet that comes back signed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.models import Event
from registrations.documents import paper, register
from registrations.models import Evidence
from registrations.services import evidence

MOST_ROWS = 3000
"""Rows of one file that are set while one waits: two seconds."""


class SpareRowsForm(forms.Form):
    """The list, with rows for who is not on it."""

    spare = forms.IntegerField(
        label=_("Empty rows at the end"),
        help_text=_("For who comes without a registration."),
        min_value=0,
        max_value=register.MOST_SPARE,
        initial=register.SPARE,
    )


class RegisterForm(SpareRowsForm):
    """Of what the register is: the whole event, a day, a part of the agenda, or all days or parts in one file."""

    part = forms.ChoiceField(label=_("Register of"), widget=forms.RadioSelect, initial=paper.WHOLE)
    field_order = ["part", "spare"]

    def __init__(self, *args: Any, event: Event, people: int, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.people = people
        self.parts = paper.parts_of(event)
        choices = part_choices(event, self.parts)
        if self.chosen(paper.EVERY_DAY):
            choices.append((paper.EVERY_DAY, _("Every day, one register after the other in one file")))
        if len(self.chosen(paper.EVERY)) > 1:
            choices.append((paper.EVERY, _("Every part, one register after the other in one file")))
        self.fields["part"].choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        chosen = self.chosen(cleaned.get("part", ""))
        if len(chosen) > 1 and len(chosen) * (self.people + cleaned.get("spare", 0)) > MOST_ROWS:
            words = ngettext(
                "Together that is more than %(most)d row: choose one day or part at a time.",
                "Together that is more than %(most)d rows: choose one day or part at a time.",
                MOST_ROWS,
            )
            self.add_error("part", forms.ValidationError(words % {"most": MOST_ROWS}, "too_many_rows"))
        return cleaned

    def chosen(self, key: str) -> list[str]:
        """Keys of the parts of which there will be a register."""
        if key in (paper.EVERY, paper.EVERY_DAY):
            return [part.key for part in self.parts[1:] if bool(part.day) == (key == paper.EVERY_DAY)]
        return [part.key for part in self.parts if part.key == key]


class SignedSheetForm(forms.Form):
    """A scan or a photograph of what was signed or ticked."""

    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=[(one.value, one.label) for one in (Evidence.Kind.SIGNATURES, Evidence.Kind.LIST)],
        initial=Evidence.Kind.SIGNATURES,
    )
    part = forms.ChoiceField(label=_("Which part of the event"), initial=paper.WHOLE)
    file = forms.FileField(
        label=_("File"),
        max_length=200,
        help_text=_("PDF, JPEG, PNG or HEIC, at most 20 MB. Scan all pages into one PDF if you can."),
        widget=forms.FileInput({"accept": ".pdf,.jpg,.jpeg,.png,.heic,application/pdf,image/*"}),
        error_messages={"empty": _("The file is empty.")},
    )

    def __init__(self, *args: Any, event: Event, **kwargs: Any):
        super().__init__(*args, **kwargs)
        parts = paper.parts_of(event)
        self.titles = {part.key: f"{part.title} ({part.day:%d/%m/%Y})" if part.day else part.title for part in parts}
        self.fields["part"].choices = part_choices(event, parts)

    def arguments(self) -> dict[str, Any]:
        """Those of `evidence.keep`. Of a file that is too large only so much is read as shows it."""
        file = self.cleaned_data["file"]
        return {
            "kind": self.cleaned_data["kind"],
            "part": self.titles[self.cleaned_data["part"]],
            "name": file.name,
            "content": file.read(evidence.LARGEST + 1),
        }


def part_choices(event: Event, parts: list[paper.Part]) -> list[tuple[str, Any]]:
    """Each part with its day and hours."""
    return [
        (part.key, f"{_('The whole event') if part.is_whole else part.title} ({paper.when(event, part)})")
        for part in parts
    ]
