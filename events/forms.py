"""The staff's forms about events. They read and explain; what is allowed is decided in `services.editing`."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.forms import inlineformset_factory
from django.template.defaultfilters import filesizeformat
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext_lazy as _
from i18nfield.strings import LazyI18nString

from accounts.permissions import VisibleQuerySet
from core.number_fields import say_plainly
from core.tokens import readable_code
from events import dates
from events.inputs import DayAndTime, LanguageLines, LanguageTexts, MainLanguage, WebAddress
from events.models import Event, Material, Session, Speaker, Venue
from events.services import seen_before, series, venues
from events.services.editing import MOVES
from programmes.models import Organisation, Programme, Territory

FILE_TYPES = ["pdf", "docx", "odt", "pptx", "odp", "xlsx", "ods", "csv", "jpg", "jpeg", "png", "zip"]
FILE_LIMIT = 15_000_000
SEEN = "events.seen"


def territories_for(user: Any, programme: Programme) -> VisibleQuerySet:
    """The provinces whose events she may change, and whether she may change events of the whole programme."""
    allowed = [
        territory.pk
        for territory in programme.territories.all()
        if user.has_perm("events.change", territory_place(territory))
    ]
    return Territory.objects.filter(pk__in=allowed)


def territory_place(territory: Territory) -> SimpleNamespace:
    """Where an event of this province would belong."""
    return SimpleNamespace(programme_id=territory.programme_id, territory_id=territory.pk)


class RuleForm(forms.ModelForm):
    """What the database would refuse, `services.editing` or the form itself refuses with a sentence at the field."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        say_plainly(self.fields.values())

    def _post_clean(self):
        self.instance.validate_constraints = lambda exclude=None: None
        super()._post_clean()


class PlaceFields:
    """Choices that depend on the programme and on who edits."""

    def limit_choices(self, user: Any, programme: Programme) -> None:
        territory = self.fields["territory"]
        territory.queryset = territories_for(user, programme)
        territory.required = not user.has_perm("events.change", programme)
        if "venue" in self.fields:
            self.fields["venue"].queryset = Venue.objects.filter(programme=programme).order_by("town", "name")


class EventForm(PlaceFields, RuleForm):
    """Everything of an event but its agenda. Moving an event that has people asks once more before telling them.

    The page carries what it shows (`seen`), so that only what this person changed on it is a change.
    """

    tell_people = forms.BooleanField(required=False, label=_("Yes, change it and tell the people registered"))

    class Meta:
        model = Event
        fields = [
            "title", "summary", "description", "outcome", "territory", "organiser", "starts_at", "ends_at",
            "is_date_assumed", "venue", "online_url", "in_person_capacity", "online_capacity", "total_capacity",
            "has_waiting_list", "offer_hours", "needs_approval", "access", "audience_organisations",
            "audience_role", "registration_opens_at", "registration_closes_at",
            "changes_close_at", "threshold", "missing_exit", "survey_url",
        ]  # fmt: skip
        widgets = {
            "title": LanguageLines, "summary": LanguageTexts, "description": LanguageTexts, "outcome": LanguageTexts,
            "access": forms.RadioSelect, "missing_exit": forms.RadioSelect,
            "audience_organisations": forms.CheckboxSelectMultiple,
        }  # fmt: skip
        help_texts = {
            "missing_exit": _(
                "It decides how many minutes count for the certificate of who forgets to have the ticket scanned on "
                "the way out. If you change it, everybody’s minutes are counted anew at once."
            )
        }
        field_classes = {
            "title": MainLanguage, "starts_at": DayAndTime, "ends_at": DayAndTime, "online_url": WebAddress,
            "survey_url": WebAddress,
            "registration_opens_at": DayAndTime, "registration_closes_at": DayAndTime, "changes_close_at": DayAndTime,
        }  # fmt: skip

    hides_optional = True

    def __init__(self, *args, user: Any, **kwargs):
        super().__init__(*args, **kwargs)
        self.limit_choices(user, self.instance.programme)
        ours = Organisation.objects.filter(programme=self.instance.programme)
        self.fields["organiser"].queryset = ours
        self.fields["audience_organisations"].queryset = ours.exclude(role=Organisation.Role.FUNDER)
        self.fields["access"].label = _("The event is for")
        for name in ("access", "missing_exit"):  # a form that was opened before there was a choice leaves it as it is
            self.fields[name].required = False
        self.now = seen_before.read(self.instance, self.Meta.fields)
        self.seen = self.now | self._carried()
        self.initial |= {name: self._as_shown(name) for name in self.seen if self.seen[name] != self.now[name]}
        self.was_seen_by = self.instance.in_person_taken + self.instance.online_taken
        if not self.must_ask:
            self.fields["tell_people"].widget = forms.HiddenInput()

    def _carried(self) -> dict[str, Any]:
        try:
            return signing.loads(self.data.get("seen", ""), salt=SEEN) if self.is_bound else {}
        except signing.BadSignature:
            return {}

    def _as_shown(self, name: str) -> Any:
        value = self.seen[name]
        if value and isinstance(self.fields[name], DayAndTime):
            return datetime.fromisoformat(value)
        return LazyI18nString(value) if isinstance(value, dict) else value

    @property
    def seen_mark(self) -> str:
        """For the page: where she was told of another's change she has seen that now, and may write over it."""
        told = {name: self.now[name] for name in self.seen if self.has_error(name, "stale")} if self.is_bound else {}
        return signing.dumps(self.seen | told, salt=SEEN, compress=True)

    @property
    def must_ask(self) -> bool:
        """Would the change reach people's calendars, and has nobody said yes to that?"""
        told = self.instance.published_at and self.was_seen_by and not self.instance.cancelled_at
        return bool(self.is_bound and told and MOVES & set(self.changed_data))

    def clean_access(self) -> str:
        return self.cleaned_data["access"] or self.instance.access

    def clean_missing_exit(self) -> str:
        return self.cleaned_data["missing_exit"] or self.instance.missing_exit

    def clean(self):
        cleaned = super().clean()
        if self.must_ask and not cleaned.get("tell_people"):
            self.add_error(
                "tell_people", ValidationError(_("Date or place change: say yes below."), code="unconfirmed")
            )
        return cleaned

    @property
    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "tell_people"}


