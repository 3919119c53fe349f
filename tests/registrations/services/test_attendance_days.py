"""Minutes at an event of two days, counted by hand; nights never count, and each morning begins anew.

Thursday the 20th from nine to one and from three to five, and until half past midnight a party from half past ten in
the evening; Friday the 21st from nine to one. The hours that count: 9:00–0:30 and 9:00–13:00, together 930 + 240.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from events.models import Event
from registrations.models import Evidence, Scan
from registrations.services import attendance, certificates, checkin, door_table, hall, presence, recounting
from registrations.services.presence_overview import presence_of
from tests.make import both, make_event, make_registration, make_scan

pytestmark = pytest.mark.django_db
ROME = ZoneInfo("Europe/Rome")
FIRST, SECOND = 930, 240
MissingExit = Event.MissingExit


def moment(words):
    return datetime.fromisoformat(f"2024-06-{words}").replace(tzinfo=ROME)


@pytest.fixture
def event(programme):
    event = make_event(programme, starts_at=moment("20 09:00"), ends_at=moment("21 14:00"))
    for when, minutes in [("20 09:00", 240), ("20 15:00", 120), ("20 22:30", 120), ("21 09:00", 240)]:
        event.sessions.create(starts_at=moment(when), minutes=minutes, title=both("Parte", "Part"))
    return event


def seen(event, *facts, rule=MissingExit.END, **over):
    """`"in 20 09:00"`; gives the person with the minutes that count."""
    Event.objects.filter(pk=event.pk).update(missing_exit=rule)
    person = make_registration(Event.objects.get(pk=event.pk), mode=over.get("mode", "in_person"))
    for fact in facts:
        direction, when = fact.split(maxsplit=1)
        make_scan(person, direction=direction, at=moment(when), **over)
    return attendance.recompute(person)


@pytest.mark.parametrize(
    ("facts", "end", "session", "nothing"),
    [
        (["in 20 09:00", "out 20 13:00", "in 21 09:00", "out 21 13:00"], 480, 480, 480),
        (["in 20 09:00", "out 21 00:30"], FIRST, FIRST, FIRST),
        (["in 20 23:30", "out 21 01:30"], 60, 60, 60),
        (["in 20 09:10"], FIRST - 10, 230, 0),
        (["in 20 16:00"], 510, 60, 0),
        (["in 20 09:00", "in 21 09:00"], FIRST + SECOND, 480, 0),
        (["in 20 09:00", "in 21 12:00", "out 21 13:30"], FIRST + 60, 240 + 60, 60),
        (["in 20 09:00", "out 21 12:00"], FIRST, 240, 0),
        (["in 20 23:00", "in 21 00:15"], 90, 90, 0),
        (["out 21 12:00"], 0, 0, 0),
        (["in 21 07:00"], SECOND, SECOND, 0),
        (["in 21 13:10"], 0, 0, 0),
        (["in 20 08:00", "out 20 08:50"], 0, 0, 0),
    ],
)
@pytest.mark.parametrize("rule", [MissingExit.END, MissingExit.SESSION, MissingExit.NOTHING])
def test_minutes_in_the_hall(event, rule, facts, end, session, nothing):
    expected = {MissingExit.END: end, MissingExit.SESSION: session, MissingExit.NOTHING: nothing}
    assert seen(event, *facts, rule=rule).minutes == expected[rule]


def test_one_entry_does_not_fill_the_night_nor_the_threshold(event):
    person = seen(event, "in 20 09:00")
    assert (person.minutes, person.minutes_needed) == (FIRST, -(-(FIRST + SECOND) * 75 // 100))
    assert (person.minutes >= person.minutes_needed) is True
    assert seen(event, "in 21 09:00").minutes == SECOND


def test_hall_and_online_room_count_once_and_only_in_the_hours(event):
    person = seen(event, "in 20 12:00", "out 20 14:00", "in 21 12:30", "out 21 13:30")
    for when in ("20 13:50", "20 14:00", "21 08:50", "21 12:25"):
        make_scan(person, mode="online", source=Scan.Source.PAGE, direction="here", at=moment(when))
    attendance.recompute(person)
    assert person.minutes == (120 + 15) + 5 + (5 + 30)


def test_what_a_platform_saw_over_night_counts_in_the_hours(event):
    file = Evidence.objects.create(event=event, kind=Evidence.Kind.LOG, name="a.csv", sha256="0" * 64, size=1)
    person = seen(event, "in 20 22:30", "out 21 10:00", mode="online", source=Scan.Source.LOG, evidence=file)
    assert person.minutes == 120 + 60


def test_codes_of_two_days_say_nothing_of_what_lies_between(event):
    person = seen(event, "in 20 09:00", "out 21 12:45", mode="online", source=Scan.Source.CODE)
    assert person.minutes == 15 + 15
    person = seen(event, "in 20 09:00", "out 20 12:45", mode="online", source=Scan.Source.CODE)
    assert person.minutes == 225 + 15


def test_everybody_anew_after_the_agenda_changed(event, django_assert_num_queries):
    people = [seen(event, "in 20 09:00", "in 21 09:00") for _number in range(3)]
    event.sessions.filter(starts_at=moment("20 22:30")).delete()
    event = Event.objects.select_related("programme").get(pk=event.pk)
    with django_assert_num_queries(7):  # the agenda, whom, people, facts, one statement, and a savepoint around them
        assert attendance.recompute_all(event) == 3
    people[0].refresh_from_db()
    assert people[0].minutes == 480 + 240


@pytest.mark.parametrize(
    ("now", "minutes"),
    [("20 10:00", 60), ("20 23:00", FIRST - 90), ("21 03:00", FIRST), ("21 08:00", FIRST), ("21 20:00", FIRST)],
)
def test_so_far_an_evening_does_not_grow_over_the_night(event, now, minutes):
    person = seen(event, "in 20 09:00")
    stays = attendance.stays(person.event, attendance.of_people([person])[person.pk])
    assert attendance.minutes_of(person.event, attendance.so_far(person.event, stays, moment(now))) == minutes


def test_gaps_of_the_online_page_are_no_nights(event):
    person = seen(event, mode="online")
    for when in ("20 09:00", "21 12:00"):
        make_scan(person, mode="online", source=Scan.Source.PAGE, direction="here", at=moment(when))
    told = presence.so_far(person, now=moment("21 12:10"))
    gaps = [tuple(f"{one.astimezone(ROME):%d %H:%M}" for one in gap) for gap in told.gaps]
    assert gaps == [("20 09:15", "21 00:30"), ("21 09:00", "21 12:00")]
    assert told.minutes == 15 + 10


@pytest.fixture
def running(programme):
    """Of three days, each from an hour before this time of the day to an hour after; today is the second."""
    now = (datetime.now(ROME) - timedelta(hours=5)).replace(hour=12, minute=0, second=0, microsecond=0)
    event = make_event(programme, starts_at=now - timedelta(days=1, hours=1), ends_at=now + timedelta(days=1, hours=1))
    for day in (-1, 0, 1):
        starts_at = now + timedelta(days=day, hours=-1)
        event.sessions.create(starts_at=starts_at, minutes=120, title=both("Parte", "Part"))
    return event


def scan(event, person, at, direction="in"):
    nonce = f"door-{person.pk}-{direction}-{at.isoformat()}"
    return checkin.check_in_scan(event=event, code=person.code, nonce=nonce, direction=direction, at=at)


def test_at_the_door_each_morning_begins_anew(event):
    person = seen(event)
    answers = [
        scan(event, person, moment(when), direction)
        for when, direction in [
            ("20 09:00", "in"), ("21 00:20", "in"), ("21 08:50", "in"), ("21 09:10", "in"), ("21 13:00", "out"),
        ]
    ]  # fmt: skip
    assert [(one.status, one.reason) for one in answers] == [
        ("ok", ""), ("repeated", "already_in"), ("ok", ""), ("repeated", "already_in"), ("ok", ""),
    ]  # fmt: skip
    assert answers[3].since == moment("21 08:50")
    person.refresh_from_db()
    assert person.minutes == FIRST + SECOND


def test_who_came_yesterday_and_goes_out_today_was_not_inside(event):
    person = seen(event)
    scan(event, person, moment("20 09:00"))
    answer = scan(event, person, moment("21 12:00"), "out")
    assert (answer.status, answer.reason) == ("repeated", "not_in")


def test_what_comes_late_of_yesterday_is_judged_by_yesterday(event):
    """The phone that was without network brings Thursday's entry when Friday's has been read already."""
    person = seen(event)
    scan(event, person, moment("21 09:00"))
    answer = scan(event, person, moment("20 12:00"))
    assert (answer.status, answer.reason) == ("ok", "")
    assert answer.registration.minutes == 750 + SECOND


def test_after_a_night_nobody_is_inside(running):
    stayed, back, gone = (make_registration(running) for _number in range(3))
    yesterday = running.starts_at + timedelta(minutes=10)
    for person in (stayed, back, gone):
        make_scan(person, at=yesterday)
    make_scan(gone, direction="out", at=yesterday + timedelta(minutes=30))
    make_scan(back, at=yesterday + timedelta(days=1, minutes=-5))
    for person in (stayed, back, gone):
        attendance.recompute(person)
    running.registrations.filter(pk=stayed.pk).update(is_inside=True, inside_since=yesterday)  # as of the evening
    before = yesterday + timedelta(hours=12)
    assert recounting.end_the_night(before) == 0
    assert hall.figures(event=running).inside == 2
    assert recounting.end_the_night(yesterday + timedelta(days=1)) == 1
    assert recounting.end_the_night(yesterday + timedelta(days=1)) == 0
    stayed.refresh_from_db()
    assert (stayed.is_inside, stayed.inside_since, stayed.minutes) == (False, None, 110)


def test_the_halls_picture_begins_each_day_with_an_empty_hall(running):
    person = make_registration(running)
    for day in (0, 1):
        make_scan(person, at=running.starts_at + timedelta(days=day, minutes=10))
    flow = hall.flow(event=running, now=running.starts_at + timedelta(days=1, hours=1))
    assert (sum(slot.entries for slot in flow.slots), flow.most_inside) == (2, 1)
    by_night = [slot.inside for slot in flow.slots if 19 <= (slot.at - running.starts_at) / timedelta(hours=1) < 23]
    assert set(by_night) == {0}


@pytest.mark.parametrize("number", [1, 3])
def test_a_scan_asks_the_agenda_once_and_only_of_several_days(event, number, django_assert_num_queries):
    event = Event.objects.select_related("programme").get(pk=event.pk)
    people = [make_registration(event) for _number in range(number)]
    readings = [door_table.Reading(f"n{one.pk}", one.code, moment("20 09:00")) for one in people]
    with django_assert_num_queries(7):  # six as for an event of one day
        checkin.check_in(event=event, readings=readings)


def test_the_page_of_a_person_says_minutes_of_the_hours(event):
    shown = presence_of(seen(event, "in 20 09:00", "out 20 17:00"))
    assert (shown.minutes, [part.minutes for part in shown.parts]) == (480, [240, 120, 0, 0])


def test_certificate_says_of_how_much(event):
    person = seen(event, "in 20 09:00", "in 21 09:00")
    [certificate] = certificates.issue(event=person.event)
    assert (certificate.minutes, certificate.event_minutes) == (FIRST + SECOND, FIRST + SECOND)
