"""A list of people as the staff paste it or bring it in a file: which of its rows are new, known, twice or broken.

Reads CSV and Excel, with the columns in any order under Italian or English names, or without names in the usual order.
A broken row hinders no other and says what to mend. Nothing is written here: `inviting` and `members` say what a row
has to hold and what becomes of it. Refusals of the whole list: `not_text`, `too_large`, `too_many`, `columns`.
"""

import csv
import re
import unicodedata
import zipfile
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core import tables
from core.addresses import address_in
from core.names import one_line, only_a_name
from registrations.services import RegistrationError

COLUMNS = {
    "email": "email mail posta postaelettronica indirizzo indirizzoemail indirizzomail emailaddress address",
    "first_name": "nome firstname name givenname",
    "last_name": "cognome surname lastname familyname",
    "organisation": "organizzazione organisation organization ente azienda impresa company associazione",
    "language": "lingua language",
    "role": "ruolo role",
}
"""Under which names a column is known, in small letters only."""
LANGUAGES = {"italiano": "it", "italian": "it", "ita": "it", "inglese": "en", "english": "en", "eng": "en"}
MOST_ROWS = 2000
LARGEST = 500_000
LARGEST_UNPACKED = 20_000_000
LONGEST_CELL = 300
UNREADABLE = "\ufffd"
NOT_A_SHEET = (OSError, ValueError, KeyError, zipfile.BadZipFile)

