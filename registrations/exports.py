"""Lists that the staff take out of the house, as XLSX or CSV. A new list is one class here.

CSV as spreadsheets in Italy open it (`core.spreadsheets`). Long lists are streamed. Each list names the permission that
it needs; the audit trail is the view's business.
"""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, BinaryIO

from django.db.models import Prefetch
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.spreadsheets import csv_lines
from core.tokens import grouped
from events.models import Mode, Question
from registrations import answers
from registrations import monitoring as funder
from registrations.models import Needs, Registration, RegistrationQuerySet, Scan
from registrations.services import attendance

CHUNK = 500


class Export:
    """A list of some registrations."""

    key = ""
    label: Any = ""
    permission = "registrations.export"
    do_not_call_in_templates = True

    def __init__(self, registrations: RegistrationQuerySet):
        self.registrations = registrations

    def headings(self) -> list[str]:
        raise NotImplementedError

    def row(self, one: Registration) -> list[Any]:
        raise NotImplementedError

    def people(self) -> RegistrationQuerySet:
        """The registrations with what a line of them reads."""
        return self.registrations.select_related("event")

    def rows(self) -> Iterator[list[Any]]:
        """The headings, then a line each."""
        yield self.headings()
        for one in self.people().iterator(chunk_size=CHUNK):
            yield self.row(one)


class People(Export):
    """Everybody in the list, with what is needed to reach them and what they answered."""

    key = "people"
    label = gettext_lazy("People")

    def __init__(self, registrations: RegistrationQuerySet):
        super().__init__(registrations)
        events = registrations.order_by().values("event")
        self.questions = [
            one
            for one in Question.objects.filter(event__in=events)
            if one.retired_at is None or self._was_answered(one)
        ]

    def _was_answered(self, question: Question) -> bool:
        return self.registrations.filter(answers__has_key=question.key).exists()

    def headings(self) -> list[str]:
        return [
            _("Surname"), _("First name"), _("E-mail address"), _("Organisation"), _("Mode"), _("State"), _("Ticket"),
            _("Registered on"), _("Came through"), *(str(one.label) for one in self.questions),
        ]  # fmt: skip

    def row(self, one: Registration) -> list[Any]:
        return [
            one.last_name, one.first_name, one.email, one.organisation, one.get_mode_display(),
            one.shown_state, grouped(one.code), _moment(one.created_at), one.via,
            *(self._answer(one, question) for question in self.questions),
        ]  # fmt: skip

    def _answer(self, one: Registration, question: Question) -> Any:
        answer = one.answers.get(question.key) if question.event_id == one.event_id else None
        words = answers.words(question, answer)
        return date.fromisoformat(words) if words and question.kind == Question.Kind.DATE else words


class Presence(Export):
    """Who was there, how, from when until when, for how long, known by what, and whether it is enough."""

    key = "presence"
    label = gettext_lazy("Attendance")

    def headings(self) -> list[str]:
        return [
            _("Surname"), _("First name"), _("Organisation"), _("Mode"), _("Was there"), _("First entrance"),
            _("Last exit"), _("Minutes present"), _("Enough for the certificate"), _("Known by"),
        ]  # fmt: skip

    def people(self) -> RegistrationQuerySet:
        sightings = Scan.objects.sightings().select_related("device").order_by("at", "pk")
        return (
            super()
            .people()
            .prefetch_related("event__sessions", Prefetch("scans", queryset=sightings, to_attr="sightings"))
        )

    def row(self, one: Registration) -> list[Any]:
        event = one.event
        stays = attendance.so_far(event, attendance.stays(event, one.sightings))
        minutes = attendance.minutes_of(event, stays)
        modes, sources = _choices(Mode, one.sightings, "mode"), _choices(Scan.Source, one.sightings, "source")
        last_exit = None if any(stay.is_open for stay in stays) else max((stay.end for stay in stays), default=None)
        return [
            one.last_name, one.first_name, one.organisation, one.get_mode_display(), modes,
            _moment(min((stay.start for stay in stays), default=None)), _moment(last_exit), minutes,
            _("yes") if minutes >= one.minutes_needed else _("no"), sources,
        ]  # fmt: skip


class WhatPeopleNeed(Export):
    """For who cooks and who hosts: food as numbers without a name, help with who needs it. Of those who will come."""

    key = "needs"
    label = gettext_lazy("Needs")
    permission = "registrations.change"

    def headings(self) -> list[str]:
        return [_("About"), _("What is needed"), _("How many"), _("Who"), _("Mode")]

    def rows(self) -> Iterator[list[Any]]:
        yield self.headings()
        coming = self.registrations.expected().order_by()
        told = list(Needs.objects.filter(registration__in=coming).select_related("registration"))
        eating = [one.dietary for one in told if one.dietary and one.registration.mode == Mode.IN_PERSON]
        written = {text.casefold(): text for text in reversed(eating)}
        counted = Counter(text.casefold() for text in eating)
        for text, number in sorted(counted.items(), key=lambda one: (-one[1], one[0])):
            yield [_("Food"), written[text], number, "", ""]
        for one in sorted(told, key=lambda one: (one.registration.last_name, one.registration.first_name)):
            if one.access:
                person = one.registration
                yield [_("Taking part"), one.access, 1, person.name, person.get_mode_display()]


class Monitoring(Export):
    """What people told for the funder, without the sensitive answers. Needs `monitoring`."""

    key = "monitoring"
    label = gettext_lazy("Monitoring")
    permission = "registrations.view_monitoring"
    items = [*funder.ORGANISATION, *funder.CORE]

    def headings(self) -> list[str]:
        return [
            _("Surname"),
            _("First name"),
            _("Organisation"),
            _("Event"),
            _("Day"),
            *(str(i.label) for i in self.items),
        ]

    def row(self, one: Registration) -> list[Any]:
        told = one.monitoring.values
        day = _moment(one.event.starts_at).date()
        answers = [item.label_of(told[item.key]) if item.key in told else "" for item in self.items]
        return [one.last_name, one.first_name, one.organisation, str(one.event), day, *answers]


EXPORTS = {export.key: export for export in (People, Presence, WhatPeopleNeed)}


def as_csv(export: type[Export], registrations: RegistrationQuerySet) -> Iterator[bytes]:
    return csv_lines(export(registrations).rows())


def as_xlsx(export: type[Export], registrations: RegistrationQuerySet) -> BinaryIO:
    """The list as a workbook in a temporary file, to be read from its start."""
    from openpyxl import Workbook  # noqa: PLC0415  10 MiB that only an export needs
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet(str(export.label))
    table = export(registrations)
    for number, _heading in enumerate(table.headings(), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = 24
    for number, row in enumerate(table.rows()):
        sheet.append([_cell(sheet, value, is_bold=number == 0) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    book.save(file)
    file.seek(0)
    return file


def _choices(labels: Any, rows: Iterable[Scan], field: str) -> str:
    """The labels of what stands in `rows`, each once, in the order of the choices."""
    there = {getattr(row, field) for row in rows}
    return ", ".join(str(one.label) for one in labels if one in there)


def _moment(value: datetime | None) -> datetime | str:
    return localtime(value).replace(tzinfo=None, microsecond=0) if value else ""


def _cell(sheet: Any, value: Any, *, is_bold: bool) -> Any:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415

    if isinstance(value, str):
        value = "".join(character for character in value if character.isprintable())
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # never a formula
    if is_bold:
        cell.font = Font(bold=True)
    return cell
