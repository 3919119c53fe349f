"""Calendar files, read by two programs that are not ours: libical, which knows the tables of iTIP, and vobject."""

import ctypes
import ctypes.util
import os
from datetime import UTC, datetime, timedelta

import pytest
import vobject
from django.utils import timezone, translation
from icalendar import Calendar

from events import calendars
from tests.events.calendar_times import CASES, event_of, files_of
from tests.make import both, make_event, make_programme, make_venue

SUMMER = datetime(2024, 5, 21, 7, 30, tzinfo=UTC)
WINTER = datetime(2024, 12, 6, 8, 0, tzinfo=UTC)


def libical():
    name = ctypes.util.find_library("ical") or "libical.so.3"
    try:
        library = ctypes.CDLL(name)
    except OSError:
        if os.environ.get("CONVIVIO_ALL_TESTS"):
            pytest.fail("No libical on this machine, and nothing may be skipped here.")
        pytest.skip("No libical on this machine: install the package `libical3` to run this test.")
    library.icalparser_parse_string.restype = ctypes.c_void_p
    library.icalparser_parse_string.argtypes = [ctypes.c_char_p]
    for function in ("icalrestriction_check", "icalcomponent_count_errors"):
        getattr(library, function).argtypes = [ctypes.c_void_p]
    for function in ("icalcomponent_get_dtstart", "icalcomponent_get_dtend"):
        getattr(library, function).argtypes, getattr(library, function).restype = [ctypes.c_void_p], IcalTime
    library.icaltime_as_timet_with_zone.argtypes = [IcalTime, ctypes.c_void_p]
    library.icaltime_as_timet_with_zone.restype = ctypes.c_long
    return library


class IcalTime(ctypes.Structure):
    """libical's `struct icaltimetype`: the wall's clock and the zone that stands beside it in the file."""

    _fields_ = [
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second", "is_date", "is_dst")),
        ("zone", ctypes.c_void_p),
    ]


def as_libical_reads(content: bytes) -> tuple[datetime, datetime]:
    library = libical()
    component = library.icalparser_parse_string(content)
    times = [library.icalcomponent_get_dtstart(component), library.icalcomponent_get_dtend(component)]
    return tuple(datetime.fromtimestamp(library.icaltime_as_timet_with_zone(one, one.zone), UTC) for one in times)


def as_vobject_reads(content: bytes) -> tuple[datetime, datetime]:
    entry = vobject.readOne(content.decode()).vevent
    return entry.dtstart.value.astimezone(UTC), entry.dtend.value.astimezone(UTC)


@pytest.mark.parametrize("read", [as_libical_reads, as_vobject_reads])
@pytest.mark.parametrize("name", CASES)
def test_other_programs_read_the_instants_that_were_meant(db, name, read):
    event = event_of(CASES[name])
    for content in files_of(event).values():
        assert_sound(content)
        assert read(content) == (event.starts_at, event.ends_at)


def test_only_the_hour_that_comes_twice_is_written_in_utc(db):
    written = {name: calendars.single(event=event_of(case)).count(b"DTSTART;TZID=") for name, case in CASES.items()}
    twice = {name for name in CASES if "of the two hours" in name or "the second" in name}
    assert {name for name, number in written.items() if not number} == twice | {"a zone whose rules we do not write"}


def test_what_one_downloads_or_subscribes_to_names_no_attendee(programme):
    files = files_of(make_event(programme))
    for name in ("feed", "download"):
        assert b"METHOD:PUBLISH" in files[name]
        assert b"ATTENDEE" not in files[name]
    own = the_invitation(make_event(programme), method="PUBLISH")
    assert b"METHOD:PUBLISH" in own
    assert b"ATTENDEE" not in own
    assert b"ATTENDEE" in files["request"]


def assert_sound(content: bytes) -> None:
    """The letter of RFC 5545 and the tables of RFC 5546, as libical reads them; every line folded and ended right."""
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    library = libical()
    component = library.icalparser_parse_string(content)
    assert library.icalcomponent_count_errors(component) == 0
    assert library.icalrestriction_check(component) == 1
    vobject.readOne(content.decode()).validate(raiseException=True)


def entry(content: bytes):
    return Calendar.from_ical(content).walk("VEVENT")[0]


