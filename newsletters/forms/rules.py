"""Under which rules a programme's newsletters leave, as the coordinator sets them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from programmes.models import Programme

LONGEST_WAIT = 24 * 14


class RulesForm(forms.Form):
    needs_approval = forms.BooleanField(
        label=_("A second person approves each newsletter before it leaves"),
        required=False,
        help_text=_("Somebody who neither wrote nor checked it, and who may send newsletters too."),
    )
    ask_after_hours = forms.IntegerField(
        label=_("Hours of delay after which somebody is asked"),
        min_value=1,
        max_value=LONGEST_WAIT,
        help_text=_(
            "When the system was down at the hour of departure, a newsletter leaves as soon as it is back; "
            "later than this it waits for your word."
        ),
    )

    def __init__(self, data: Any = None, *, programme: Programme):
        initial = {
            "needs_approval": programme.newsletters_need_approval,
            "ask_after_hours": programme.newsletters_ask_after_hours,
        }
        super().__init__(data, initial=initial)
