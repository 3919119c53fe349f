"""Reading the file of a list, however the program that wrote it spells letters and separates columns (`core.tables`).

What is no table, is too large or lacks its columns is refused as a whole.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from django.utils.translation import gettext as _

from core import tables
from newsletters.services import NewsletterError

COLUMNS = ("email", "first_name", "last_name", "province", "language", "consent_at", "consent_source")
LARGEST = 5_000_000
"""Bytes."""
MOST_ROWS = 50_000


@dataclass(frozen=True)
class Row:
    """`number` is the line's as a spreadsheet shows it: the heading is row 1."""

    number: int
    cells: dict[str, str]


def read_table(content: bytes) -> list[Row]:
    """The rows of a CSV file, without the empty ones. Errors `too_large`, `not_text`, `columns`, `csv`, `too_many`."""
    if len(content) > LARGEST:
        raise NewsletterError("too_large", _("The file is larger than 5 MB: divide it."))
    text = tables.decoded(content)
    if not tables.is_text(text):
        raise NewsletterError("not_text", _("This is not a CSV file. Save the table as “CSV UTF-8” and bring that."))
    first, _end, rest = text.partition("\n")
    skipped = 0
    if re.fullmatch(r"sep=.\r?", first):  # Excel's own note to itself
        text, skipped = rest, 1
    heading = text.partition("\n")[0]
    table = csv.reader(StringIO(text, newline=""), delimiter=tables.delimiter_of(heading))
    try:
        return _rows(table, _columns(next(table, [])), first_number=2 + skipped)
    except csv.Error as error:
        number = max(table.line_num, 1)
        raise NewsletterError("csv", _("Row %(number)d cannot be read.") % {"number": number}) from error


def _columns(heading: list[str]) -> list[str]:
    columns = [name.strip().strip('"').lower() for name in heading]
    missing = [name for name in COLUMNS if name not in columns]
    if missing:
        raise NewsletterError("columns", _("These columns are missing: %(names)s.") % {"names": ", ".join(missing)})
    return columns


def _rows(table: Iterator[list[str]], columns: list[str], first_number: int) -> list[Row]:
    found = []
    for number, written in enumerate(table, start=first_number):
        cells = dict.fromkeys(COLUMNS, "") | {name: cell.strip() for name, cell in zip(columns, written, strict=False)}
        if any(cells.values()):
            found.append(Row(number, cells))
        if len(found) > MOST_ROWS:
            message = _("There are more than %(number)d rows: divide the file.") % {"number": MOST_ROWS}
            raise NewsletterError("too_many", message)
    return found
