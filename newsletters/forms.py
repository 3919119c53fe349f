"""What readers fill in, and what the staff does."""

import copy
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from i18nfield.strings import LazyI18nString

from events.models import Event
from newsletters.models import Newsletter, Subscription
from newsletters.services import scheduling, writing
from newsletters.services.audiences import Audience
from programmes.models import Programme, Territory


class SubscribeForm(forms.ModelForm):
    """One field is enough; the rest is offered on the page of its own."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Write your e-mail address."), "invalid": _("This is not an e-mail address.")},
    )

    class Meta:
        model = Subscription
        fields = ["first_name", "territory"]
        widgets = {"first_name": forms.TextInput(attrs={"autocomplete": "given-name"})}

    field_order = ["email", "first_name", "territory"]

    def __init__(self, *args, programme: Programme, **kwargs):
        super().__init__(*args, **kwargs)
        offer_provinces(self.fields["territory"], programme)


class PreferencesForm(forms.ModelForm):
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = Subscription
        fields = ["first_name", "last_name", "territory", "language"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer_provinces(self.fields["territory"], self.instance.programme)


def offer_provinces(field: forms.ModelChoiceField, programme: Programme) -> None:
    field.queryset = Territory.objects.filter(programme=programme)
    field.empty_label = _("All of them")


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


class EditorForm(forms.Form):
    """Subject and text in each language (`subject_it`, `body_it`, …), the audience, and how the preview is shown."""

    provinces = forms.MultipleChoiceField(label=_("Provinces"), required=False, widget=forms.CheckboxSelectMultiple)
    events = forms.MultipleChoiceField(
        label=_("Who registered for"), required=False, widget=forms.CheckboxSelectMultiple
    )
    language = forms.ChoiceField(
        label=_("Language of the readers"), required=False, choices=[("", _("All languages")), *settings.LANGUAGES]
    )
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
        audience = Audience.of(newsletter)
        initial = {
            "provinces": list(audience.provinces),
            "events": list(audience.events),
            "language": audience.language,
            "version": newsletter.version,
        }
        super().__init__(data, initial=initial)
        for code, name in settings.LANGUAGES:
            self._add_words(code, name)
        programme = newsletter.programme
        self.fields["provinces"].choices = [
            (one.slug, one.name) for one in Territory.objects.filter(programme=programme)
        ]
        self.fields["events"].choices = [
            (one.slug, str(one)) for one in Event.objects.filter(programme=programme, published_at__isnull=False)
        ]

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

    def audience_on_screen(self) -> Audience:
        """What is ticked, saved or not; what does not exist is left out."""
        ticked = {name: self[name].value() or "" for name in ("provinces", "events", "language")}
        known = {name: {value for value, _label in self.fields[name].choices} for name in ticked}
        return Audience(
            provinces=tuple(one for one in ticked["provinces"] if one in known["provinces"]),
            events=tuple(one for one in ticked["events"] if one in known["events"]),
            language=ticked["language"] if ticked["language"] in known["language"] else "",
        )

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


class ScheduleForm(forms.Form):
    """A day and a time of the programme's clock, and which one when that hour comes twice."""

    date = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    fold = forms.TypedChoiceField(
        label=_("Which of the two"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "–"), ("0", _("the first, in summer time")), ("1", _("the second, in winter time"))],
    )

    def __init__(self, data: Any = None, *, newsletter: Newsletter):
        self.newsletter = newsletter
        initial = {}
        if newsletter.send_at:
            local = newsletter.send_at.astimezone(newsletter.zone)
            initial = {"date": local.date(), "time": local.time()}
        super().__init__(data, initial=initial)

    @property
    def asks_which(self) -> bool:
        return bool(self.is_bound and (self.errors.get("fold") or self["fold"].value()))

    def instant(self) -> datetime:
        data = self.cleaned_data
        local = datetime.combine(data["date"], data["time"])
        return scheduling.instant(local=local, zone=self.newsletter.zone, fold=data["fold"])
