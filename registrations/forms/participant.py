"""The forms a participant fills in: sign up, correct the address, choose what to agree to.

They ask for little: a first name and an address are enough. What a form cannot know (places, other registrations) is
decided by `services.signup`, whose refusals come back to the fields (`RuleError.add_to`).
"""

from collections.abc import Iterable

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.addresses import AddressField
from events.models import Event, Places
from registrations.consents import OPTIONAL, PURPOSES
from registrations.forms.admission import AgeField
from registrations.forms.asking import Asks
from registrations.services import asking
from registrations.services.agreeing import Agreement


def privacy_label() -> str:
    """The sentence, and where to read the notice."""
    return format_html(
        '{} <a href="{}" target="_blank">{}</a>',
        PURPOSES["privacy"].text,
        reverse("programmes:privacy"),
        _("Read it (new window)"),
    )


class ModeCards(forms.RadioSelect):
    """A card a mode; one that takes nobody any more cannot be chosen."""

    closed: frozenset[str] = frozenset()

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        if value in self.closed:
            option["attrs"]["disabled"] = True
        return option


class OwnWordsForm(Asks, forms.Form):
    """What nobody can say for another person: age, consents, answers, needs."""

    age = AgeField()
    privacy = forms.BooleanField(
        error_messages={"required": _("Please confirm that you have read the privacy notice.")}
    )
    newsletter = forms.BooleanField(label=PURPOSES["newsletter"].text, required=False)
    photos = forms.BooleanField(label=PURPOSES["photos"].text, required=False)

    def __init__(self, *args, event: Event, **kwargs):
        super().__init__(*args, **kwargs)
        self.ask(event)
        self.fields["privacy"].label = privacy_label()

    @property
    def told(self) -> asking.Told:
        age = self.cleaned_data["age"]
        return asking.Told(self.answers, self.questions_version, self.needs, self.monitoring, age)

    @property
    def consents(self) -> dict[str, bool]:
        return {key: self.cleaned_data[key] for key in PURPOSES}


class PlaceForm(forms.Form):
    """How and through whom people come; no person yet."""

    event: Event

    mode = forms.ChoiceField(
        label=_("How do you want to take part?"),
        widget=ModeCards,
        error_messages={"required": _("Choose how you want to take part.")},
    )
    organisation = forms.CharField(
        label=_("Organisation you belong to"),
        max_length=160,
        required=False,
        help_text=_("Company, association, school, authority."),
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    via = forms.CharField(required=False, widget=forms.HiddenInput)
    website = forms.CharField(
        label=_("Leave this field empty: it catches robots."),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )

    def show_places(self, event: Event) -> None:
        """Call in `__init__`: the modes of `event`, each with its places."""
        self.event, field = event, self.fields["mode"]
        field.choices = [(mode, self._card(places)) for mode, places in event.places.items()]
        field.widget.closed = frozenset(mode for mode in event.places if not self._takes(mode))
        if len(event.places) == 1:
            field.initial = next(iter(event.places))

    def _takes(self, mode: str) -> bool:
        return self.event.has_waiting_list or self.event.places[mode].left > 0

    def _card(self, places: Places) -> str:
        if places.left:
            left = ngettext("%(left)d place left", "%(left)d places left", places.left) % {"left": places.left}
        elif self.event.has_waiting_list:
            left = _("Full: you join the waiting list")
        else:
            left = _("Full")
        return format_html("{} <small>{}</small>", places.label, left)

    def clean_mode(self) -> str:
        """Said before anybody looks who is registered: a full event tells nobody whose address it knows."""
        if not self._takes(self.cleaned_data["mode"]):
            raise forms.ValidationError(_("All places are taken."))
        return self.cleaned_data["mode"]

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("Leave this field empty: it catches robots."))
        return ""


class RegistrationForm(OwnWordsForm, PlaceForm):
    first_name = forms.CharField(
        label=_("First name"),
        max_length=80,
        widget=forms.TextInput({"autocomplete": "given-name"}),
        error_messages={"required": _("Please give your first name.")},
    )
    last_name = forms.CharField(
        label=_("Surname"), max_length=80, required=False, widget=forms.TextInput({"autocomplete": "family-name"})
    )
    email = AddressField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("We send the link to confirm and your ticket there."),
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": _("Please give your e-mail address."),
            "invalid": _("This is not a whole e-mail address, such as anna@example.org."),
        },
    )
    invitation = forms.CharField(max_length=32, required=False, widget=forms.HiddenInput)

    def __init__(self, *args, event: Event, **kwargs):
        super().__init__(*args, event=event, **kwargs)
        self.show_places(event)
        asked = [name for name in self.fields if "." in name]
        first = ["mode", "first_name", "last_name", "email", "organisation", "age"]
        self.order_fields([*first, *asked])  # as on the page, for the list of errors

    @property
    def request_data(self) -> dict[str, object]:
        """What `signup.register` asks for, apart from event and language."""
        data = self.cleaned_data
        names = ("first_name", "last_name", "email", "mode", "organisation", "via", "invitation")
        return {name: data[name] for name in names} | {"consents": self.consents, **self.told._asdict()}


class AgreeForm(OwnWordsForm):
    """For whom a colleague registered: asked when she confirms."""


class EmailForm(forms.Form):
    """Another address for the link, because the first was mistyped."""

    email = AddressField(
        label=_("The right address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"}),
    )


class ConsentsForm(forms.Form):
    """What a participant may agree to or take back at any time."""

    hides_optional = True

    def __init__(self, *args, agreements: Iterable[Agreement], **kwargs):
        given = {one.purpose.key for one in agreements if one.withdrawn is None}
        super().__init__(*args, initial={key: key in given for key in OPTIONAL}, **kwargs)
        for key in OPTIONAL:
            self.fields[key] = forms.BooleanField(label=PURPOSES[key].text, required=False)
