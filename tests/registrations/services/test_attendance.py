"""Minutes present: union of stays, clipped to the event, judged by the scans' own time."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from registrations.models import Correction, Scan
from registrations.services import attendance
from tests.make import make_event, make_registration, make_scan

pytestmark = pytest.mark.django_db
ROME = ZoneInfo("Europe/Rome")
NINE = datetime(2026, 5, 12, 9, 0, tzinfo=ROME)


@pytest.fixture
def anna(programme):
    event = make_event(starts_at=NINE, ends_at=NINE + timedelta(hours=4))
    return make_registration(event)


def seen(registration, *moments, **over):
    """`"in 9:10"` or `"out 11:00"`, in any order of arrival."""
    for moment in moments:
        direction, clock = moment.split()
        hour, minute = map(int, clock.split(":"))
        at = NINE.replace(hour=0) + timedelta(hours=hour, minutes=minute)
        make_scan(registration, direction=direction, at=at, **over)
    return attendance.recompute(registration)


@pytest.mark.parametrize(
    ("moments", "minutes", "is_inside"),
    [
        ([], 0, False),
        (["in 9:00", "out 10:30"], 90, False),
        (["in 9:30"], 210, True),
        (["in 8:15", "out 9:45"], 45, False),
        (["in 12:30", "out 14:00"], 30, False),
        (["in 7:00", "out 8:00"], 0, False),
        (["in 13:30"], 0, True),
        (["in 9:00", "out 10:00", "in 11:00", "out 12:00"], 120, False),
        (["out 12:00", "in 11:00", "out 10:00", "in 9:00"], 120, False),
        (["in 9:00", "in 9:30", "out 10:00"], 60, False),
        (["in 9:00", "out 10:00", "out 11:00"], 60, False),
        (["out 10:00"], 0, False),
    ],
)
def test_minutes_of(anna, moments, minutes, is_inside):
    seen(anna, *moments)
    anna.refresh_from_db()
    assert (anna.minutes, anna.is_inside) == (minutes, is_inside)


def test_hall_and_online_room_overlapping_count_once(anna):
    seen(anna, "in 9:00", "out 10:00")
    seen(anna, "in 9:30", "out 11:00", mode="online")
    assert (anna.minutes, anna.is_inside) == (120, False)


def test_across_midnight_and_the_end_of_summer_time(programme):
    starts_at = datetime(2026, 10, 24, 22, 0, tzinfo=ROME)
    event = make_event(starts_at=starts_at, ends_at=datetime(2026, 10, 25, 4, 0, tzinfo=ROME))
    anna = make_registration(event)
    make_scan(anna, direction="in", at=datetime(2026, 10, 24, 23, 0, tzinfo=ROME))
    make_scan(anna, direction="out", at=datetime(2026, 10, 25, 3, 30, tzinfo=ROME))
    attendance.recompute(anna)
    assert anna.minutes == 5 * 60 + 30  # the hour from two to three comes twice


def test_found_already_inside_counts_when_the_exit_before_it_arrives_late(anna):
    seen(anna, "in 9:00")
    seen(anna, "in 11:00", status=Scan.Status.REPEATED, reason=Scan.Reason.ALREADY_IN)
    seen(anna, "out 10:00")
    assert (anna.minutes, anna.is_inside) == (60 + 120, True)


def test_refused_and_annulled_scans_do_not_count(anna):
    seen(anna, "in 9:00", status=Scan.Status.REFUSED, reason=Scan.Reason.CANCELLED)
    seen(anna, "in 9:00")
    anna.scans.get(status=Scan.Status.OK).corrections.create(kind=Correction.Kind.ANNULLED)
    attendance.recompute(anna)
    assert (anna.entered_at, anna.minutes, anna.is_inside) == (None, 0, False)


def test_recompute_twice_leaves_the_time_of_change_alone(anna):
    seen(anna, "in 9:00")
    before = anna.changed_at
    attendance.recompute(anna)
    anna.refresh_from_db()
    assert anna.changed_at == before
