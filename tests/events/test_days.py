"""The hours of which an event consists, by hand: `20 09:00` is the 20th of June 2024 at nine in Rome."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from events import days
from events.models import Event
from tests.make import both, make_event

pytestmark = pytest.mark.django_db
ROME = ZoneInfo("Europe/Rome")


def moment(words):
    return datetime.fromisoformat(f"2024-06-{words}").replace(tzinfo=ROME)


def event_of(start, end, *parts, **over):
    event = make_event(starts_at=moment(start), ends_at=moment(end), **over)
    for when, minutes in parts:
        event.sessions.create(starts_at=moment(when), minutes=minutes, title=both("A", "A"))
    return Event.objects.get(pk=event.pk)


def hours(event):
    return [tuple(f"{one.astimezone(ROME):%d %H:%M}" for one in pair) for pair in event.hours]


@pytest.mark.parametrize(
    ("start", "end", "parts", "expected"),
    [
        ("20 09:00", "20 13:00", [], [("20 09:00", "20 13:00")]),
        ("20 09:00", "20 13:00", [("20 09:30", 60)], [("20 09:00", "20 13:00")]),
        ("20 20:00", "21 08:00", [("20 20:00", 60), ("21 06:00", 60)], [("20 20:00", "21 08:00")]),
        ("20 08:00", "20 23:00", [("20 09:00", 60)], [("20 08:00", "20 23:00")]),
        ("20 09:00", "21 13:00", [("20 09:00", 60), ("20 15:00", 90), ("21 09:00", 240)],
         [("20 09:00", "20 16:30"), ("21 09:00", "21 13:00")]),
        ("20 20:00", "21 20:00", [("20 20:00", 60), ("21 00:30", 90), ("21 19:00", 60)],
         [("20 20:00", "21 02:00"), ("21 19:00", "21 20:00")]),
        ("20 09:00", "22 17:00", [("20 09:00", 60), ("22 09:00", 60)],
         [("20 09:00", "20 10:00"), ("22 09:00", "22 10:00")]),
        ("20 09:00", "21 17:00", [("20 09:00", 60)], [("20 09:00", "20 10:00"), ("21 05:00", "21 05:00")]),
        ("20 09:00", "21 17:00", [], [("20 09:00", "21 05:00"), ("21 05:00", "21 17:00")]),
        ("20 09:30", "21 10:00", [("20 09:00", 60), ("21 09:00", 120)],
         [("20 09:30", "20 10:00"), ("21 09:00", "21 10:00")]),
    ],
)  # fmt: skip
def test_hours(programme, start, end, parts, expected):
    assert hours(event_of(start, end, *parts)) == expected


def test_of_three_days_with_four_hours_of_agenda_four_hours_count(programme):
    """It lasts from Thursday at eleven in the evening to Saturday at six: 2,580 minutes, most of them nights."""
    parts = [("20 23:00", 60), ("21 09:00", 120), ("22 17:00", 60)]
    event = event_of("20 23:00", "22 18:00", *parts, threshold=75)
    assert (event.duration_minutes, event.minutes_counted, event.minutes_needed) == (2580, 240, 180)


def test_without_an_agenda_everything_counts(programme):
    event = event_of("20 09:00", "21 17:00", threshold=50)
    assert (event.minutes_counted, event.minutes_needed) == (1920, 960)


def test_a_day_begins_at_five_or_with_what_is_earlier_or_later(programme):
    """On the 21st the first part is at half past four; on the 23rd the night before ends at six."""
    parts = [("19 10:00", 60), ("21 04:30", 60), ("22 22:00", 60), ("23 04:00", 120), ("23 09:00", 60)]
    event = event_of("19 10:00", "23 12:00", *parts)
    mornings = [f"{one.astimezone(ROME):%d %H:%M}" for one in days.mornings_of(event)]
    assert mornings == ["21 04:30", "22 05:00", "23 06:00"]


def test_the_night_in_which_summer_time_ends_is_an_hour_longer(programme):
    start, end = datetime(2026, 10, 24, 22, tzinfo=ROME), datetime(2026, 10, 25, 12, tzinfo=ROME)
    event = Event.objects.get(pk=make_event(starts_at=start, ends_at=end).pk)
    assert (event.duration_minutes, event.minutes_counted) == (15 * 60, 15 * 60)


@pytest.mark.parametrize(("end", "queries"), [("20 21:00", 0), ("21 13:00", 1)])
def test_only_a_long_event_is_asked_for_its_agenda_and_once(programme, django_assert_num_queries, end, queries):
    event = Event.objects.select_related("programme").get(pk=event_of("20 09:00", end).pk)
    with django_assert_num_queries(queries):
        assert event.hours
        assert event.minutes_needed
