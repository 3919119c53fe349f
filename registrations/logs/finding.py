"""Where in an attendance file the list of connections stands, and which of its columns is what.

A file may hold several lists (Teams has the people in section 2, each connection in section 3), with lines about the
meeting above: taken is the one that knows most. Its headings tell the columns; where nobody knows the language, the
cells do: two times in a row, an address, a name before them. Then a person has to look at the columns first.
"""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from io import StringIO

from registrations.logs import clocks, headings

DELIMITERS = "\t;,"
LOOKED_AT = 400
"""Rows from which the cells' shapes are learnt."""

Cells = list[str]


@dataclass(frozen=True)
class Line:
    number: int
    text: str
    cells: Cells


@dataclass(frozen=True)
class Table:
    """A list in the file: its headings, what each column means, and the lines below."""

    heading: Cells
    meanings: list[str]
    lines: list[Line]
    is_guessed: bool = False

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each column stands. Of two with one meaning the last: the first is about the whole meeting."""
        return {meaning: place for place, meaning in enumerate(self.meanings)}

    @property
    def value(self) -> int:
        """How much it knows: 3 every connection, 2 the first and the last moment, 1 only how long, 0 nothing."""
        has = set(self.meanings)
        if not has & {"name", "first_name", "email"}:
            return 0
        if {"joined", "left"} <= has or {"action", "timestamp"} <= has:
            return 3
        if {"first_joined", "last_left"} <= has:
            return 2
        return 1 if "duration" in has else 0


def lines_of(text: str, delimiter: str) -> list[Line]:
    """Line by line, so that a quotation mark that is never closed spoils only its own."""
    written = re.split(r"\r\n|\r|\n", text)
    return [Line(number, line, _cells(line, delimiter)) for number, line in enumerate(written, 1)]


def find(text: str) -> tuple[list[Line], Table | None]:
    """The lines of the file, and the list that knows most; None where there is none."""
    delimiters = sorted(DELIMITERS, key=text.count, reverse=True)
    split: dict[str, list[Line]] = {}
    for delimiter in delimiters:
        if delimiter in text:
            split[delimiter] = lines_of(text, delimiter)
            if found := _by_headings(split[delimiter]):
                return split[delimiter], found
    for lines in split.values():
        if found := _by_shape(lines):
            return lines, found
    return lines_of(text, delimiters[0]), None


def title_in(lines: Sequence[Line], table: Table | None) -> str:
    """What the meeting was called: beside its heading, or below."""
    for line, below in zip(lines, [*lines[1:], None], strict=True):
        for place, cell in enumerate(line.cells):
            if headings.is_title(cell):
                found = line.cells[1:2] if len(line.cells) == 2 else below.cells[place : place + 1] if below else []
                return "".join(found).strip()
        if table and line.cells == table.heading:
            break
    return ""


def _by_headings(lines: list[Line]) -> Table | None:
    tables: list[Table] = []
    for line in lines:
        meanings = _meanings(line.cells)
        if Table(line.cells, meanings, []).value:
            tables.append(Table(line.cells, meanings, []))
        elif tables and not re.match(r"\d\. ", line.text):
            tables[-1].lines.append(line)
    return max(tables, key=lambda table: (any(any(line.cells) for line in table.lines), table.value), default=None)


def _meanings(cells: Cells) -> list[str]:
    if len(cells) < 2:
        return []
    meanings = [headings.meaning_of(cell) for cell in cells]
    if "first_name" in meanings and "last_name" not in meanings:
        meanings[meanings.index("first_name")] = "name"
    return meanings


def _by_shape(lines: list[Line]) -> Table | None:
    shapes: Counter[tuple[int, tuple[int, ...]]] = Counter()
    last: dict[tuple[int, tuple[int, ...]], int] = {}
    for index, line in enumerate(lines):
        if len(line.cells) > 2 and len(times := _times(line.cells)) >= 2:
            shape = (len(line.cells), times[-2:])
            shapes[shape] += 1
            last[shape] = index
    if not shapes:
        return None
    width, times = max(shapes, key=lambda shape: (shapes[shape], last[shape]))
    fits = [line for line in lines if len(line.cells) == width]
    first = next(place for place, line in enumerate(fits) if _times(line.cells)[-2:] == times)
    heading = fits[first - 1].cells if first else [""] * width
    start = lines.index(fits[first])
    below = [line for line in lines[start:] if len(line.cells) > 1]
    return Table(heading, _guessed(fits[first : first + LOOKED_AT], width, times), below, is_guessed=True)


def _guessed(lines: list[Line], width: int, times: tuple[int, ...]) -> list[str]:
    meanings = [""] * width
    meanings[times[0]], meanings[times[1]] = "joined", "left"
    columns = [[line.cells[place].strip() for line in lines if line.cells[place].strip()] for place in range(width)]
    address = next(
        (place for place, cells in enumerate(columns) if cells and _most("@" in each for each in cells)), None
    )
    if address is not None:
        meanings[address] = "email"
    for place in range(times[0] - 1, -1, -1):
        if columns[place] and not meanings[place] and _most(_is_name(each) for each in columns[place]):
            meanings[place] = "name"
            break
    return meanings


def _times(cells: Cells) -> tuple[int, ...]:
    return tuple(place for place, cell in enumerate(cells) if clocks.read(cell))


def _most(answers) -> bool:
    answers = list(answers)
    return sum(answers) * 2 > len(answers)


def _is_name(cell: str) -> bool:
    return any(sign.isalpha() for sign in cell) and "@" not in cell and clocks.duration(cell) is None


def _cells(line: str, delimiter: str) -> Cells:
    try:
        return [cell.strip() for cell in next(csv.reader(StringIO(line), delimiter=delimiter), [])]
    except csv.Error:  # a cell longer than any that a platform writes
        return []
