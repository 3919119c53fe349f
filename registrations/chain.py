"""How a register's facts are written down and chained, so that any later change shows. Pure: no database, no clock.

A fact is a JSON array on one line: its kind, then the fields of `FIELDS` in that order, ASCII only, no spaces, times in
UTC with microseconds. The hash of a link is SHA-256, in hex, of the hash before it followed by that line. The chain of
an event begins with the hash of its header and goes on for ever; each register is a link of its own that holds the
digests of its sheets, and its hash is the *head* that the register prints. docs/evidence.md says it for outsiders,
docs/check_register.py does it again without this module.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

FORMAT = "convivio.register.1"
FIELDS = {
    "fact": [
        "nonce", "person", "code", "mode", "direction", "source", "status", "reason", "is_forced", "at", "device_at",
        "clock_offset", "received_at", "device", "by", "file", "note",
    ],
    "correction": ["fact", "kind", "at", "received_at", "device", "by", "reason"],
    "file": ["sha256", "kind", "part", "name", "size", "added_at", "by"],
    "withdrawal": ["sha256", "kind", "at", "by", "reason"],
    "register": ["number", "made_at", "by", "facts", "sheets"],
}  # fmt: skip
"""`person` is the code of a registration, `fact` the nonce of a fact, `file` the SHA-256 of a file, `device` and `by`
the numbers of a phone and of somebody who works here."""


def beginning(uid: str) -> str:
    """The hash from which the chain of the event `uid` (as in its calendar) starts."""
    return _hash(_line([FORMAT, uid]))


def line(kind: str, values: Iterable[Any]) -> str:
    """One fact as it is hashed. `values` in the order of `FIELDS`."""
    values = list(values)
    if len(values) != len(FIELDS[kind]):
        raise ValueError(f"{kind} has {len(FIELDS[kind])} fields, not {len(values)}")
    return _line([kind, *values])


def link(previous: str, written: str) -> str:
    return _hash(previous + written)


def digest(rows: Iterable[Iterable[Any]]) -> str:
    """Of a sheet: SHA-256 of its rows, headings first, each a JSON array of its cells as text and a line feed."""
    found = hashlib.sha256()
    for row in rows:
        cells = ["" if cell is None else str(cell) for cell in row]
        while cells and cells[-1] == "":
            cells.pop()
        found.update(f"{_line(cells)}\n".encode())
    return found.hexdigest()


def differences(before: str, after: str) -> list[str] | None:
    """The fields in which two lines about the same thing differ; None when they are about different things."""
    old, new = json.loads(before), json.loads(after)
    if old[:2] != new[:2]:
        return None
    return [name for name, was, now in zip(FIELDS[old[0]], old[1:], new[1:], strict=True) if was != now]


def _line(values: list[Any]) -> str:
    return json.dumps(values, ensure_ascii=True, separators=(",", ":"), sort_keys=True, default=_moment)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
