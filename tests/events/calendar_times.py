"""Events whose times calendar programs read wrongly: around both changes of clocks, across midnight, in the hour that
comes twice. Each as zone, start and end on the wall there; `fold=1` is the second of the two."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from events import calendars
from events.models import Event
from tests.make import make_event, make_programme


def _moment(zone: str, wall: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def _case(zone: str, starts: str, ends: str, start_fold: int = 0, end_fold: int = 0):
    return zone, _moment(zone, starts, start_fold), _moment(zone, ends, end_fold)


CASES = {
    "day before clocks go forward": _case("Europe/Rome", "2024-03-30 09:00", "2024-03-30 13:00"),
    "day on which clocks went forward": _case("Europe/Rome", "2024-03-31 09:00", "2024-03-31 13:00"),
    "day after": _case("Europe/Rome", "2024-04-01 09:00", "2024-04-01 13:00"),
    "through the night of the hour that is missing": _case("Europe/Rome", "2024-03-30 22:00", "2024-03-31 04:00"),
    "day before clocks go back": _case("Europe/Rome", "2024-10-26 09:00", "2024-10-26 13:00"),
    "day on which clocks went back": _case("Europe/Rome", "2024-10-27 09:00", "2024-10-27 13:00"),
    "through the night of the hour that comes twice": _case("Europe/Rome", "2024-10-26 22:00", "2024-10-27 04:00"),
    "in the first of the two hours": _case("Europe/Rome", "2024-10-27 02:15", "2024-10-27 02:45"),
    "in the second of the two hours": _case("Europe/Rome", "2024-10-27 02:15", "2024-10-27 02:45", 1, 1),
    "from the first into the second": _case("Europe/Rome", "2024-10-27 02:45", "2024-10-27 02:15", 0, 1),
    "begins before, ends in the second": _case("Europe/Rome", "2024-10-27 01:30", "2024-10-27 02:30", 0, 1),
    "across midnight": _case("Europe/Rome", "2026-06-10 21:00", "2026-06-11 01:30"),
    "summer, years ahead": _case("Europe/Rome", "2031-07-01 09:30", "2031-07-01 13:30"),
    "winter, years ahead": _case("Europe/Rome", "2031-12-01 09:30", "2031-12-01 13:30"),
    "Oslo in summer": _case("Europe/Oslo", "2025-06-20 10:00", "2025-06-20 12:00"),
    "Oslo in winter": _case("Europe/Oslo", "2025-01-20 10:00", "2025-01-20 12:00"),
    "Oslo, in the second of the two hours": _case("Europe/Oslo", "2025-10-26 02:30", "2025-10-26 03:30", 1),
    "a zone whose rules we do not write": _case("Atlantic/Canary", "2025-06-20 10:00", "2025-06-20 12:00"),
}


def event_of(case: tuple[str, datetime, datetime]) -> Event:
    zone, starts_at, ends_at = case
    return make_event(make_programme(time_zone=zone, is_current=False), starts_at=starts_at, ends_at=ends_at)


def files_of(event: Event) -> dict[str, bytes]:
    """Every kind of file in which the event stands."""
    mail = {"attendee_name": "Anna", "attendee_email": "anna@example.org", "sequence": 1, "uid": "registration-7"}
    return {
        "feed": calendars.feed(events=[event], programme=event.programme, address="http://testserver/eventi.ics"),
        "download": calendars.single(event=event),
        "request": calendars.invitation(event=event, method="REQUEST", **mail),
        "cancel": calendars.invitation(event=event, method="CANCEL", **mail),
    }
