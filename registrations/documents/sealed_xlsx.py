"""Writes a register as a workbook: five sheets of plain text and numbers, no formula, no date that a program may turn.

The sheets come in a fixed order, which `docs/check_register.py` relies on: register, facts, corrections, files, how to
check. `lines_of` reads the chain back from a workbook that was kept, `people_in` how many people it has, `is_sealed`
says whether it is still the one.
"""

import zipfile
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from registrations import chain
from registrations.documents import sealed_words

if TYPE_CHECKING:
    from registrations.services.registers import Register

FACTS = 1
FIRST_SHEET = "xl/worksheets/sheet1.xml"


def render(register: "Register") -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415  10 MiB that only an export needs

    book = Workbook(write_only=True)
    for title, rows in register.tables:
        _sheet(book, title, rows, sealed_words.widths(rows))
    _sheet(book, _("How to check"), how_to_check(register), [46, 100])
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def how_to_check(register: "Register") -> list[list[Any]]:
    """What the register is about, then the recipe in each language of the site."""
    rows: list[list[Any]] = [
        [_("Attendance register"), str(register.event.title)],
        *map(list, sealed_words.about(register)),
    ]
    for language, name in settings.LANGUAGES:
        with translation.override(language):
            rows += [["", ""], [_("How to check"), str(name)]]
            rows += [["", sentence] for sentence in sealed_words.recipe()]
    return rows


def lines_of(file: BinaryIO) -> list[str]:
    """The facts as they were hashed, in order."""
    from openpyxl import load_workbook  # noqa: PLC0415

    book = load_workbook(file, read_only=True)
    sheet = book.worksheets[FACTS]
    rows = sheet.iter_rows(min_row=2, values_only=True)
    found = [row[-2] for row in rows]
    book.close()
    return found


def people_in(file: BinaryIO) -> int:
    """How many rows its first sheet has below the headings, without reading all of a workbook; -1: it is none."""
    try:
        with zipfile.ZipFile(file) as book:
            return book.read(FIRST_SHEET).count(b"<row ") - 1
    except (KeyError, zipfile.BadZipFile):
        return -1


def said(file: Any, labels: Iterable[str]) -> dict[str, str]:
    """What a workbook that is kept says under each of `labels` on its last sheet; nothing where it cannot be read."""
    from openpyxl import load_workbook  # noqa: PLC0415

    wanted = set(labels)
    try:
        with file.open("rb") as opened:
            book = load_workbook(opened, read_only=True)
            rows = book.worksheets[-1].iter_rows(max_col=2, values_only=True)
            found = {str(label): str(words) for label, words in rows if label in wanted}
            book.close()
    except Exception:  # noqa: BLE001  whatever a file that is none of ours may raise; the check says so
        return {}
    return found


def is_sealed(file: BinaryIO, sheets: Any, head: str) -> bool:
    """Are the sheets those whose digests were sealed, and the last hash the head?"""
    from openpyxl import load_workbook  # noqa: PLC0415

    try:
        book = load_workbook(file, read_only=True)
        tables = [list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets[:-1]]
        book.close()
        last = tables[FACTS].pop()
        return [chain.digest(rows) for rows in tables] == sheets[: len(tables)] and last[-1] == head
    except Exception:  # noqa: BLE001  whatever a file that is none of ours may raise
        return False


def _sheet(book: Any, title: str, rows: Iterable[list[Any]], widths: list[int]) -> None:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    for number, row in enumerate(rows):
        cells = []
        for value in row:
            needs_cell = number == 0 or (isinstance(value, str) and value.startswith(("=", "#")))
            cell = WriteOnlyCell(sheet, value) if needs_cell else (None if value == "" else value)
            if needs_cell and isinstance(value, str):
                cell.data_type = "s"  # never a formula, never an error
            if number == 0:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
