"""What readers fill in: asking for the newsletter, and choosing what they get."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from newsletters.models import Subscription
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
