"""What somebody outside kept of a register, to be told which one it is of."""

from django import forms
from django.utils.translation import gettext_lazy as _

from registrations.services import witnessing


class WitnessForm(forms.Form):
    """A head or a fingerprint as it stands in a mail or on paper: spaces and capitals do not matter."""

    kept = forms.CharField(
        label=_("Head of the chain, or SHA-256 of a file"),
        help_text=_("64 signs, as in the mail of the register, on each page of its PDF, or worked out from a file."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
    )

    def clean_kept(self) -> str:
        found = witnessing.as_typed(self.cleaned_data["kept"])
        if not found:
            message = _("It must have 64 signs, digits and letters from a to f: copy it whole.")
            raise forms.ValidationError(message, "no_fingerprint")
        return found
