"""The staff's forms about what an event asks: one question with its choices, and whether it asks about needs.

A choice that exists has a row of its own, so that new words for it never change what somebody answered; new choices are
written one a line. What is allowed is decided in `services.questioning`.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from i18nfield.forms import I18nFormField
from i18nfield.strings import LazyI18nString

from events.inputs import LanguageLines, LanguageTexts, MainLanguage
from events.models import Event, Question
from events.services import questioning

CODES = [code for code, _name in settings.LANGUAGES]
LONGEST_CHOICE = 80


class QuestionForm(forms.ModelForm):
    """`values` are the arguments of `questioning.add` and `questioning.change`."""

    new_options = I18nFormField(
        label=_("New choices, one a line"),
        widget=LanguageTexts,
        required=False,
        help_text=_("Only for questions with choices. The same order in every language."),
    )
    shown_if = forms.ChoiceField(label=_("When it is asked"), required=False)
    hides_optional = True

    class Meta:
        model = Question
        fields = ["label", "help", "kind", "is_required"]
        widgets = {"label": LanguageLines, "help": LanguageLines}
        field_classes = {"label": MainLanguage}

    def __init__(self, *args: Any, event: Event, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.deciding = questioning.deciding_before(event, self.instance)
        self.fields["shown_if"].choices = [("", _("always")), *self._conditions()]
        if self.instance.shown_if_id:
            self.initial["shown_if"] = f"{self.instance.shown_if_id}:{self.instance.shown_if_answer}"
        self.kept = [one for one in self.instance.options if not one.get("is_retired")]
        for option in self.kept:
            name = f"option_{option['key']}"
            self.fields[name] = MainLanguage(label=str(LazyI18nString(option["label"])), widget=LanguageLines)
            self.initial[name] = LazyI18nString(option["label"])
            self.fields[f"drop_{name}"] = forms.BooleanField(label=_("offer it no more"), required=False)

    def _conditions(self) -> list[tuple[str, str]]:
        sentence = _("only after “%(answer)s” to “%(question)s”")
        return [
            (f"{one.pk}:{value}", sentence % {"answer": label, "question": one})
            for one in self.deciding
            for value, label in one.offered
        ]

    @property
    def option_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"option_{one['key']}"], self[f"drop_option_{one['key']}"]) for one in self.kept]

    def clean_new_options(self) -> list[dict[str, str]]:
        """The new choices as {language: words}; a language that says nothing about one leaves it to the main one."""
        texts = self.cleaned_data["new_options"].data or {}
        texts = {settings.LANGUAGE_CODE: texts} if isinstance(texts, str) else texts
        lines = {code: [line.strip() for line in (texts.get(code) or "").splitlines()] for code in CODES}
        lines = {code: [line for line in found if line] for code, found in lines.items()}
        main = lines[settings.LANGUAGE_CODE]
        if any(len(found) not in {0, len(main)} for found in lines.values()):
            sentence = _("Every language needs as many lines as the first, in the same order, or none.")
            raise forms.ValidationError(sentence, code="lines")
        if any(len(line) > LONGEST_CHOICE for found in lines.values() for line in found):
            raise forms.ValidationError(_("A choice has at most 80 characters."), code="too_long")
        return [{code: found[number] for code, found in lines.items() if found} for number, _line in enumerate(main)]

    @property
    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        kept = [
            one | {"label": {code: text for code, text in data[f"option_{one['key']}"].data.items() if text}}
            for one in self.kept
            if not data[f"drop_option_{one['key']}"]
        ]
        pk, _colon, answer = (data["shown_if"] or "").partition(":")
        deciding = next((one for one in self.deciding if str(one.pk) == pk), None)
        return {
            "label": data["label"],
            "help": data["help"],
            "kind": data["kind"],
            "is_required": data["is_required"],
            "options": questioning.choices(kept, data["new_options"]),
            "shown_if": deciding,
            "shown_if_answer": answer,
        }


class NeedsForm(forms.ModelForm):
    """Whether the registration asks about food and about what somebody needs in order to take part."""

    hides_optional = True

    class Meta:
        model = Event
        fields = ["asks_dietary_needs", "asks_access_needs"]
