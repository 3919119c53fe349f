"""Attendance from the person's own page: facts that never move, and what counts of them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from registrations.models import Correction, Scan
from registrations.services import RegistrationError, attendance, presence
from tests.make import make_event, make_registration, make_scan
from tests.threads import all_at_once

pytestmark = pytest.mark.django_db


def after(start, minutes):
    return start + timedelta(minutes=minutes)


def comes_and_stays(registration, start, *minutes):
    presence.enter(registration=registration, now=after(start, minutes[0]))
    for minute in minutes[1:]:
        presence.stay(registration=registration, now=after(start, minute))
    registration.refresh_from_db()
    return registration


def kept(registration):
    """Direction and time of each fact, by the order of arrival."""
    return list(registration.scans.order_by("pk").values_list("direction", "at"))


def test_each_sign_of_life_is_a_fact_of_its_own(bea, start):
    comes_and_stays(bea, start, 0, 10, 20)
    before = list(bea.scans.order_by("pk").values())
    presence.leave(registration=bea, now=after(start, 25))
    bea.refresh_from_db()
    assert kept(bea) == [
        ("in", start), ("here", after(start, 10)), ("here", after(start, 20)), ("out", after(start, 25)),
    ]  # fmt: skip
    assert list(bea.scans.order_by("pk").values())[:3] == before, "a fact never moves"
    assert bea.minutes == 25
    assert bea.online_until == after(start, 25)
    facts = bea.scans.all()
    assert {(fact.source, fact.mode, fact.status) for fact in facts} == {("page", "online", "ok")}
    assert len({fact.nonce for fact in facts}) == 4
    assert all(len(fact.nonce) > 25 for fact in facts)


def test_sign_counts_for_a_quarter_of_an_hour(bea, start):
    comes_and_stays(bea, start, 0)
    assert (bea.minutes, bea.online_until) == (15, after(start, 15))
    assert bea in presence.people_in_the_room(bea.event, after(start, 14))
    assert bea not in presence.people_in_the_room(bea.event, after(start, 15))


def test_silence_is_not_counted_and_is_told(bea, start):
    comes_and_stays(bea, start, 0, 60, 70)
    assert bea.minutes == 15 + 25
    assert [direction for direction, _at in kept(bea)] == ["in", "in", "here"], "after a silence she comes in anew"
    so_far = presence.so_far(bea, after(start, 75))
    assert so_far.gaps == [(after(start, 15), after(start, 60))]
    assert (so_far.since, so_far.until, so_far.minutes) == (after(start, 60), after(start, 85), 15 + 15)


def test_silence_at_the_end_is_a_gap_until_now(bea, start):
    comes_and_stays(bea, start, -10, 0)
    so_far = presence.so_far(bea, after(start, 40))
    assert (so_far.since, so_far.until) == (None, None)
    assert so_far.gaps == [(after(start, 15), after(start, 40))]
    assert presence.so_far(bea, after(start, 500)).gaps == [(after(start, 15), after(start, 240))]


def test_leaving_is_told_as_such_and_not_as_silence(bea, start):
    comes_and_stays(bea, start, 0, 10)
    presence.leave(registration=bea, now=after(start, 20))
    so_far = presence.so_far(bea, after(start, 40))
    assert (so_far.gaps, so_far.left) == ([], [(after(start, 20), None)])
    comes_and_stays(bea, start, 41)
    so_far = presence.so_far(bea, after(start, 70))
    assert so_far.left == [(after(start, 20), after(start, 41))]
    assert so_far.gaps == [(after(start, 56), after(start, 70))]


def test_nothing_is_a_gap_before_she_came_or_the_event_began(bea, start):
    comes_and_stays(bea, start, -29)
    comes_and_stays(bea, start, 10)
    assert presence.so_far(bea, after(start, 12)).gaps == [(start, after(start, 10))]
    assert presence.so_far(make_registration(bea.event, mode="online"), after(start, 12)).gaps == []


def test_minutes_outside_the_event_are_not_counted(bea, start):
    comes_and_stays(bea, start, -20, -10, 5)
    presence.leave(registration=bea, now=after(start, 10))
    comes_and_stays(bea, start, 235)
    assert bea.minutes == 10 + 5
    assert presence.so_far(bea, after(start, 239)).until == after(start, 240)


def test_minutes_across_midnight(programme):
    start = datetime(2026, 5, 12, 22, 0, tzinfo=ZoneInfo("Europe/Rome"))
    bea = make_registration(make_event(programme, starts_at=start), mode="online")
    comes_and_stays(bea, start, *range(0, 200, 12))
    presence.leave(registration=bea, now=after(start, 200))
    bea.refresh_from_db()
    so_far = presence.so_far(bea, after(start, 230))
    assert (bea.minutes, so_far.left, so_far.gaps) == (200, [(after(start, 200), None)], [])


def test_signs_of_two_pages_within_a_minute_are_one(bea, start):
    comes_and_stays(bea, start, 0)
    for seconds in (0, 1, 59):
        presence.stay(registration=bea, now=start + timedelta(seconds=seconds))
        presence.enter(registration=bea, now=start + timedelta(seconds=seconds))
    assert len(kept(bea)) == 1
    presence.stay(registration=bea, now=after(start, 1))
    assert len(kept(bea)) == 2


def test_who_plays_with_the_buttons_fills_no_register(bea, start):
    for second in range(presence.MOST_ENTRIES):
        presence.enter(registration=bea, now=start + timedelta(seconds=2 * second))
        presence.leave(registration=bea, now=start + timedelta(seconds=2 * second + 1))
    before = len(kept(bea))
    with pytest.raises(RegistrationError) as error:
        presence.enter(registration=bea, now=after(start, 2))
    assert (error.value.code, error.value.status, len(kept(bea))) == ("too_many", 429, before)
    presence.enter(registration=bea, now=after(start, 62))
    assert len(kept(bea)) == before + 1


def test_page_that_is_still_open_somewhere_does_not_bring_back_who_left(bea, start):
    comes_and_stays(bea, start, 0)
    presence.leave(registration=bea, now=after(start, 5))
    presence.stay(registration=bea, now=after(start, 6))
    assert [direction for direction, _at in kept(bea)] == ["in", "out"]
    comes_and_stays(bea, start, 7)
    assert bea.minutes == 5 + 15


def test_heartbeat_of_who_never_came_in_is_no_fact(bea, start):
    presence.stay(registration=bea, now=start)
    assert kept(bea) == []


def test_sign_that_was_taken_back_hides_no_other(bea, start):
    comes_and_stays(bea, start, 0)
    Correction.objects.create(scan=bea.scans.get(), kind="annulled", reason="Prova")
    attendance.recompute(bea)
    presence.enter(registration=bea, now=start + timedelta(seconds=20))
    bea.refresh_from_db()
    assert (len(kept(bea)), bea.minutes) == (2, 15)


def test_hall_and_room_count_once(bea, start):
    comes_and_stays(bea, start, 0)
    make_scan(bea, at=after(start, 10), direction="in")
    make_scan(bea, at=after(start, 30), direction="out")
    so_far = presence.so_far(bea, after(start, 40))
    assert (so_far.minutes, so_far.gaps) == (30, [(after(start, 30), after(start, 40))])


@pytest.mark.parametrize("act", [presence.enter, presence.stay])
@pytest.mark.parametrize("minutes", [-31, 240, 500])
def test_room_outside_its_hours_is_closed(bea, start, minutes, act):
    with pytest.raises(RegistrationError) as refusal:
        act(registration=bea, now=after(start, minutes))
    assert refusal.value.code == "closed"
    assert not bea.scans.exists()


def test_room_of_a_cancelled_event_is_closed(bea, start):
    bea.event.cancelled_at = start
    bea.event.save()
    with pytest.raises(RegistrationError) as refusal:
        presence.enter(registration=bea, now=start)
    assert refusal.value.code == "closed"
    assert not bea.scans.exists()


@pytest.mark.parametrize("over", [{"mode": "in_person"}, {"state": "waiting"}])
def test_room_is_only_for_who_is_registered_online(programme, start, over):
    registration = make_registration(make_event(programme, starts_at=start), **{"mode": "online"} | over)
    with pytest.raises(RegistrationError) as refusal:
        presence.enter(registration=registration, now=start)
    assert refusal.value.code == "invalid"
    assert not registration.scans.exists()


def test_leaving_twice_or_without_coming_in_is_harmless(bea, start):
    presence.leave(registration=bea, now=start)
    comes_and_stays(bea, start, 0)
    for minutes in (10, 25):
        presence.leave(registration=bea, now=after(start, minutes))
    bea.refresh_from_db()
    assert (bea.minutes, len(kept(bea))) == (10, 2)


def test_leaving_after_a_silence_takes_nothing_back(bea, start):
    comes_and_stays(bea, start, 0)
    presence.leave(registration=bea, now=after(start, 50))
    bea.refresh_from_db()
    assert (bea.minutes, len(kept(bea))) == (15, 1)


@pytest.mark.django_db(transaction=True)
def test_many_pages_at_once_note_one_entry_and_one_exit(bea):
    all_at_once(lambda _: presence.enter(registration=bea), 8)
    assert [direction for direction, _at in kept(bea)] == ["in"]
    all_at_once(lambda _: presence.leave(registration=bea), 8)
    assert [direction for direction, _at in kept(bea)] == ["in", "out"]
    assert Scan.objects.count() == 2


@pytest.mark.parametrize("signs", [1, 30])
def test_queries_of_a_sign_of_life(bea, start, signs, django_assert_num_queries):
    comes_and_stays(bea, start, *range(0, 2 * signs, 2))
    with django_assert_num_queries(10):
        presence.stay(registration=bea, now=after(start, 2 * signs))
    with django_assert_num_queries(4):
        presence.stay(registration=bea, now=after(start, 2 * signs))


def test_sign_of_life_is_no_news_for_the_phones_at_the_door(bea, start):
    presence.enter(registration=bea, now=start)
    bea.refresh_from_db()
    before = bea.changed_at
    presence.stay(registration=bea, now=after(start, 5))
    bea.refresh_from_db()
    assert (bea.changed_at, bea.online_until) == (before, after(start, 20))
