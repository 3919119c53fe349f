"""A picture to be taken in, with the words for whoever does not see it. What is wrong with a file says the service."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PictureForm(forms.Form):
    file = forms.FileField(
        label=_("Image"),
        help_text=_("JPEG, PNG or WebP, up to 10 MB. Place and time that a camera wrote into it are taken out."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    alternative = forms.CharField(
        label=_("What the image shows"),
        max_length=250,
        help_text=_("For who does not see it: “Twelve people around a table in Pisa, writing on yellow notes”."),
        error_messages={"required": _("Say what the image shows, for who does not see it.")},
    )
