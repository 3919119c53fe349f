"""Who waits: the order, one offer at a time, and what becomes of an offer."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.services import editing
from registrations.services import RegistrationError, approving, changing, expiring, places, signup, waiting_list
from tests.make import make_event, make_registration
from tests.registrations.people import in_line, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def full():
    """A seminar with one place in person, which is taken, and one online."""
    return make_event(in_person_capacity=1, online_capacity=1)


@pytest.fixture
def holder(full):
    return make_registration(full)


def states(*people):
    for one in people:
        one.refresh_from_db()
    return [one.state for one in people]


def test_waiting_person_counts_once_confirmed_and_gets_the_freed_place(confirmed):
    event = make_event(in_person_capacity=1)
    holder = make_registration(event)
    unconfirmed = register(event, email="first@example.org")
    first, second = in_line(event, 2)
    assert [waiting_list.position(one) for one in (unconfirmed, first, second)] == [0, 1, 2]
    changing.cancel(registration=holder)
    first.refresh_from_db()
    assert (first.state, confirmed) == ("offered", [])
    waiting_list.accept(registration=first)
    assert (first.state, confirmed) == ("confirmed", [first.pk])
    assert waiting_list.position(second) == 1
    assert places.miscounted(event) == {}


def test_freed_place_owed_to_the_queue_is_not_for_newcomers():
    event = make_event(in_person_capacity=1)
    make_registration(event)
    in_line(event)
    event.in_person_capacity = 2
    event.save()
    assert register(event, email="newcomer@example.org").state == "waiting"
    assert waiting_list.serve_all() == 1
    assert waiting_list.serve_all() == 0
    assert places.miscounted(event) == {}


def test_nobody_is_served_once_the_event_has_begun():
    event = make_event(in_person_capacity=1)
    holder = make_registration(event)
    (waiting,) = in_line(event)
    type(event).objects.filter(pk=event.pk).update(starts_at=timezone.now() - timedelta(hours=1))
    changing.cancel(registration=holder)
    waiting.refresh_from_db()
    assert waiting.state == "waiting"
    assert register(event, email="newcomer@example.org").state == "pending"


def test_offer_is_open_for_the_events_hours_and_less_as_it_nears():
    now = timezone.now()
    for away, expected in [
        (timedelta(days=30), timedelta(hours=24)),
        (timedelta(days=2), timedelta(hours=12)),
        (timedelta(hours=4), timedelta(hours=1)),
        (timedelta(hours=1), timedelta(minutes=30)),
        (timedelta(minutes=10), timedelta(minutes=10)),
    ]:
        event = make_event(starts_at=now + away, registration_opens_at=now - timedelta(days=9))
        assert waiting_list.offer_deadline(event, now) == now + expected, away


def test_offer_that_is_declined_goes_to_the_next(full, holder):
    first, second, third = in_line(full, 3)
    changing.cancel(registration=holder)
    assert states(first, second, third) == ["offered", "waiting", "waiting"]
    waiting_list.decline(registration=first)
    waiting_list.decline(registration=first)
    assert states(first, second, third) == ["cancelled", "offered", "waiting"]
    assert places.miscounted(full) == {}


def test_accepting_twice_is_accepting_once(full, holder, confirmed):
    (first,) = in_line(full)
    changing.cancel(registration=holder)
    for _ in range(2):
        assert waiting_list.accept(registration=first).state == "confirmed"
    assert confirmed == [first.pk]
    assert (first.held_until, first.queued_at) == (None, None)
    assert places.miscounted(full) == {}


def test_accepting_what_has_gone_to_the_next_person_is_refused(full, holder):
    first, second = in_line(full, 2)
    changing.cancel(registration=holder)
    expiring.expire(timezone.now() + timedelta(hours=25))
    with pytest.raises(RegistrationError) as refusal:
        waiting_list.accept(registration=first)
    assert refusal.value.code == "offer_over"
    assert states(first, second) == ["expired", "offered"]


def test_accepting_what_one_has_declined_is_refused_in_other_words(full, holder):
    first, second = in_line(full, 2)
    changing.cancel(registration=holder)
    waiting_list.decline(registration=first)
    with pytest.raises(RegistrationError) as refusal:
        waiting_list.accept(registration=first)
    assert refusal.value.code == "cancelled"
    assert states(first, second) == ["cancelled", "offered"]


def test_who_takes_either_mode_is_offered_the_first_that_is_free(full, holder):
    online = make_registration(full, mode="online")
    first, second = in_line(full, 2)
    waiting_list.choose_modes(registration=second, accepts_other=True)
    changing.cancel(registration=online)
    assert states(first, second) == ["waiting", "offered"]
    assert (second.mode, second.wished_mode) == ("online", "in_person")
    waiting_list.accept(registration=second)
    assert (second.state, second.mode, second.wished_mode) == ("confirmed", "online", "")
    assert places.miscounted(full) == {}


def test_who_declines_the_other_mode_keeps_her_place_in_the_queue(full, holder):
    online = make_registration(full, mode="online")
    first, second = in_line(full, 2)
    waiting_list.choose_modes(registration=first, accepts_other=True)
    changing.cancel(registration=online)
    waiting_list.decline(registration=first)
    assert states(first, second) == ["waiting", "waiting"]
    assert (first.mode, first.accepts_other_mode, waiting_list.position(first)) == ("in_person", False, 1)
    full.refresh_from_db()
    assert full.places["online"].left == 1
    changing.cancel(registration=holder)
    assert states(first, second) == ["offered", "waiting"]


def test_saying_that_either_mode_will_do_is_answered_at_once_when_one_is_free(full, holder):
    (waiting,) = in_line(full)
    waiting_list.choose_modes(registration=waiting, accepts_other=True)
    assert (waiting.state, waiting.mode) == ("offered", "online")


def test_one_total_is_offered_in_the_order_of_both_queues():
    event = make_event(in_person_capacity=2, online_capacity=2, total_capacity=1)
    holder = make_registration(event)
    (online,) = in_line(event, mode="online")
    in_person = signup.confirm(registration=register(event, email="zoe@example.org"))
    changing.cancel(registration=holder)
    assert states(online, in_person) == ["offered", "waiting"]
    event.refresh_from_db()
    assert event.places_left == 0
    waiting_list.decline(registration=online)
    assert states(in_person) == ["offered"]


def test_staff_put_somebody_first_for_a_reason(full, holder):
    first, second, third = in_line(full, 3)
    with pytest.raises(RegistrationError) as refusal:
        waiting_list.promote(registration=third, because=" ")
    assert (refusal.value.code, list(refusal.value.fields)) == ("no_reason", ["because"])
    assert waiting_list.position(third) == 3
    waiting_list.promote(registration=third, because="Interprete LIS del gruppo")
    assert [waiting_list.position(one) for one in (third, first, second)] == [1, 2, 3]
    changing.cancel(registration=holder)
    assert states(first, second, third) == ["waiting", "waiting", "offered"]


def test_who_does_not_wait_is_not_put_first(full, holder):
    with pytest.raises(RegistrationError) as refusal:
        waiting_list.promote(registration=holder, because="amica mia")
    assert refusal.value.code == "not_waiting"
    holder.refresh_from_db()
    assert holder.promoted_at is None


def test_more_places_are_offered_to_as_many(full, holder):
    people = in_line(full, 3)
    editing.update_event(event=full, changes={"in_person_capacity": 3})
    assert waiting_list.serve_all() == 2
    assert states(*people) == ["offered", "offered", "waiting"]


def test_who_needs_approval_asks_for_it_by_accepting(full, holder):
    type(full).objects.filter(pk=full.pk).update(needs_approval=True)
    first, second = in_line(full, 2)
    approving.approve(registration=second)
    changing.cancel(registration=holder)
    waiting_list.accept(registration=first)
    assert states(first, second) == ["requested", "waiting"]
    approving.refuse(registration=first, because="solo per chi lavora a Pisa")
    waiting_list.accept(registration=second)
    assert states(first, second) == ["refused", "confirmed"]
    assert places.miscounted(full) == {}


def test_serving_costs_the_same_for_any_length_of_the_queue(full, holder, django_assert_num_queries):
    in_line(full, 1)
    with django_assert_num_queries(16) as first:
        changing.cancel(registration=holder)
    other = make_event(in_person_capacity=1)
    held = make_registration(other)
    in_line(other, 8)
    with django_assert_num_queries(len(first.captured_queries)):
        changing.cancel(registration=held)
