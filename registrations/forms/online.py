"""The field for the codes of the online room."""

from django import forms
from django.utils.translation import gettext_lazy as _


class RoomCodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code on the screen"),
        help_text=_("Six digits. The same field takes the start code and the end code."),
        max_length=20,
        error_messages={"required": _("Write the six digits that you see or hear in the room.")},
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "class": "code-field"}),
    )