class CopyForm(PlaceFields, RuleForm):
    """A new event from one that exists."""

    source = forms.ModelChoiceField(Event.objects.none(), label=_("Start from"))

    class Meta:
        model = Event
        fields = ["source", "title", "territory", "venue", "starts_at", "slug"]
        widgets = {"title": LanguageLines}
        field_classes = {"title": MainLanguage, "starts_at": DayAndTime}
        help_texts = {"slug": _("Lower-case letters, digits and dashes, such as seminario-pisa-2.")}

    hides_optional = True

    def __init__(self, *args, user: Any, programme: Programme, **kwargs):
        super().__init__(*args, **kwargs)
        self.limit_choices(user, programme)
        self.fields["source"].queryset = Event.objects.visible_to(user).filter(programme=programme)


class SisterForm(forms.Form):
    """One province among several. Without a day nothing is made of it."""

    starts_at = DayAndTime(label=capfirst(_("starts")), required=False)
    venue = forms.TypedChoiceField(label=capfirst(_("venue")), required=False, empty_value=None)
    slug = forms.SlugField(label=capfirst(_("address of the page")), required=False, max_length=series.LONGEST_SLUG)

    hides_optional = True

    def __init__(self, data=None, *, proposed: str, territory: Territory, venues: dict[str, Venue]):
        super().__init__(data, prefix=territory.slug)
        self.territory, self.proposed = territory, proposed
        here = [key for key, venue in venues.items() if venue.territory_id == territory.pk]
        order = here + [key for key in venues if key not in here]
        self.fields["venue"].choices = [("", _("Still to be found")), *((key, str(venues[key])) for key in order)]
        self.fields["venue"].coerce = venues.get
        self.initial = {"venue": here[0] if here else "", "slug": self.proposed}

    @property
    def wish(self) -> series.Wish | None:
        """What to make, once the form is valid."""
        data = self.cleaned_data
        if not data["starts_at"]:
            return None
        return series.Wish(self.territory, data["starts_at"], data["venue"], data["slug"] or self.proposed)


class BlankForm(PlaceFields, RuleForm):
    """A new event from nothing: what it cannot be without. The rest is written afterwards."""

    class Meta:
        model = Event
        fields = [
            "kind", "title", "territory", "venue", "starts_at", "ends_at", "in_person_capacity", "online_capacity",
            "slug",
        ]  # fmt: skip
        widgets = {"title": LanguageLines}
        field_classes = {"title": MainLanguage, "starts_at": DayAndTime, "ends_at": DayAndTime}
        help_texts = CopyForm.Meta.help_texts

    hides_optional = True

    def __init__(self, *args, user: Any, programme: Programme, **kwargs):
        super().__init__(*args, **kwargs)
        self.limit_choices(user, programme)


