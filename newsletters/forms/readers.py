"""A list that the staff brings along."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from newsletters.services import tables


class ListForm(forms.Form):
    file = forms.FileField(
        label=_("The list, as a CSV file"),
        help_text=_("At most 5 MB and 50,000 rows. Every spreadsheet can save as CSV."),
        widget=forms.ClearableFileInput({"accept": ".csv,.txt,text/csv"}),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > tables.LARGEST:
            raise forms.ValidationError(_("The file is larger than 5 MB: divide it."), "too_large")
        return file
