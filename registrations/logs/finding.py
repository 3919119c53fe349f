"""Where in an attendance file the list of connections stands, and which of its columns is what.

A file may hold several lists, with lines about the meeting above. Taken are those that know most: of Teams the one of
each connection (section 3) and not the one of the people (section 2), of a webinar of Zoom hosts, panelists and
attendees. Headings tell the columns; where nobody knows the language, the cells do: two times in a row, an address, a
name before them. Then a person has to look at the columns first.
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


def find(text: str) -> tuple[list[Line], list[Table]]:
    """The lines of the file, and the lists that know most; none where there is none."""
    delimiters = sorted(DELIMITERS, key=text.count, reverse=True)
    split: dict[str, list[Line]] = {}
    for delimiter in delimiters:
        if delimiter in text:
            split[delimiter] = lines_of(text, delimiter)
            if found := _by_headings(split[delimiter]):
                return split[delimiter], found
    for lines in split.values():
        if found := _by_shape(lines):
            return lines, [found]
    return lines_of(text, delimiters[0]), []


def likely_heading(lines: Sequence[Line]) -> Cells:
    """What stands in the place of headings where there are none that anybody knows: the first of the widest lines."""
    widest = max(lines[:LOOKED_AT], key=lambda line: sum(map(bool, line.cells)), default=None)
    return [cell for cell in widest.cells if cell] if widest else []


def titles_in(lines: Sequence[Line], table: Table) -> list[str]:
    """What the meeting was called: beside its heading, or below. Where it stands in each line, there may be several."""
    places = [place for place, cell in enumerate(table.heading) if headings.is_title(cell)]
    if places:
        return list(dict.fromkeys(line.cells[places[0]] for line in table.lines if any(line.cells[: places[0] + 1])))
    return [title] if (title := _title_above(lines, table)) else []


def _title_above(lines: Sequence[Line], table: Table) -> str:
    for line, below in zip(lines, [*lines[1:], None], strict=True):
        for place, cell in enumerate(line.cells):
            if headings.is_title(cell):
                found = line.cells[1:2] if len(line.cells) == 2 else below.cells[place : place + 1] if below else []
                return "".join(found).strip()
        if line.cells == table.heading:
            break
    return ""


def _by_headings(lines: list[Line]) -> list[Table]:
    tables: list[Table] = []
    goes_on = False
    for line in lines:
        meanings = _meanings(line.cells)
        if (table := Table(line.cells, meanings, [])).value:
            if tables and tables[-1].lines and _is_alone(tables[-1].lines[-1]):  # the title of this list
                tables[-1].lines.pop()
            tables.append(table)
            goes_on = True
        elif re.match(r"\d\. ", line.text) and _is_alone(line):
            goes_on = False
        elif goes_on:
            tables[-1].lines.append(line)
    filled = [table for table in tables if any(any(line.cells) for line in table.lines)] or tables
    best = max((table.value for table in filled), default=0)
    return [table for table in filled if table.value == best]


def _is_alone(line: Line) -> bool:
    """Is there only one thing in it, as in the title of a section?"""
    return sum(map(bool, line.cells)) == 1


def _meanings(cells: Cells) -> list[str]:
    if len(cells) < 2:
        return []
    meanings = [headings.meaning_of(cell) for cell in cells]
    halves = {"first_name", "last_name"} & set(meanings)
    if len(halves) == 1 and "name" not in meanings:
        meanings[meanings.index(halves.pop())] = "name"
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
