"""The judge finds what it is there to find."""

import pytest

from config.trials.judge import Accepted, Kept, is_awake, read, violations

PEOPLE = {"anna", "bea", "cara", "dora"}
KEPT = [
    Kept("anna", "<1>", "sent"),
    Kept("bea", "<2>", "sent"),
    Kept("cara", "<3>", "uncertain"),
    Kept("dora", "<4>", "excluded"),
]
LOG = [Accepted(1.0, 1, "<1>", "anna"), Accepted(2.0, 1, "<2>", "bea")]


def verdict(log=LOG, kept=KEPT, people=PEOPLE, doubts_allowed=1):
    return violations(log, kept, people, doubts_allowed)


def test_everybody_once_and_a_doubt_by_name_is_well():
    assert verdict() == []
    assert verdict([*LOG, Accepted(3.0, 2, "<3>", "cara")]) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"log": [*LOG, LOG[0]]}, "1 × got it twice: anna"),
        ({"log": LOG[:1]}, "1 × is sent, says the outbox, and never arrived: bea"),
        ({"log": [*LOG, Accepted(3.0, 1, "<4>", "dora")]}, "1 × is not to get it, says the outbox, and got it: dora"),
        ({"log": [*LOG, Accepted(3.0, 1, "<5>", "eva")]}, "1 × got it and is not in the audience: eva"),
        ({"people": PEOPLE | {"eva"}}, "1 × is in the audience and not in the outbox: eva"),
        ({"log": [LOG[0], Accepted(2.0, 1, "<9>", "bea")]}, "1 × got it under another Message-ID: bea"),
        ({"kept": [*KEPT[:3], Kept("dora", "<4>", "sending")]}, "1 × is still open: dora"),
        ({"doubts_allowed": 0}, "1 × is in doubt, more than the 0 that died in the act: cara"),
    ],
)
def test_what_must_not_be_is_named(change, sentence):
    assert verdict(**change) == [sentence]


def test_negative_control_tells_a_judge_that_sleeps_from_one_that_looks():
    assert is_awake(LOG, KEPT, PEOPLE, 1)


def test_line_that_is_being_written_is_not_read(tmp_path):
    log = tmp_path / "sink.log"
    assert read(log) == []
    log.write_text("1.0\t1\t<1>\tanna\n2.0\t1\t<2>\tb", encoding="utf-8")
    assert read(log) == LOG[:1]
