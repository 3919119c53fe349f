"""The people of an attendance file: whose lines belong together, when each was there, whose names are alike.

Somebody is one by her address, or by her name where the platform gives no address. Connections from two devices at once
count once. Names are compared without case, accents, order and signs, in each part that could be one: “iPhone (Anna
Verdi)”, “Anna Verdi (Guest)”, “Verdi Anna – CNA”.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from registrations.logs import Connection

Interval = tuple[datetime, datetime]
_PARTS = re.compile(r"[()\[\]|/,;]| [-–—_] ")


@dataclass
class Somebody:
    """Who the file names: under which `key` what is decided about her is kept."""

    key: str
    name: str
    email: str
    connections: list[Connection] = field(default_factory=list)

    @property
    def intervals(self) -> list[Interval]:
        return merged((one.joined_at, one.left_at) for one in self.connections)

    @property
    def notes(self) -> list[str]:
        return sorted({one.note for one in self.connections if one.note})


def people_in(rows: Iterable[Connection]) -> list[Somebody]:
    """Everybody in the file, in the order of first mention."""
    found: dict[str, Somebody] = {}
    for row in rows:
        who = row.email or "\n".join(sorted(names_in(row.name))) or row.name
        key = hashlib.sha256(who.encode()).hexdigest()[:12]
        found.setdefault(key, Somebody(key, row.name, row.email)).connections.append(row)
    return list(found.values())


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The union as intervals that neither overlap nor touch. An empty one is none."""
    union: list[Interval] = []
    for start, end in sorted(intervals):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(end, union[-1][1]))
        elif start < end:
            union.append((start, end))
    return union


def during(intervals: Iterable[Interval], start: datetime, end: datetime) -> list[Interval]:
    """Those that have a part between `start` and `end`, as they are."""
    return [one for one in intervals if one[0] < end and one[1] > start]


def clipped(intervals: Iterable[Interval], start: datetime, end: datetime) -> list[Interval]:
    return [(max(one[0], start), min(one[1], end)) for one in during(intervals, start, end)]


def same_name(written: str) -> str:
    """The form in which two names are equal; nothing where there are no letters."""
    plain = unicodedata.normalize("NFKD", written).casefold().replace("’", "'")
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(sorted(re.findall(r"[^\W\d_]+", plain)))


def names_in(shown: str) -> set[str]:
    """Each name that could be meant by what a platform shows, as `same_name` writes it."""
    candidates = [shown, re.sub(r"[(\[].*?[)\]]", " ", shown), *_PARTS.split(shown)]
    last, comma, first = shown.partition(",")
    if comma:
        candidates.append(f"{first} {last}")
    return {name for each in candidates if (name := same_name(each))}
