"""What the staff say about an attendance file: the file, how it is read, and who somebody in it is."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core.numbers import whole
from registrations.logs import clocks
from registrations.services import RegistrationError, log_plans

ZONES = [
    "Europe/Rome", "UTC", "Europe/London", "Europe/Lisbon", "Europe/Athens", "Europe/Helsinki", "America/New_York",
    "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Tokyo",
]  # fmt: skip
"""Where the accounts of platforms have their clocks; the programme's own zone is always offered."""
MEANINGS = [
    ("", "–"),
    ("name", _("whole name")),
    ("first_name", _("first name")),
    ("last_name", _("last name")),
    ("email", _("e-mail address")),
    ("joined", _("time of joining")),
    ("left", _("time of leaving")),
]
WHO = "who-"


class AttendanceFileForm(forms.Form):
    """A file to bring."""

    file = forms.FileField(
        label=_("Attendance file"),
        help_text=_("The CSV that Zoom, Teams or Meet gives, as it is: at most 5 MB and 20,000 rows."),
        widget=forms.FileInput({"accept": ".csv,.tsv,.txt,text/csv"}),
        error_messages={"empty": _("The file is empty."), "required": _("Choose a file.")},
    )


class WithdrawFileForm(forms.Form):
    """Why a file is taken back."""

    reason = forms.CharField(label=capfirst(_("why it was withdrawn")), max_length=200)


class ClockForm(forms.Form):
    """By which clock a file is read and, where nobody knows its headings, what its columns are."""

    zone = forms.ChoiceField(label=_("Time zone of the file"))
    order = forms.ChoiceField(label=_("Dates in the file"), required=False)

    def __init__(self, *args: Any, plan: log_plans.Plan, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.plan = plan
        zones = list(dict.fromkeys([plan.zone, *ZONES]))
        self.fields["zone"].choices = [(zone, zone.replace("_", " ")) for zone in zones]
        self.fields["zone"].initial = plan.zone
        words = {"dmy": _("day/month"), "mdy": _("month/day")}
        self.fields["order"].choices = [(order, words[order]) for order in clocks.ORDERS]
        self.fields["order"].initial = plan.log.order
        if not plan.log.has_dates:
            del self.fields["order"]
        for place, column in enumerate(plan.log.columns if plan.log.is_guessed else []):
            label = column.heading or str(place + 1)
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=label[:80],
                choices=MEANINGS,
                required=False,
                initial=column.meaning,
                help_text=" · ".join(filter(None, column.cells))[:120],
            )

    @property
    def columns(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("column-")]

    @property
    def said(self) -> dict[str, Any]:
        """What is to be decided."""
        said = {"zone": self.cleaned_data["zone"], "order": self.cleaned_data.get("order") or None}
        if self.plan.log.is_guessed:
            said["columns"] = [self.cleaned_data[field.name] for field in self.columns]
        return said

    @property
    def is_news(self) -> bool:
        """Would the file be read otherwise than was shown?"""
        return self.has_changed()


class WhoForm:
    """Who the people of one page of the plan are. A name that candidates have is chosen among them, another is
    written: a ticket's code, an address or a name of the list."""

    def __init__(self, entries: list[log_plans.Entry], plan: log_plans.Plan, data: Any = None):
        self.entries, self.plan, self.data = entries, plan, data
        self.errors: dict[str, str] = {}
        self.choices: dict[str, int] = {}

    def is_valid(self) -> bool:
        for entry in self.entries:
            written = self.data.get(f"{WHO}{entry.key}")
            if written is not None:
                self._read(entry, written.strip())
        return not self.errors

    def rows(self) -> list[dict[str, Any]]:
        """Each entry with what stands in its field."""
        return [
            {"entry": one, "written": self._written(one), "error": self.errors.get(one.key)} for one in self.entries
        ]

    def _read(self, entry: log_plans.Entry, written: str) -> None:
        if not written:
            if entry.is_decided:
                self.choices[entry.key] = log_plans.LEFT_OUT
            return
        if entry.candidates and (key := whole(written)) is not None:
            self.choices[entry.key] = key
            return
        try:
            self.choices[entry.key] = log_plans.person_meant(written, self.plan.everybody).pk
        except RegistrationError as error:
            self.errors[entry.key] = str(error.message)

    def _written(self, entry: log_plans.Entry) -> str:
        if self.data is not None and (written := self.data.get(f"{WHO}{entry.key}")) is not None:
            return written
        person = entry.registration
        if entry.candidates:
            return str(person.pk) if person else "0" if entry.is_decided else ""
        return f"{person.name} · {person.code}" if person else ""
