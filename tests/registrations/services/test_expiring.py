"""Time runs out: holds that nobody confirmed, offers that nobody accepted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import Delivery
from registrations.services import RegistrationError, changing, expiring, places, signup, waiting_list
from tests.make import make_event, make_registration
from tests.registrations.people import in_line, register

pytestmark = pytest.mark.django_db


def test_holds_expire_in_bounded_batches():
    event, other = make_event(), make_event()
    for n in range(3):
        register(event, email=f"a{n}@example.org", mode="online" if n else "in_person")
    register(other)
    kept = signup.confirm(registration=register(other, email="kept@example.org"))
    later = timezone.now() + timedelta(hours=2)
    assert expiring.expire() == 0
    assert [expiring.expire(later, limit=3), expiring.expire(later), expiring.expire(later)] == [3, 1, 0]
    kept.refresh_from_db()
    assert kept.state == "confirmed"
    assert places.miscounted(event) == places.miscounted(other) == {}


def test_unconfirmed_waiting_person_expires_too():
    event = make_event(in_person_capacity=1)
    make_registration(event)
    waiting = register(event)
    expiring.expire(timezone.now() + timedelta(hours=2))
    waiting.refresh_from_db()
    assert waiting.state == "expired"


def later(hours):
    return timezone.now() + timedelta(hours=hours)


def test_offer_that_lapses_goes_to_the_next_and_says_so():
    event = make_event(in_person_capacity=1)
    holder = make_registration(event)
    first, second = in_line(event, 2)
    changing.cancel(registration=holder)
    assert expiring.expire() == 0
    assert expiring.expire(later(25)) == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.queued_at, second.state) == ("expired", None, "offered")
    assert Delivery.objects.filter(message__kind="registrations.offer_lapsed", email=first.email).count() == 1
    assert places.miscounted(event) == {}


def test_who_let_an_offer_lapse_comes_back_at_the_end():
    event = make_event(in_person_capacity=1)
    holder = make_registration(event)
    first, second = in_line(event, 2)
    changing.cancel(registration=holder)
    expiring.expire(later(25))
    signup.confirm(registration=first)
    assert (first.state, waiting_list.position(first)) == ("waiting", 1)
    second.refresh_from_db()
    waiting_list.decline(registration=second)
    first.refresh_from_db()
    assert first.state == "offered"


def test_offer_of_the_other_mode_that_lapses_leaves_her_in_line():
    event = make_event(in_person_capacity=1, online_capacity=1)
    make_registration(event)
    (waiting,) = in_line(event)
    waiting_list.choose_modes(registration=waiting, accepts_other=True)
    assert expiring.expire(later(25)) == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.mode, waiting.accepts_other_mode) == ("waiting", "in_person", False)
    assert places.miscounted(event) == {}


def test_offer_of_an_event_that_was_cancelled_lapses_in_silence():
    event = make_event(in_person_capacity=1)
    holder = make_registration(event)
    (waiting,) = in_line(event)
    changing.cancel(registration=holder)
    type(event).objects.filter(pk=event.pk).update(cancelled_at=timezone.now())
    expiring.expire(later(25))
    assert not Delivery.objects.filter(message__kind="registrations.offer_lapsed").exists()
    with pytest.raises(RegistrationError) as refusal:
        waiting_list.accept(registration=waiting)
    assert refusal.value.code == "closed"


def test_place_that_nobody_confirmed_is_free_before_the_timetable_looks():
    event = make_event(in_person_capacity=1)
    late = register(event)
    event.registrations.update(held_until=timezone.now() - timedelta(seconds=1))
    assert register(event, email="newcomer@example.org").state == "pending"
    late.refresh_from_db()
    assert late.state == "expired"
    assert places.miscounted(event) == {}


def test_place_that_nobody_confirmed_goes_to_who_waits_and_not_to_the_newcomer():
    event = make_event(in_person_capacity=1)
    register(event)
    (waiting,) = in_line(event)
    event.registrations.filter(state="pending").update(held_until=timezone.now() - timedelta(seconds=1))
    assert register(event, email="newcomer@example.org").state == "waiting"
    waiting.refresh_from_db()
    assert waiting.state == "offered"
    assert places.miscounted(event) == {}
