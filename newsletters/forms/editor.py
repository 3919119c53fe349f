"""What the staff writes: a new newsletter, and its words in each language."""

import copy
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from i18nfield.strings import LazyI18nString

from newsletters.forms.audience import AudienceForm
from newsletters.models import Newsletter
from newsletters.services import writing


class BeginForm(forms.Form):
    subject = forms.CharField(label=_("Subject"), max_length=150)
    due_on = forms.DateField(
        label=_("Due around"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def words(self) -> dict[str, Any]:
        subject = LazyI18nString({settings.LANGUAGE_CODE: self.cleaned_data["subject"]})
        return {"subject": subject, "due_on": self.cleaned_data["due_on"]}


class EditorForm(AudienceForm):
    """Subject and text in each language (`subject_it`, `body_it`, …), how the preview is shown, and the audience."""

    shown = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[(code, name) for code, name in settings.LANGUAGES]
        + [(f"{code}.text", _("Text only (%(language)s)") % {"language": code}) for code, _name in settings.LANGUAGES],
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    hides_optional = True

    def __init__(self, data: Any = None, *, newsletter: Newsletter):
        self.newsletter = newsletter
        super().__init__(data, newsletter=newsletter, initial={"version": newsletter.version})
        for code, name in settings.LANGUAGES:
            self._add_words(code, name)

    def _add_words(self, code: str, name: str) -> None:
        is_needed = code == settings.LANGUAGE_CODE
        written = {field: getattr(self.newsletter, field).data for field in ("subject", "body")}
        written = {
            field: text.get(code, "") if isinstance(text, dict) else text * is_needed for field, text in written.items()
        }
        self.fields[f"subject_{code}"] = forms.CharField(
            label=_("Subject"), max_length=150, required=is_needed, initial=written["subject"]
        )
        self.fields[f"body_{code}"] = forms.CharField(
            label=_("Text"),
            max_length=writing.LONGEST_BODY,
            required=False,
            initial=written["body"],
            widget=forms.Textarea(attrs={"rows": 18 if is_needed else 10}),
        )

    @property
    def words_by_language(self) -> list[dict[str, Any]]:
        """For the template: each language with its two fields."""
        return [
            {"code": code, "name": name, "subject": self[f"subject_{code}"], "body": self[f"body_{code}"]}
            for code, name in settings.LANGUAGES
        ]

    def words(self) -> dict[str, Any]:
        """What `writing.save` wants."""
        words = {
            field: LazyI18nString({code: self.cleaned_data[f"{field}_{code}"] for code, _name in settings.LANGUAGES})
            for field in ("subject", "body")
        }
        return words | {"audience": self.audience_on_screen()}

    def draft(self) -> Newsletter:
        """The newsletter with the words as they are on the screen, not saved."""
        draft = copy.copy(self.newsletter)
        for field in ("subject", "body"):
            words = {
                code: str(self[f"{field}_{code}"].value() or "")[: writing.LONGEST_BODY]
                for code, _name in settings.LANGUAGES
            }
            setattr(draft, field, LazyI18nString(words))
        return draft

    @property
    def language_shown(self) -> str:
        code = str(self["shown"].value() or "").partition(".")[0]
        return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE

    @property
    def is_text_shown(self) -> bool:
        return str(self["shown"].value() or "").endswith(".text")
