"""How the preview shows what is being written: in which language, on which screen, as whose copy."""

from typing import Any

from django import forms
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from newsletters.models import Newsletter, Subscription
from newsletters.services import whose_copy


class Look(models.TextChoices):
    PHONE = "phone", _("Phone")
    DESKTOP = "desktop", _("Computer")
    DARK = "dark", _("Dark")
    TEXT = "text", _("Text only")


class PreviewForm(forms.Form):
    """Every field has an answer: what is missing or wrong falls back to the phone, in Italian, for who looks."""

    shown = forms.ChoiceField(label=_("Language"), required=False, choices=settings.LANGUAGES)
    look = forms.ChoiceField(
        label=_("Show as"), required=False, choices=Look, initial=Look.PHONE, widget=forms.RadioSelect
    )
    reader_words = forms.CharField(
        label=_("As the copy of"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        help_text=_("Name, address or province of a reader"),
    )
    reader = forms.IntegerField(required=False)

    def __init__(self, data: Any = None, *, newsletter: Newsletter):
        super().__init__(data)
        self.newsletter = newsletter
        self.answers = self._answered()

    def _answered(self) -> dict[str, Any]:
        self.full_clean()
        return getattr(self, "cleaned_data", {})

    @property
    def language(self) -> str:
        return self.answers.get("shown") or settings.LANGUAGE_CODE

    @property
    def screen(self) -> str:
        return self.answers.get("look") or Look.PHONE

    def found(self) -> list[Subscription]:
        return list(whose_copy.find(self.newsletter.programme, self.answers.get("reader_words", "")))

    def chosen(self) -> Subscription | None:
        """The reader ticked; without scripts nobody can be, and the first that was found is meant."""
        pk = self.answers.get("reader")
        active = Subscription.objects.active().filter(programme=self.newsletter.programme_id)
        if pk:
            return active.select_related("territory").filter(pk=pk).first()
        return next(iter(self.found()), None)
