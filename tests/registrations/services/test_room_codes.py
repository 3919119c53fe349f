"""The codes of the online room: who gave them, what they count, how they are guessed at."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registrations.models import Correction, Scan
from registrations.services import RegistrationError, attendance, presence, room_codes
from registrations.services.room_codes import Moment
from tests.make import make_event, make_registration
from tests.threads import all_at_once

pytestmark = pytest.mark.django_db


def after(start, minutes):
    return start + timedelta(minutes=minutes)


def gives(registration, moment, now):
    given = room_codes.give(registration=registration, typed=room_codes.code(registration.event, moment), now=now)
    registration.refresh_from_db()
    return given


def wrong_for(event):
    right = {room_codes.code(event, moment) for moment in Moment}
    return next(f"{number:06}" for number in range(3) if f"{number:06}" not in right)


def refused(registration, typed, now):
    with pytest.raises(RegistrationError) as refusal:
        room_codes.give(registration=registration, typed=typed, now=now)
    return refusal.value


def test_codes_are_six_digits_of_one_event_and_one_moment(programme):
    events = [make_event(programme) for _ in range(20)]
    pairs = [[room_codes.code(event, moment) for moment in Moment] for event in events]
    assert all(len(code) == 6 and code.isdecimal() for pair in pairs for code in pair)
    assert all(int(first) % 2 == 0 and int(last) % 2 == 1 for first, last in pairs)
    assert len({code for pair in pairs for code in pair}) == 40
    assert pairs == [[room_codes.code(event, moment) for moment in Moment] for event in events], "always the same"


def test_both_codes_count_all_the_time_between_them(bea, start):
    assert gives(bea, Moment.START, after(start, 3)) == Moment.START
    assert bea.minutes == 15, "one of them alone is a sign of life"
    assert gives(bea, Moment.END, after(start, 200)) == Moment.END
    assert bea.minutes == 197 + 15
    facts = bea.scans.order_by("at").values_list("direction", "source", "mode", "status", "at")
    assert list(facts) == [
        ("in", "code", "online", "ok", after(start, 3)),
        ("out", "code", "online", "ok", after(start, 200)),
    ]
    so_far = presence.so_far(bea, after(start, 210))
    assert (so_far.start_given_at, so_far.end_given_at) == (after(start, 3), after(start, 200))


def test_codes_fill_the_silence_of_a_page_that_slept(bea, start):
    presence.enter(registration=bea, now=start)
    gives(bea, Moment.START, after(start, 2))
    assert presence.so_far(bea, after(start, 100)).gaps == [(after(start, 17), after(start, 100))]
    gives(bea, Moment.END, after(start, 238))
    assert bea.minutes == 240
    assert presence.so_far(bea, after(start, 240)).gaps == []


def test_same_code_again_changes_nothing(bea, start):
    gives(bea, Moment.START, start)
    before = list(bea.scans.values())
    assert gives(bea, Moment.START, after(start, 30)) == Moment.START
    assert list(bea.scans.values()) == before
    assert bea.minutes == 15


def test_code_that_was_taken_back_can_be_given_again(bea, start):
    gives(bea, Moment.START, start)
    Correction.objects.create(scan=bea.scans.get(), kind="annulled", reason="Prova")
    attendance.recompute(bea)
    assert room_codes.given(bea.event)[Moment.START] == 0
    gives(bea, Moment.START, after(start, 30))
    assert (bea.scans.count(), bea.entered_at) == (2, after(start, 30))


@pytest.mark.parametrize("wrap", ["{}", " {} ", "{:.3} {}", "n. {}"])
def test_code_is_read_as_people_type_it(bea, start, wrap):
    code = room_codes.code(bea.event, Moment.START)
    typed = f"{code[:3]} {code[3:]}" if ":" in wrap else wrap.format(code)
    assert room_codes.give(registration=bea, typed=typed, now=start) == Moment.START


def test_code_in_arabic_digits_is_the_same(bea, start):
    typed = "".join(chr(0x660 + int(digit)) for digit in room_codes.code(bea.event, Moment.END))
    assert room_codes.give(registration=bea, typed=typed, now=start) == Moment.END


@pytest.mark.parametrize("typed", ["", "abc", "12345", "1234567", "²²²²²²", "è" * 6])
def test_what_is_no_code_is_wrong(bea, start, typed):
    error = refused(bea, typed, start)
    assert (error.code, list(error.fields), error.status) == ("wrong_code", ["code"], 422)
    assert not bea.scans.exists()


def test_code_of_another_event_is_wrong(bea, programme, start):
    other = room_codes.code(make_event(programme), Moment.START)
    assert refused(bea, other, start).code == "wrong_code"
    assert not bea.scans.exists()


def test_code_from_before_the_secret_was_changed_is_taken(bea, start, settings):
    code = room_codes.code(bea.event, Moment.START)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 8
    assert room_codes.code(bea.event, Moment.START) != code
    assert room_codes.give(registration=bea, typed=code, now=start) == Moment.START


def test_after_ten_wrong_codes_nothing_is_looked_at(bea, start):
    for _ in range(10):
        assert refused(bea, wrong_for(bea.event), start).code == "wrong_code"
    error = refused(bea, room_codes.code(bea.event, Moment.START), start)
    assert (error.code, error.status, list(error.fields)) == ("too_many", 429, ["code"])
    assert not bea.scans.exists()
    carla = make_registration(bea.event, mode="online")
    assert gives(carla, Moment.START, start) == Moment.START, "others are not held up"


def test_right_codes_are_not_counted_as_tries(bea, start):
    for _ in range(12):
        gives(bea, Moment.START, start)
    assert gives(bea, Moment.END, after(start, 1)) == Moment.END


@pytest.mark.parametrize(("minutes", "is_taken"), [(-31, False), (-29, True), (239, True), (254, True), (255, False)])
def test_hours_of_the_codes(bea, start, minutes, is_taken):
    if is_taken:
        gives(bea, Moment.END, after(start, minutes))
    else:
        error = refused(bea, room_codes.code(bea.event, Moment.END), after(start, minutes))
        assert (error.code, list(error.fields)) == ("closed", ["code"])
    assert bea.scans.exists() is is_taken


@pytest.mark.parametrize("over", [{"mode": "in_person"}, {"state": "cancelled", "cancelled_at": timezone.now()}])
def test_codes_are_only_for_who_is_registered_online(programme, start, over):
    person = make_registration(make_event(programme, starts_at=start), **{"mode": "online"} | over)
    assert refused(person, room_codes.code(person.event, Moment.START), start).code == "invalid"
    assert not person.scans.exists()


def test_how_many_gave_each_code(bea, start, django_assert_num_queries):
    for _ in range(2):
        gives(make_registration(bea.event, mode="online"), Moment.START, start)
    gives(bea, Moment.START, start)
    gives(bea, Moment.END, after(start, 5))
    event = bea.event
    with django_assert_num_queries(1):
        assert room_codes.given(event) == {Moment.START: 3, Moment.END: 1}


@pytest.mark.django_db(transaction=True)
def test_same_code_many_times_at_once_is_given_once(bea):
    code = room_codes.code(bea.event, Moment.START)
    assert set(all_at_once(lambda _: room_codes.give(registration=bea, typed=code), 8)) == {Moment.START}
    assert Scan.objects.count() == 1
