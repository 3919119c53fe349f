"""What the staff fill in about a person. What is allowed is decided in `services.signup` and `services.correcting`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.addresses import AddressField
from events.models import Event, Mode
from registrations.models import Registration


class CorrectForm(forms.ModelForm):
    """`cleaned_data` are the arguments of `correcting.correct`."""

    class Meta:
        model = Registration
        fields = ["first_name", "last_name", "email", "organisation"]
        field_classes = {"email": AddressField}
        help_texts = {
            "email": _("At a new address the old ticket and link stop working, and a new mail leaves at once.")
        }

    def validate_constraints(self):
        """The service answers with a sentence at the field."""


class KeepDataForm(forms.Form):
    """Why somebody's data are not erased."""

    reason = forms.CharField(
        label=_("Why her data are kept"),
        max_length=500,
        help_text=_("She reads it in our mail."),
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("Say why: she reads it.")},
    )


class ByHandForm(forms.Form):
    """Somebody who asked in person or by telephone."""

    first_name = forms.CharField(label=_("First name"), max_length=80)
    last_name = forms.CharField(label=_("Surname"), max_length=80, required=False)
    email = AddressField(
        label=_("E-mail address"),
        required=False,
        help_text=_("She gets the link to confirm. Without an address she is registered at once, in person."),
    )
    organisation = forms.CharField(label=_("Organisation"), max_length=160, required=False)
    mode = forms.ChoiceField(label=_("Mode"), choices=Mode.choices)
    privacy = forms.BooleanField(label=_("She has read the privacy notice"))
    photos = forms.BooleanField(label=_("She agrees to photos and videos"), required=False)

    def __init__(self, *args: Any, event: Event, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["mode"].choices = [(mode, places.label) for mode, places in event.places.items()]

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("email") and cleaned.get("mode") == Mode.ONLINE:
            self.add_error("email", forms.ValidationError(_("To take part online one needs an address."), "required"))
        return cleaned
