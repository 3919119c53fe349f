"""One answer to one question: what is taken, how it is kept, how it reads."""

import pytest

from registrations import answers
from tests.make import make_event, make_question

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme):
    return make_event(programme)


def question(event, kind):
    return make_question(event, choices={"rosso": "Rosso", "blu": "Blu"}, kind=kind)


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        ("text", "  Ciao\r\na tutte\x00 ", "Ciao\na tutte"),
        ("text", "=1+1", "=1+1"),
        ("text", "\ud800x", "x"),
        ("choice", "blu", "blu"),
        ("choices", ["blu", "rosso", "blu"], ["rosso", "blu"]),
        ("choices", [], None),
        ("number", "2,5", 2.5),
        ("number", "3.0", 3),
        ("number", 7, 7),
        ("number", 0, 0),
        ("date", "2024-05-14", "2024-05-14"),
        ("yes_no", "no", False),
        ("yes_no", True, True),
        ("yes_no", "", None),
        ("text", "   ", None),
        ("number", None, None),
    ],
)
def test_answer_is_kept_as_plain_json(event, kind, sent, kept):
    found = answers.read(question(event, kind), sent)
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("text", 5),
        ("text", {"a": 1}),
        ("text", "x" * 2001),
        ("choice", "verde"),
        ("choice", ["blu"]),
        ("choices", "blu"),
        ("choices", ["verde"]),
        ("choices", [["blu"]]),
        ("number", "tre"),
        ("number", "NaN"),
        ("number", "sNaN"),
        ("number", "1e400"),
        ("number", True),
        ("date", "14/05/2024"),
        ("date", 20240514),
        ("date", "0024-05-14"),
        ("yes_no", "forse"),
        ("yes_no", 1),
    ],
)
def test_wrong_answer_is_refused_with_a_sentence(event, kind, sent):
    with pytest.raises(answers.WrongAnswer) as refusal:
        answers.read(question(event, kind), sent)
    assert str(refusal.value)


@pytest.mark.parametrize(
    ("kind", "kept", "read"),
    [
        ("choice", "blu", "Blu"),
        ("choice", "gone", "gone"),
        ("choices", ["rosso", "blu"], "Rosso, Blu"),
        ("number", 0, "0"),
        ("date", "2024-05-14", "14 maggio 2024"),
        ("yes_no", False, "No"),
        ("yes_no", True, "Sì"),
        ("text", "ciao", "ciao"),
    ],
)
def test_answer_reads_in_words(event, kind, kept, read):
    assert answers.shown(question(event, kind), kept).lower() == read.lower()