class VenueForm(PlaceFields, forms.ModelForm):
    """A place and how to reach it. Its short name in files is made of its name.

    Another name or address of a venue that people go to asks once more before telling them.
    """

    tell_people = forms.BooleanField(required=False, label=_("Yes, change it and tell the people registered"))

    class Meta:
        model = Venue
        fields = ["territory", "name", "address", "town", "by_train", "by_car", "on_foot", "accessibility"]
        widgets = dict.fromkeys(["by_train", "by_car", "on_foot", "accessibility"], LanguageTexts)

    hides_optional = True

    def __init__(self, *args, user: Any, **kwargs):
        super().__init__(*args, **kwargs)
        self.limit_choices(user, self.instance.programme)
        self.was_seen_by = venues.people_going(self.instance) if self.instance.pk else 0
        if not self.must_ask:
            self.fields["tell_people"].widget = forms.HiddenInput()

    @property
    def must_ask(self) -> bool:
        """Would the change reach people's calendars, and has nobody said yes to that?"""
        return bool(self.is_bound and self.was_seen_by and venues.ADDRESS & set(self.changed_data))

    def clean(self):
        cleaned = super().clean()
        if self.must_ask and not cleaned.get("tell_people"):
            self.add_error("tell_people", ValidationError(_("The place changes: say yes below."), code="unconfirmed"))
        return cleaned

    @property
    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "tell_people"}

    def save(self, commit: bool = True) -> Venue:
        if not self.instance.slug:
            self.instance.slug = f"{slugify(self.instance.name)[:40]}-{readable_code(4).lower()}".strip("-")
        return super().save(commit)


class MaterialForm(RuleForm):
    hides_optional = True

    class Meta:
        model = Material
        fields = ["title", "file", "url", "order"]
        widgets = {"title": LanguageLines}
        field_classes = {"title": MainLanguage, "url": WebAddress}
        labels = {"order": _("Order")}
        help_texts = {"file": _("PDF, office document, image or ZIP, at most 15 MB.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].validators.append(FileExtensionValidator(FILE_TYPES))

    def clean_file(self):
        file = self.cleaned_data.get("file")
        if file and "file" in self.changed_data and file.size > FILE_LIMIT:
            sentence = _("This file is too big: %(size)s. At most 15 MB.") % {"size": filesizeformat(file.size)}
            raise ValidationError(sentence, code="too_big")
        return file

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not cleaned.get("file") and not cleaned.get("url"):
            self.add_error("file", ValidationError(_("Choose a file or give a link."), code="required"))
        return cleaned


class SpeakerForm(forms.ModelForm):
    hides_optional = True

    class Meta:
        model = Speaker
        fields = ["name", "title", "session", "order"]
        widgets = {"title": LanguageLines}
        labels = {"session": _("Part of the agenda"), "order": _("Order")}

    def __init__(self, *args, sessions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["session"].choices = sessions


class SessionForm(forms.ModelForm):
    hides_optional = True

    class Meta:
        model = Session
        fields = ["starts_at", "minutes", "title", "description"]
        widgets = {"title": LanguageLines, "description": LanguageTexts}
        field_classes = {"title": MainLanguage, "starts_at": DayAndTime}

    def __init__(self, *args, event: Event, **kwargs):
        super().__init__(*args, **kwargs)
        self.event = event

    def clean(self):
        cleaned = super().clean()
        starts_at, minutes = cleaned.get("starts_at"), cleaned.get("minutes")
        if starts_at and minutes is not None:
            if not self.event.starts_at <= starts_at < self.event.ends_at:
                name = "starts_at"
            elif starts_at + timedelta(minutes=minutes) > self.event.ends_at:
                name = "minutes"
            else:
                return cleaned
            sentence = _("The event is %(when)s: this is outside its hours.") % {"when": dates.in_words(self.event)}
            self.add_error(name, ValidationError(sentence, code="outside"))
        return cleaned


SessionFormSet = inlineformset_factory(Event, Session, SessionForm, extra=1, can_delete_extra=False)
SpeakerFormSet = inlineformset_factory(Event, Speaker, SpeakerForm, extra=1, can_delete_extra=False)
MaterialFormSet = inlineformset_factory(Event, Material, MaterialForm, extra=1, can_delete_extra=False)


def parts_of(event: Event, part: str, data=None, files=None) -> forms.BaseInlineFormSet:
    """The forms of an event's `sessions`, `speakers` or `materials`, with an empty one at the end."""
    if part == "sessions":
        return SessionFormSet(data, instance=event, form_kwargs={"event": event})
    if part == "materials":
        return MaterialFormSet(data, files, instance=event)
    sessions = [("", "–"), *((session.pk, str(session)) for session in event.sessions.all())]
    return SpeakerFormSet(data, instance=event, form_kwargs={"sessions": sessions})
