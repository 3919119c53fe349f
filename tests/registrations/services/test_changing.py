"""Cancelling and changing the mode: place and state move together, and the next in line is asked."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import Delivery
from registrations.services import RegistrationError, changing, places, waiting_list
from tests.make import make_event, make_registration
from tests.registrations.people import in_line

pytestmark = pytest.mark.django_db


def test_cancelling_gives_the_place_back_and_voids_the_ticket():
    event = make_event()
    registration = make_registration(event)
    for _ in range(2):
        changing.cancel(registration=registration)
    assert (registration.state, registration.ticket_version, registration.calendar_sequence) == ("cancelled", 2, 1)
    assert places.miscounted(event) == {}


def test_cancelling_after_coming_in_is_refused():
    event = make_event()
    registration = make_registration(event, entered_at=timezone.now())
    with pytest.raises(RegistrationError) as refusal:
        changing.cancel(registration=registration)
    assert refusal.value.code == "closed"
    registration.refresh_from_db()
    assert registration.state == "confirmed"


def test_changing_mode_moves_the_place_and_serves_the_queue():
    event = make_event(in_person_capacity=1)
    registration = make_registration(event)
    (waiting,) = in_line(event)
    changing.change_mode(registration=registration, mode="online")
    waiting.refresh_from_db()
    assert (registration.mode, waiting.state) == ("online", "offered")
    assert places.miscounted(event) == {}


def test_changing_to_a_full_mode_keeps_the_old_place():
    event = make_event(online_capacity=1)
    make_registration(event, mode="online")
    registration = make_registration(event)
    with pytest.raises(RegistrationError) as refusal:
        changing.change_mode(registration=registration, mode="online")
    assert refusal.value.code == "full"
    registration.refresh_from_db()
    assert registration.mode == "in_person"
    assert places.miscounted(event) == {}


def test_waiting_person_who_changes_mode_gets_a_free_place_at_once(confirmed):
    event = make_event(in_person_capacity=1)
    make_registration(event)
    (waiting,) = in_line(event)
    changing.change_mode(registration=waiting, mode="online")
    assert (waiting.state, waiting.mode) == ("confirmed", "online")
    assert confirmed == [waiting.pk]
    assert places.miscounted(event) == {}


def test_mode_is_not_changed_after_the_deadline_but_by_the_staff():
    event = make_event(changes_close_at=timezone.now() - timedelta(minutes=1))
    registration = make_registration(event)
    with pytest.raises(RegistrationError) as refusal:
        changing.change_mode(registration=registration, mode="online")
    assert refusal.value.code == "closed"
    registration.refresh_from_db()
    assert registration.mode == "in_person"
    changing.change_mode(registration=registration, mode="online", after_deadline=True)
    assert registration.mode == "online"
    assert changing.cancel(registration=registration).state == "cancelled"


def test_modes_that_share_one_total_are_changed_though_it_is_taken():
    event = make_event(in_person_capacity=2, online_capacity=2, total_capacity=2)
    anna = make_registration(event)
    make_registration(event)
    (waiting,) = in_line(event)
    changing.change_mode(registration=anna, mode="online")
    waiting.refresh_from_db()
    event.refresh_from_db()
    assert (anna.mode, waiting.state, event.in_person_taken, event.online_taken) == ("online", "waiting", 1, 1)
    assert places.miscounted(event) == {}


def test_mode_that_somebody_waits_for_is_not_for_who_has_a_place():
    event = make_event(in_person_capacity=1)
    make_registration(event)
    (waiting,) = in_line(event)
    online = make_registration(event, mode="online")
    type(event).objects.filter(pk=event.pk).update(in_person_capacity=2)
    with pytest.raises(RegistrationError) as refusal:
        changing.change_mode(registration=online, mode="in_person")
    assert refusal.value.code == "full"
    assert waiting_list.serve_all() == 1
    waiting.refresh_from_db()
    assert waiting.state == "offered"


def test_who_is_offered_a_place_answers_before_she_changes_the_mode():
    event = make_event(in_person_capacity=1)
    holder = make_registration(event)
    (waiting,) = in_line(event)
    changing.cancel(registration=holder)
    with pytest.raises(RegistrationError) as refusal:
        changing.change_mode(registration=waiting, mode="online")
    assert refusal.value.code == "offered"
    waiting.refresh_from_db()
    assert (waiting.state, waiting.mode) == ("offered", "in_person")


def test_person_in_line_who_leaves_is_asked_nothing_more():
    event = make_event(in_person_capacity=1)
    holder = make_registration(event)
    first, second = in_line(event, 2)
    changing.cancel(registration=first)
    changing.cancel(registration=holder)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("cancelled", "offered")


def test_place_of_the_other_mode_that_needs_approval_is_told():
    event = make_event(in_person_capacity=1, needs_approval=True)
    make_registration(event)
    (waiting,) = in_line(event)
    changing.change_mode(registration=waiting, mode="online")
    assert waiting.state == "requested"
    assert Delivery.objects.filter(message__kind="registrations.requested", email=waiting.email).count() == 1
