"""Which profile the funder has us ask at each kind of event."""

from typing import Any

from django import forms

from events import kinds
from programmes.models import MonitoringProfile, Programme


class ProfilesForm(forms.Form):
    """`cleaned_data` are the profiles by kind."""

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for kind in kinds.KINDS.values():
            self.fields[kind.key] = forms.ChoiceField(
                label=kind.plural, choices=MonitoringProfile.choices, initial=programme.monitoring_of(kind.key)
            )
