"""Who asks to come in: how old somebody is, and the lists of people whom the staff let in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.tokens import fingerprint
from registrations.services import RegistrationError, admitting, people_lists


class AgeField(forms.ChoiceField):
    """Asked quietly: the usual answer stands there already, and whoever leaves it out gave it."""

    def __init__(self):
        super().__init__(
            label=_("Age"),
            choices=[
                (admitting.ADULT, _("18 or older")),
                (admitting.MINOR, _("14 to 17")),
                (admitting.CHILD, _("Under 14")),
            ],
            initial=admitting.ADULT,
            help_text=_("Under 18, somebody of the staff looks at the registration first."),
        )

    def clean(self, value: Any) -> str:
        return super().clean(value or admitting.ADULT)


class PeopleListForm(forms.Form):
    """A list as it is pasted or brought in a file. A file becomes text at once, so that one can mend it here."""

    hides_optional = True

    text = forms.CharField(
        label=_("Paste the list here"),
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )
    file = forms.FileField(
        label=_("Or bring it in a file"),
        required=False,
        help_text=_("CSV or Excel (.xlsx), at most 500 KB and 2,000 rows."),
        widget=forms.FileInput({"accept": ".csv,.txt,.xlsx,text/csv"}),
        error_messages={"empty": _("The file is empty.")},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        file = cleaned.get("file")
        try:
            text = people_lists.text_of(file.name, file.read()) if file else cleaned.get("text", "")
        except RegistrationError as error:
            error.add_to(self)
            return cleaned
        cleaned["text"] = people_lists.plain(text)
        if not cleaned["text"] and not self.errors:
            self.add_error("text", forms.ValidationError(_("Paste a list, or choose a file."), "required"))
        return cleaned

    @property
    def was_seen(self) -> bool:
        """Is it word by word the list whose preview was shown?"""
        return self.is_valid() and self.cleaned_data["seen"] == fingerprint(self.cleaned_data["text"])

    @classmethod
    def of(cls, text: str) -> "PeopleListForm":
        """The list once more, to look at and to mend."""
        return cls(initial={"text": text, "seen": fingerprint(text)})
