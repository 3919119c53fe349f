"""What readers fill in: asking for the newsletter, and choosing what they get."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.addresses import AddressField
from newsletters.kinds import OrganisationKind, Topic
from newsletters.models import Subscription
from programmes.models import Programme, Territory


class SubscribeForm(forms.ModelForm):
    """One field is enough; the rest is offered on the page of its own."""

    email = AddressField(
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
    topics = forms.MultipleChoiceField(
        label=_("What you would like to read about"),
        required=False,
        choices=Topic.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Tick nothing and you get every newsletter. Newsletters about a bit of everything come to everybody."
        ),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    hides_optional = True

    class Meta:
        model = Subscription
        fields = ["topics", "territory", "organisation_kind", "language", "first_name", "last_name"]
        help_texts = {"territory": _("Newsletters about one province come to who chose it or “all of them”.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation_kind"].choices = [("", _("I would rather not say")), *OrganisationKind.choices]
        offer_provinces(self.fields["territory"], self.instance.programme)


def offer_provinces(field: forms.ModelChoiceField, programme: Programme) -> None:
    field.queryset = Territory.objects.filter(programme=programme)
    field.empty_label = _("All of them")
