"""What the staff fill in on the mail page: how fast mail may leave, and whose mail they look for."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*")
FASTEST = 100_000


class RateForm(forms.Form):
    """`cleaned_data` are arguments of `routes.set_rate`. Nothing filled in: as fast as the mail server takes it."""

    per_minute = forms.IntegerField(
        label=_("Messages a minute"),
        min_value=1,
        max_value=FASTEST,
        required=False,
        help_text=_("In all. Empty: as fast as the mail server takes them."),
    )


class DomainRateForm(RateForm):
    domain = forms.CharField(
        label=_("Domain"), max_length=255, help_text=_("What stands behind the @, such as gmail.com.")
    )
    field_order = ["domain", "per_minute"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["per_minute"].help_text = _("To addresses of this domain. Empty: no limit of its own.")

    def clean_domain(self) -> str:
        domain = self.cleaned_data["domain"].strip().lstrip("@").lower()
        try:
            domain = domain.encode("idna").decode()
        except UnicodeError:
            domain = ""
        if not DOMAIN.fullmatch(domain):
            raise forms.ValidationError(_("This is no domain. Write what stands behind the @, such as gmail.com."))
        return domain


class AddressForm(forms.Form):
    address = forms.EmailField(label=_("E-mail address"), max_length=320)
