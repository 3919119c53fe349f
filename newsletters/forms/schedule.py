"""When a newsletter leaves, as the staff writes it."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from newsletters.models import Newsletter
from newsletters.services import scheduling


class ScheduleForm(forms.Form):
    """A day and a time of the programme's clock, and which one when that hour comes twice."""

    date = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    fold = forms.TypedChoiceField(
        label=_("Which of the two"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "–"), ("0", _("the first, in summer time")), ("1", _("the second, in winter time"))],
    )

    def __init__(self, data: Any = None, *, newsletter: Newsletter):
        self.newsletter = newsletter
        initial = {}
        if newsletter.send_at:
            local = newsletter.send_at.astimezone(newsletter.zone)
            initial = {"date": local.date(), "time": local.time()}
        super().__init__(data, initial=initial)

    @property
    def asks_which(self) -> bool:
        return bool(self.is_bound and (self.errors.get("fold") or self["fold"].value()))

    def instant(self) -> datetime:
        data = self.cleaned_data
        local = datetime.combine(data["date"], data["time"])
        return scheduling.instant(local=local, zone=self.newsletter.zone, fold=data["fold"])
