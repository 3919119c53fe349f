"""Tables as spreadsheets in Italy open them: UTF-8 with a byte order mark, semicolons, times as people read them.

A text that a spreadsheet would take for a formula is made harmless, the full-width signs of Japan too.
"""

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(rows: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """The table line by line."""
    yield b"\xef\xbb\xbf"
    writer = csv.writer(_Echo(), delimiter=";")
    for row in rows:
        yield writer.writerow([_harmless(value) for value in row]).encode()


def _harmless(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, str) and unicodedata.normalize("NFKC", value[:1]).startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


class _Echo:
    """Gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line