Person = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A row of the list: its line, what stands there, and the `person` it names, or `code` and what is wrong."""

    number: int
    text: str
    person: Person = field(default_factory=dict)
    code: str = ""
    sentence: str = ""


@dataclass
class Sifted:
    """What a list holds, row by row; each row is in one of the five. Who is `done` needs nothing any more."""

    heading: str = ""
    new: list[Row] = field(default_factory=list)
    known: list[Row] = field(default_factory=list)
    done: list[Row] = field(default_factory=list)
    twice: list[Row] = field(default_factory=list)
    broken: list[Row] = field(default_factory=list)

    @property
    def groups(self) -> list[tuple[str, list[Row]]]:
        """What is well, under its heading."""
        registered = [(_("Registered already"), self.done)] if self.done else []
        return [
            (_("New"), self.new),
            (_("There already"), self.known),
            *registered,
            (_("Twice in the list"), self.twice),
        ]

    @property
    def rest(self) -> str:
        """The list of what is to be mended, to go on with."""
        return "\n".join(filter(None, [self.heading, *(row.text for row in self.broken)])) if self.broken else ""


def text_of(name: str, content: bytes) -> str:
    """A file as text, a line a row."""
    if len(content) > LARGEST:
        raise _refusal("too_large", _("The file is larger than 500 KB: divide it."), "file")
    if content.startswith(b"PK"):
        return _sheet(content)
    text = tables.decoded(content)
    if not tables.is_text(text):
        raise _refusal("not_text", _("This is neither a CSV nor an Excel file (.xlsx)."), "file")
    return text


def plain(text: str) -> str:
    """As it is compared and shown: with the line ends of one kind, without empty lines around."""
    return re.sub(r"\r\n?", "\n", text).removeprefix("\ufeff").strip("\n")


def sift(
    text: str,
    *,
    order: Iterable[str],
    read: Callable[[dict[str, str]], Person],
    key: Callable[[Person], Hashable],
    known: Callable[[list[Person]], set[Hashable]],
) -> Sifted:
    """Sort the rows of `text`. Without a heading the columns come in `order`; `read` makes a person of a row's cells or
    raises what is wrong; two rows with the same `key` are one person; `known` gives the keys that are there already."""
    sifted, rows = _read_rows(text, list(order))
    good: dict[Hashable, Row] = {}
    for number, line, cells in rows:
        try:
            row = Row(number, line, read(cells))
        except RegistrationError as error:
            sifted.broken.append(Row(number, line, {}, error.code, str(error.message)))
            continue
        if key(row.person) in good:
            sifted.twice.append(row)
        else:
            good[key(row.person)] = row
    there = known([row.person for row in good.values()])
    for each, row in good.items():
        (sifted.known if each in there else sifted.new).append(row)
    return sifted


def read_address(cells: dict[str, str]) -> str:
    written = cells["email"]
    if not written:
        raise RegistrationError("no_address", _("There is no e-mail address."))
    try:
        return address_in(written)
    except ValidationError as error:
        raise RegistrationError(error.code or "invalid", str(error.message)) from error


def read_name(cells: dict[str, str], column: str, most: int = 80) -> str:
    written = one_line(cells[column])
    if UNREADABLE in written:
        raise RegistrationError("unreadable", _("A letter cannot be read: save the table as “CSV UTF-8”."))
    if len(written) > most:
        raise RegistrationError("too_long", _("This is longer than %(size)d characters.") % {"size": most})
    try:
        only_a_name(written)
    except ValidationError as error:
        raise RegistrationError("not_a_name", str(error.message)) from error
    return written


def read_language(cells: dict[str, str]) -> str:
    written = cells["language"].lower()
    language = LANGUAGES.get(written, written) or settings.LANGUAGE_CODE
    if language not in dict(settings.LANGUAGES):
        sentence = _("“%(language)s” is no language we write in.")
        raise RegistrationError("language", sentence % {"language": written[:60]})
    return language


def _read_rows(text: str, order: list[str]) -> tuple[Sifted, list[tuple[int, str, dict[str, str]]]]:
    if len(text) > LARGEST:
        raise _refusal("too_large", _("The list is longer than 500,000 characters: divide it."))
    if not tables.is_text(text):
        raise _refusal("not_text", _("This is no list: there are signs in it that no text has."))
    lines = text.split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip(";, \t") and not re.fullmatch(r"sep=.", line)), 0)
    delimiter = tables.delimiter_of(lines[first] if re.search(r"[,;\t]", lines[first]) else text)
    records = [(first + 1 + at, line) for at, line in enumerate(lines[first:]) if line.strip(f"{delimiter} \t")]
    if len(records) > MOST_ROWS + 1:
        raise _refusal("too_many", _("There are more than %(number)d rows: divide the list.") % {"number": MOST_ROWS})
    columns = [_column(cell) for cell in _cells(lines[first], delimiter)]
    if "email" in columns:
        sifted, records = Sifted(heading=lines[first]), records[1:]
    elif "@" in lines[first] or not any(columns):
        sifted, columns = Sifted(), order
    else:
        raise _refusal("columns", _("The first row names the columns: one of them has to be “e-mail”."))
    return sifted, [(number, line, _named(columns, _cells(line, delimiter))) for number, line in records]


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip()[:1001] for cell in next(csv.reader(StringIO(line), delimiter=delimiter), [])]
    except csv.Error:  # a cell longer than any that people write: its row has no address
        return []


def _named(columns: list[str], cells: list[str]) -> dict[str, str]:
    found = dict.fromkeys(COLUMNS, "")
    for name, cell in zip(columns, cells, strict=False):
        if name and not found[name]:
            found[name] = cell
    return found


def _column(heading: str) -> str:
    letters = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", heading).casefold())
    return next((name for name, known in COLUMNS.items() if letters and letters in known.split()), "")


def _sheet(content: bytes) -> str:
    """The first sheet of an Excel file as text with semicolons."""
    from openpyxl import load_workbook  # noqa: PLC0415  10 MiB that only a list needs

    try:
        with zipfile.ZipFile(BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST_UNPACKED:
                raise _refusal("too_large", _("The file is larger than 500 KB: divide it."), "file")
        sheet = load_workbook(BytesIO(content), read_only=True, data_only=True).worksheets[0]
        rows = list(sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=30, values_only=True))
    except NOT_A_SHEET as error:
        raise _refusal("not_text", _("This is neither a CSV nor an Excel file (.xlsx)."), "file") from error
    lines = StringIO()
    writer = csv.writer(lines, delimiter=";", lineterminator="\n")
    for row in rows:
        writer.writerow([one_line(str(cell))[:LONGEST_CELL] if cell is not None else "" for cell in row])
    return lines.getvalue()


def _refusal(code: str, sentence: str, name: str = "text") -> RegistrationError:
    return RegistrationError(code, sentence, {name: sentence})
