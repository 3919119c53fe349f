"""Lists that the staff take out of the house, as XLSX or CSV. A new list is one class here.

CSV as spreadsheets in Italy open it (`core.spreadsheets`). Long lists are streamed. Who may, and the audit trail, are
the view's and the service's business.
"""

import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.spreadsheets import csv_lines
from core.tokens import grouped
from registrations.models import Registration, RegistrationQuerySet

CHUNK = 500


class People:
    """Everybody in the list, with what is needed to reach them."""

    key = "people"
    label = gettext_lazy("People")

    def headings(self) -> list[str]:
        return [
            _("Surname"), _("First name"), _("E-mail address"), _("Organisation"), _("Mode"), _("State"), _("Ticket"),
            _("Registered on"), _("Came through"),
        ]  # fmt: skip

    def row(self, one: Registration) -> list[Any]:
        return [
            one.last_name, one.first_name, one.email, one.organisation, one.get_mode_display(),
            one.shown_state, grouped(one.code), _moment(one.created_at), one.via,
        ]  # fmt: skip


class Presence:
    """Who was there, for how long, and whether it is enough for the certificate."""

    key = "presence"
    label = gettext_lazy("Attendance")

    def headings(self) -> list[str]:
        return [
            _("Surname"), _("First name"), _("Organisation"), _("Mode"), _("Came in"), _("Minutes present"),
            _("Enough for the certificate"),
        ]  # fmt: skip

    def row(self, one: Registration) -> list[Any]:
        return [
            one.last_name, one.first_name, one.organisation, one.get_mode_display(), _moment(one.entered_at),
            one.minutes_so_far, _("yes") if one.minutes_so_far >= one.minutes_needed else _("no"),
        ]  # fmt: skip


EXPORTS = {export.key: export for export in (People(), Presence())}


def as_csv(export: Any, registrations: RegistrationQuerySet) -> Iterator[bytes]:
    return csv_lines(_rows(export, registrations))


def as_xlsx(export: Any, registrations: RegistrationQuerySet) -> BinaryIO:
    """The list as a workbook in a temporary file, to be read from its start."""
    from openpyxl import Workbook  # noqa: PLC0415  10 MiB that only an export needs
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet(str(export.label))
    for number, _heading in enumerate(export.headings(), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = 24
    for number, row in enumerate(_rows(export, registrations)):
        sheet.append([_cell(sheet, value, is_bold=number == 0) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    book.save(file)
    file.seek(0)
    return file


def _rows(export: Any, registrations: RegistrationQuerySet) -> Iterable[list[Any]]:
    yield export.headings()
    for one in registrations.select_related("event").iterator(chunk_size=CHUNK):
        yield export.row(one)


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
