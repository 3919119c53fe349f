"""Reading the file of a list, however the program that wrote it spells letters and separates columns.

UTF-8 and UTF-16 (what Excel calls "Unicode text"), and the older Windows-1252, Latin-9 and Mac Roman, which are told
apart by which of them makes words of the signs that differ; commas, semicolons or tabs. What is no table, is too large
or lacks its columns is refused as a whole.
"""

import codecs
import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from django.utils.translation import gettext as _

from newsletters.services import NewsletterError

COLUMNS = ("email", "first_name", "last_name", "province", "language", "consent_at", "consent_source")
LARGEST = 5_000_000
"""Bytes."""
MOST_ROWS = 50_000
NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\ufffe\uffff]")
"""Signs that pictures and spreadsheets have and text has not."""
MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
]  # fmt: skip
OLD = ("cp1252", "iso8859-15", "mac-roman")


@dataclass(frozen=True)
class Row:
    """`number` is the line's as a spreadsheet shows it: the heading is row 1."""

    number: int
    cells: dict[str, str]


def read_table(content: bytes) -> list[Row]:
    """The rows of a CSV file, without the empty ones. Errors `too_large`, `not_text`, `columns`, `csv`, `too_many`."""
    if len(content) > LARGEST:
        raise NewsletterError("too_large", _("The file is larger than 5 MB: divide it."))
    text = _text(content)
    if NO_TEXT.search(text):
        raise NewsletterError("not_text", _("This is not a CSV file. Save the table as “CSV UTF-8” and bring that."))
    first, _end, rest = text.partition("\n")
    skipped = 0
    if re.fullmatch(r"sep=.\r?", first):  # Excel's own note to itself
        text, skipped = rest, 1
    heading = text.partition("\n")[0]
    table = csv.reader(StringIO(text, newline=""), delimiter=max(",;\t", key=heading.count))
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


def _text(content: bytes) -> str:
    """The file as text; a letter that cannot be read stays as a question mark in a box, and is refused in its row."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace").removeprefix("\ufeff")
    if content[:400].count(0) > len(content[:400]) // 3:  # every second byte of plain letters in UTF-16
        return content.decode("utf-16-be" if content[:1] == b"\0" else "utf-16-le", errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return max((content.decode(one, errors="replace") for one in OLD), key=_likeness)


def _likeness(text: str) -> int:
    """How much the signs beyond ASCII look like what people here write: accents first, then quotation marks."""
    return sum(_weight(sign) for sign in text if not sign.isascii())


def _weight(sign: str) -> int:
    if sign in "àèéìòùÀÈÉÌÒÙ":
        return 4
    if sign in "’“”‘–—…€°«»ªº":
        return 3
    return 1 if unicodedata.category(sign) in {"Ll", "Lu"} else -4
