"""What a participant fills in beside the registration: her details, a colleague, the place she takes over, her address.

What is allowed is decided in `services.own_details`, `services.handing_over` and `services.lost_links`.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.addresses import AddressField
from registrations.forms.participant import OwnWordsForm
from registrations.models import Handover, Registration
from registrations.services import own_details


def _name(label: str, **over: Any) -> forms.CharField:
    errors = {"required": _("Please give the first name.")}
    return forms.CharField(label=label, max_length=80, error_messages=errors, **over)


class DetailsForm(forms.Form):
    """Its `cleaned_data` are arguments of `own_details.change`."""

    first_name = _name(_("First name"), widget=forms.TextInput({"autocomplete": "given-name"}))
    last_name = _name(_("Surname"), required=False, widget=forms.TextInput({"autocomplete": "family-name"}))
    organisation = forms.CharField(
        label=_("Organisation you belong to"),
        max_length=160,
        required=False,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    language = forms.ChoiceField(label=_("Language in which we write to you"), choices=settings.LANGUAGES)
    version = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, registration: Registration, **kwargs: Any):
        initial = {name: getattr(registration, name) for name in own_details.FIELDS}
        initial["version"] = own_details.version_of(registration)
        super().__init__(*args, initial=initial, **kwargs)

    def show_again_over(self, registration: Registration) -> None:
        """What was typed stays, and saving once more is about the row as it is now."""
        self.data = self.data.copy()
        self.data["version"] = own_details.version_of(registration)


class ColleagueForm(forms.Form):
    """Who gets the place. Its `cleaned_data` are arguments of `handing_over.offer`."""

    first_name = _name(_("First name"))
    last_name = _name(_("Surname"), required=False)
    email = AddressField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("Your colleague’s own: the ticket goes there."),
        widget=forms.EmailInput({"inputmode": "email", "autocomplete": "off"}),
        error_messages={"required": _("Please give your colleague’s e-mail address.")},
    )


class TakeOverForm(OwnWordsForm):
    """Who takes a colleague's place, with consents of her own. `request_data` is for `handing_over.accept`."""

    first_name = _name(_("First name"), widget=forms.TextInput({"autocomplete": "given-name"}))
    last_name = _name(_("Surname"), required=False, widget=forms.TextInput({"autocomplete": "family-name"}))
    organisation = forms.CharField(
        label=_("Organisation you belong to"),
        max_length=160,
        required=False,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )

    def __init__(self, *args: Any, handover: Handover, **kwargs: Any):
        known = {"first_name": handover.first_name, "last_name": handover.last_name}
        super().__init__(*args, event=handover.registration.event, initial=known, **kwargs)

    @property
    def request_data(self) -> dict[str, Any]:
        names = ("first_name", "last_name", "organisation")
        return {name: self.cleaned_data[name] for name in names} | {"consents": self.consents, "told": self.told}


class LostLinkForm(forms.Form):
    email = AddressField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The one with which you registered."),
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"}),
        error_messages={"required": _("Please give your e-mail address.")},
    )
    website = forms.CharField(
        label=_("Leave this field empty: it catches robots."),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("Leave this field empty: it catches robots."))
        return ""
