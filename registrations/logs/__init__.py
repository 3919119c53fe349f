"""Attendance files of Zoom, Teams and Meet: what stands in them, read without a database.

`headings` knows what the columns are called, in which language; `clocks` what the times mean; `opening` refuses what is
no such file; `reading` makes a `Log` of the bytes; `people` merges the connections of one person and says whose names
are alike. What becomes of it is decided by `services.platform_logs`.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Connection:
    """Somebody was there from `joined_at` to `left_at`, says one line of the file."""

    name: str
    email: str
    joined_at: datetime
    left_at: datetime
    line: int
    note: str = ""


@dataclass(frozen=True)
class Broken:
    """A line that could not be read, and why. It hinders no other."""

    line: int
    text: str
    sentence: str


@dataclass(frozen=True)
class Column:
    """A column as the file has it: its heading, the first cells, and what it is taken for."""

    heading: str
    cells: list[str]
    meaning: str


@dataclass
class Log:
    """What a file says. `is_guessed`: nobody knows its headings, the columns are told apart by what stands in them."""

    platform: str
    language: str
    encoding: str
    order: str
    is_order_certain: bool
    has_dates: bool
    is_guessed: bool
    columns: list[Column]
    title: str = ""
    rows: list[Connection] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