def the_invitation(event, **over):
    values = {
        "attendee_name": "Anna Verdi",
        "attendee_email": "anna@example.org",
        "method": "REQUEST",
        "sequence": 0,
        "uid": "registration-7",
    }
    return calendars.invitation(event=event, **values | over)


def test_feed_read_by_other_programs(programme):
    venue = make_venue(programme, name="Sala «Eden»; Bastione, Mura", town="Grosseto")
    events = [
        make_event(programme, starts_at=SUMMER, venue=venue, title=both("Seminario di Grosseto, perché sì", "Seminar")),
        make_event(programme, starts_at=WINTER, cancelled_at=timezone.now()),
        make_event(programme, starts_at=SUMMER + timedelta(days=3), is_date_assumed=True),
    ]
    content = calendars.feed(events=events, programme=programme, address="http://testserver/eventi.ics")
    assert_sound(content)
    statuses = [str(found["STATUS"]) for found in Calendar.from_ical(content).walk("VEVENT")]
    assert statuses == ["CONFIRMED", "CANCELLED", "TENTATIVE"]
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H" in content


def test_single_keeps_the_hour_in_summer_and_winter(programme):
    for starts_at, on_the_wall in ((SUMMER, b"20240521T093000"), (WINTER, b"20241206T090000")):
        content = calendars.single(event=make_event(programme, starts_at=starts_at))
        assert_sound(content)
        assert b"DTSTART;TZID=Europe/Rome:" + on_the_wall in content
        assert content.count(b"BEGIN:VTIMEZONE") == 1


def test_single_across_midnight(programme):
    start = datetime(2024, 3, 30, 21, 0, tzinfo=UTC)  # the night in which the clocks go forward
    content = calendars.single(event=make_event(programme, starts_at=start, ends_at=start + timedelta(hours=5)))
    assert_sound(content)
    assert b"DTSTART;TZID=Europe/Rome:20240330T220000" in content
    assert b"DTEND;TZID=Europe/Rome:20240331T040000" in content


def test_single_in_a_zone_without_known_rules_is_in_utc(db):
    programme = make_programme(time_zone="Atlantic/Canary")
    content = calendars.single(event=make_event(programme, starts_at=SUMMER))
    assert_sound(content)
    assert b"DTSTART:20240521T073000Z" in content


def test_single_is_the_same_bytes_until_the_event_changes(programme):
    event = make_event(programme)
    before = calendars.single(event=event)
    assert calendars.single(event=event) == before
    event.sequence += 1
    event.changed_at += timedelta(minutes=1)
    after = calendars.single(event=event)
    assert entry(after)["UID"] == entry(before)["UID"]
    assert int(entry(after)["SEQUENCE"]) == 1
    assert entry(after)["LAST-MODIFIED"].dt > entry(before)["LAST-MODIFIED"].dt


def test_feed_and_single_name_an_event_alike_in_both_languages(programme):
    event = make_event(programme)
    with translation.override("en"):
        english = calendars.single(event=event)
    italian = calendars.feed(events=[event], programme=programme, address="http://testserver/eventi.ics")
    assert entry(english)["UID"] == entry(italian)["UID"]
    assert str(entry(english)["SUMMARY"]) == "Trial seminar"
    assert str(entry(italian)["SUMMARY"]) == "Seminario di prova"
    assert str(entry(english)["URL"]).startswith("http://testserver/en/events/")


def test_online_room_is_not_in_any_calendar(programme):
    event = make_event(programme, online_url="https://rooms.example/secret")
    for content in (calendars.single(event=event), the_invitation(event)):
        assert b"rooms.example" not in content.replace(b"\r\n ", b"")


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_invitation_read_by_other_programs(programme, method):
    event = make_event(programme, starts_at=SUMMER, venue=make_venue(programme))
    content = the_invitation(event, method=method, sequence=2, attendee_name='Anna "Nina" D’Òrià; Verdi\r\nX-EVIL:1')
    assert_sound(content)
    found = entry(content)
    assert str(found["UID"]) == "registration-7@testserver"
    assert int(found["SEQUENCE"]) == 2
    assert str(found["ATTENDEE"]) == "mailto:anna@example.org"
    assert str(found["STATUS"]) == ("CANCELLED" if method == "CANCEL" else "CONFIRMED")
    assert "X-EVIL" not in found
