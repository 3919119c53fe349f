"""Subject and text of a newsletter that is held on its way, and what is put right in them."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from i18nfield.strings import LazyI18nString

from newsletters.models import Newsletter
from newsletters.services import checklist, correcting, writing


class CorrectForm(forms.Form):
    note = forms.CharField(
        label=_("What you put right, in a sentence"),
        max_length=correcting.LONGEST_NOTE,
        help_text=_("It stands above the web version: “The seminar of Pisa is on 18 July, not on the 16th.”"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, newsletter: Newsletter):
        super().__init__(data, initial={"version": newsletter.version})
        for code, name in settings.LANGUAGES:
            is_needed = code == settings.LANGUAGE_CODE
            self.fields[f"subject_{code}"] = forms.CharField(
                label=_("Subject (%(language)s)") % {"language": _(name)},
                max_length=150,
                required=is_needed,
                initial=checklist.words(newsletter, "subject", code),
            )
            self.fields[f"body_{code}"] = forms.CharField(
                label=_("Text (%(language)s)") % {"language": _(name)},
                max_length=writing.LONGEST_BODY,
                required=is_needed,
                initial=checklist.words(newsletter, "body", code),
                widget=forms.Textarea(attrs={"rows": 14 if is_needed else 6}),
            )

    def words(self) -> dict[str, Any]:
        """What `correcting.correct` wants."""
        words = {
            field: LazyI18nString({code: self.cleaned_data[f"{field}_{code}"] for code, _name in settings.LANGUAGES})
            for field in ("subject", "body")
        }
        return words | {"note": self.cleaned_data["note"], "version": self.cleaned_data["version"]}
