"""What a coordinator fills in about somebody who works here. What is allowed is decided in `services.staffing`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import roles
from core.addresses import AddressField
from programmes.models import Programme, Territory


class PersonForm(forms.Form):
    """`cleaned_data` are arguments of `staffing.give_role`."""

    email = AddressField(label=_("E-mail address"), max_length=254, help_text=_("The codes to log in go there."))
    first_name = forms.CharField(label=_("First name"), max_length=80)
    last_name = forms.CharField(label=_("Surname"), max_length=80, required=False)
    organisation = forms.CharField(label=_("Organisation"), max_length=160, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=roles.choices)
    territory = forms.ModelChoiceField(
        Territory.objects.none(), label=_("Province"), required=False, empty_label=_("The whole programme")
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = programme.territories.all()
