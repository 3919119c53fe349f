"""The written form of a fact, byte by byte: who checks a register in another language relies on it."""

import hashlib
from datetime import datetime, timedelta, timezone

import pytest

from registrations import chain


def test_a_fact_is_written_the_same_in_every_language():
    at = datetime(2024, 6, 20, 9, 2, 3, 45, tzinfo=timezone(timedelta(hours=2)))
    written = chain.line("correction", ["n-1", "annulled", at, at, None, 7, 'Perché "no"\n\u2028è'])
    assert written == (
        '["correction","n-1","annulled","2024-06-20T07:02:03.000045Z","2024-06-20T07:02:03.000045Z",null,7,'
        '"Perch\\u00e9 \\"no\\"\\n\\u2028\\u00e8"]'
    )
    head = chain.beginning("event-1")
    assert head == hashlib.sha256(b'["convivio.register.1","event-1"]').hexdigest()
    assert chain.link(head, written) == hashlib.sha256(f"{head}{written}".encode()).hexdigest()


def test_a_sheet_is_digested_by_its_cells_as_text():
    expected = hashlib.sha256(b'["A","B"]\n["\\u00e8","3"]\n["","x"]\n').hexdigest()
    assert chain.digest([["A", "B"], ["è", 3, "", None], [None, "x"]]) == expected


def test_a_line_with_a_field_too_few_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="7 fields"):
        chain.line("correction", ["n-1"])


def test_lines_about_one_thing_say_where_they_differ():
    one = chain.line("withdrawal", ["aa", "log", "2024", 1, "x"])
    assert chain.differences(one, chain.line("withdrawal", ["aa", "log", "2024", 2, "y"])) == ["by", "reason"]
    assert chain.differences(one, chain.line("withdrawal", ["bb", "log", "2024", 1, "x"])) is None
