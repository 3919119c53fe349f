"""Numbers that somebody sent: a key or a count, never more than a database takes."""

LONGEST = 18
"""Digits: all of them fit into 64 bits."""


def whole(written: str) -> int | None:
    """`written` as a number from 0 on; None for anything else."""
    written = written.strip()
    is_number = written.isascii() and written.isdecimal() and len(written) <= LONGEST
    return int(written) if is_number else None
