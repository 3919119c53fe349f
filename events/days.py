"""The days of an event, and the hours of which it consists: what presence is counted in, and what papers are about.

An event of one day is what lies between its start and its end. One that is longer than LONGEST_DAY and has parts of its
agenda on several days consists of the hours of its days: each from the first to the last part of that day, by the
clocks of the programme. What begins in the night belongs to the day before; a new day begins at NIGHT. A day without a
part has no hours, for nobody said from when to when it is; where there is no agenda at all, everything counts.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import prefetch_related_objects

if TYPE_CHECKING:
    from events.models import Event, Session

NIGHT = 5
"""Hour of the clock before which what goes on after midnight belongs to the day before."""
LONGEST_DAY = timedelta(hours=12)
"""An event no longer than this has one day, though midnight may lie in it."""

Hours = tuple[datetime, datetime]


@dataclass(frozen=True)
class Day:
    """One of several. It begins in the morning, at `begins_at`; from `starts_at` to `ends_at` presence counts."""

    date: date
    begins_at: datetime
    starts_at: datetime
    ends_at: datetime
    sessions: tuple["Session", ...]

    @property
    def hours(self) -> Hours:
        return self.starts_at, self.ends_at


def of(event: "Event") -> list[Day]:
    """None where it has one day only. At most one query, and none for an event that is short enough."""
    if event.ends_at - event.starts_at <= LONGEST_DAY or event.pk is None:
        return []
    prefetch_related_objects([event], "sessions")
    zone = ZoneInfo(event.programme.time_zone)
    agenda = _by_day(event.sessions.all(), zone)
    if len(agenda) < 2:
        agenda = dict.fromkeys(_calendar(event, zone), ()) | agenda
    if len(agenda) < 2:
        return []
    return _with_hours(event, dict(sorted(agenda.items())), zone)


def hours_of(event: "Event") -> list[Hours]:
    """From when to when presence counts, in order; they do not overlap."""
    return [day.hours for day in of(event)] or [(event.starts_at, event.ends_at)]


def mornings_of(event: "Event") -> list[datetime]:
    """When a new day begins; over the night before it nobody is inside. Empty where there is one day only."""
    return [day.begins_at for day in of(event)[1:]]


def at(event: "Event", moment: datetime) -> Day | None:
    """Where there are several, the one on which `moment` lies."""
    found = of(event)
    return found[number([day.begins_at for day in found[1:]], moment)] if found else None


def number(mornings: Sequence[datetime], at: datetime) -> int:
    """On which day `at` lies: 0 is the first. What is before the first or after the last belongs to them."""
    return bisect_right(mornings, at)


def _with_hours(event: "Event", agenda: dict[date, tuple["Session", ...]], zone: ZoneInfo) -> list[Day]:
    mornings = [event.starts_at, *(_morning(day, zone) for day in list(agenda)[1:]), event.ends_at]
    says_hours = any(agenda.values())
    found: list[Day] = []
    for (day, sessions), morning, next_morning in zip(agenda.items(), mornings, mornings[1:], strict=False):
        start, end = (morning, morning) if says_hours else (morning, next_morning)
        if sessions:
            start, end = min(one.starts_at for one in sessions), max(one.ends_at for one in sessions)
        earliest = found[-1].ends_at if found else event.starts_at
        begins_at = max(min(morning, start), earliest)
        start = max(start, earliest)
        found.append(Day(day, begins_at, start, max(start, min(end, event.ends_at)), sessions))
    return found


def _by_day(sessions: Iterable["Session"], zone: ZoneInfo) -> dict[date, tuple["Session", ...]]:
    """The parts of each day; what begins in the night after a day with parts belongs to that day."""
    days: dict[date, tuple[Session, ...]] = {}
    for session in sessions:
        start = session.starts_at.astimezone(zone)
        before = start.date() - timedelta(days=1)
        day = before if start.hour < NIGHT and before in days else start.date()
        days[day] = (*days.get(day, ()), session)
    return days


def _calendar(event: "Event", zone: ZoneInfo) -> list[date]:
    """Every day from the first to the last, for who has written no agenda."""
    first, end = event.starts_at.astimezone(zone).date(), event.ends_at.astimezone(zone)
    last = end.date() - timedelta(days=end.hour < NIGHT)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _morning(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(NIGHT), zone).astimezone(UTC)
