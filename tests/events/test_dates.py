"""Dates in words, with the weekday, in small letters where the language writes them so."""

from datetime import UTC, datetime

from django.utils import translation

from events import dates
from tests.make import make_event

START = datetime(2024, 5, 21, 7, 30, tzinfo=UTC)


def test_in_words_in_both_languages(programme):
    event = make_event(programme, starts_at=START)
    assert dates.in_words(event) == "martedì 21 maggio 2024, dalle 9:30 alle 13:30"
    with translation.override("en"):
        assert dates.in_words(event) == "Tuesday 21 May 2024, from 9:30 to 13:30"


def test_hours_past_midnight_name_the_second_day(programme):
    event = make_event(programme, starts_at=START.replace(hour=19), ends_at=START.replace(day=22, hour=1))
    assert dates.hours_in_words(event) == "dalle 21:30 alle 3:30 di mercoledì 22 maggio"


def test_length(programme):
    for minutes, words in ((30, "30 min"), (240, "4 h"), (210, "3 h 30 min")):
        event = make_event(programme, starts_at=START, ends_at=START + dates.timezone.timedelta(minutes=minutes))
        assert dates.length_in_words(event) == words
