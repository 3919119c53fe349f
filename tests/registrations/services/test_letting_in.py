"""Who stands at the door without a place in the hall."""

import pytest
from django.utils import timezone

from mail.models import Delivery
from registrations.models import Registration, Scan
from registrations.services import RegistrationError, checkin, places, tickets, walk_ins
from tests.make import make_device, make_registration, make_running_event
from tests.threads import all_at_once

State = Registration.State
WALK_IN = {"first_name": "Bruna", "last_name": "Neri", "email": "bruna@example.org", "consents": {"privacy": True}}


@pytest.fixture
def event(programme):
    return make_running_event(in_person_capacity=2)


def scan(person, **over):
    values = {"event": person.event, "code": tickets.ticket_url(person), "nonce": f"n{Scan.objects.count()}"}
    answer = checkin.check_in_scan(**values | over)
    person.refresh_from_db()
    return answer


def fill(event):
    return [make_registration(event) for _ in range(2)]


LACKING = [
    {"mode": "online"},
    {"state": State.WAITING, "held_until": timezone.now()},
    {"state": State.PENDING, "held_until": timezone.now()},
    {"state": State.PENDING, "held_until": timezone.now(), "mode": "online"},
    {"state": State.OFFERED, "held_until": timezone.now()},
    {"state": State.EXPIRED},
    {"state": State.CANCELLED, "cancelled_at": timezone.now(), "ticket_version": 2},
]


@pytest.mark.parametrize("over", LACKING)
def test_place_in_the_hall_is_given_where_one_is_free(event, over):
    person = make_registration(event, **over)
    answer = scan(person, admit=True)
    assert (answer.status, answer.reason) == ("ok", "")
    assert (person.state, person.mode, person.is_inside, person.is_extra) == (State.CONFIRMED, "in_person", True, False)
    assert places.miscounted(event) == {}
    assert Delivery.objects.filter(message__kind="registrations.ticket", email=person.email).count() == 1


@pytest.mark.parametrize("over", [one for one in LACKING if one != LACKING[2] and one != LACKING[4]])
def test_full_hall_gives_no_place_and_changes_nothing(event, over):
    person = make_registration(event, **over)
    fill(event)
    before = Registration.objects.filter(pk=person.pk).values().get()
    answer = scan(person, admit=True)
    assert (answer.status, answer.reason) == ("refused", "full")
    assert Registration.objects.filter(pk=person.pk).values().get() == before
    assert places.miscounted(event) == {}


@pytest.mark.parametrize("over", [one for one in LACKING if one != LACKING[2] and one != LACKING[4]])
def test_above_the_places_for_a_reason(event, over):
    person = make_registration(event, **over)
    fill(event)
    answer = scan(person, admit=True, force=True, why="Relatrice")
    assert (answer.status, answer.reason) == ("ok", "full")
    assert (person.is_extra, person.extra_because, person.is_inside) == (True, "Relatrice", True)
    assert (person.state, person.mode) == (State.CONFIRMED, "in_person")
    assert places.miscounted(event) == {}
    assert not Scan.objects.to_look_at().exists()


def test_above_the_places_without_a_reason_is_only_presence(event):
    person = make_registration(event, mode="online")
    fill(event)
    assert scan(person, admit=True, force=True).status == "ok"
    assert (person.mode, person.is_extra, person.is_inside) == ("online", False, True)
    assert Scan.objects.to_look_at().count() == 1


@pytest.mark.parametrize(
    "over",
    [
        {"state": State.REFUSED},
        {"state": State.REQUESTED},
        {"state": State.PENDING, "held_until": timezone.now(), "has_yet_to_agree": True},
        {"state": State.WAITING, "held_until": timezone.now(), "is_minor": True},
    ],
)
def test_who_lacks_more_than_a_place_is_not_admitted(event, over):
    person = make_registration(event, **over)
    assert scan(person, admit=True).status == "refused"
    assert (person.state, person.is_inside) == (over["state"], False)


def test_who_cancelled_and_registered_anew_is_not_admitted_with_the_old_ticket(event):
    gone = make_registration(event, email="anna@example.org", state=State.CANCELLED, cancelled_at=timezone.now())
    make_registration(event, email="anna@example.org", mode="online")
    assert scan(gone, admit=True).reason == "full"
    assert gone.state == State.CANCELLED


def test_exit_gives_no_place(event):
    person = make_registration(event, mode="online")
    assert scan(person, admit=True, direction="out").reason == "not_in"
    assert person.mode == "online"


def test_nobody_is_admitted_outside_the_hours(event):
    person = make_registration(event, mode="online")
    assert scan(person, admit=True, at=event.starts_at - timezone.timedelta(hours=30)).reason == "online_only"
    assert person.mode == "online"


@pytest.mark.django_db(transaction=True)
def test_of_four_who_want_the_last_place_one_gets_it(event):
    make_registration(event)
    people = [make_registration(event, mode="online") for _ in range(4)]

    def admit(number):
        values = {"event": event, "code": people[number].code, "nonce": f"door-{number}"}
        return checkin.check_in_scan(**values, admit=True)

    answers = all_at_once(admit, number=4)
    assert sorted(answer.reason for answer in answers) == ["", "full", "full", "full"]
    assert places.miscounted(event) == {}


def test_walk_in_of_a_full_event_is_refused_or_overruled_for_a_reason(event):
    fill(event)
    with pytest.raises(RegistrationError) as refusal:
        walk_ins.walk_in(event=event, nonce="w", **WALK_IN)
    assert refusal.value.code == "full"
    assert event.registrations.count() == 2
    answer = walk_ins.walk_in(event=event, nonce="w", force=True, why="Assessora", **WALK_IN)
    assert answer.status == "ok"
    bruna = event.registrations.get(first_name="Bruna")
    assert (bruna.is_extra, bruna.extra_because, bruna.is_inside) == (True, "Assessora", True)
    assert places.miscounted(event) == {}


def test_walk_in_with_a_registered_address_is_refused_or_lets_that_person_in(event):
    bruna = make_registration(event, email="bruna@example.org", first_name="Neri", last_name="BRUNA", mode="online")
    with pytest.raises(RegistrationError) as refusal:
        walk_ins.walk_in(event=event, nonce="w", **WALK_IN)
    assert refusal.value.code == "already_registered"
    assert walk_ins.walk_in(event=event, nonce="w", force=True, **WALK_IN).registration == bruna
    bruna.refresh_from_db()
    assert (bruna.is_inside, bruna.mode) == (True, "in_person")
    assert event.registrations.count() == 1


def test_walk_in_let_in_without_network_is_taken_after_the_end(event):
    happened = timezone.now()
    event.starts_at, event.ends_at = happened - timezone.timedelta(hours=5), happened - timezone.timedelta(hours=1)
    event.save(update_fields=["starts_at", "ends_at"])
    at = event.starts_at + timezone.timedelta(minutes=10)
    answer = walk_ins.walk_in(event=event, nonce="w", at=at, force=True, **WALK_IN)
    assert answer.registration.entered_at == at


def test_walk_in_with_somebody_elses_address_makes_nobody_else_present(event):
    matteo = make_registration(event, email="bruna@example.org", first_name="Matteo", last_name="Sarti")
    answer = walk_ins.walk_in(event=event, nonce="w", force=True, **WALK_IN)
    matteo.refresh_from_db()
    assert (answer.registration.name, answer.registration.email) == ("Bruna Neri", "")
    assert (answer.registration.is_inside, matteo.is_inside) == (True, False)


@pytest.mark.parametrize("why", ["", "   ", "\u200b "])
def test_walk_in_above_the_places_without_a_reason_says_so(event, why):
    fill(event)
    answer = walk_ins.walk_in(event=event, nonce="w", force=True, why=why, **WALK_IN)
    assert answer.registration.extra_because == "Ingresso dato alla porta, senza indicare il motivo."


def test_nonce_of_another_walk_in_is_another_person(event):
    bruna = walk_ins.walk_in(event=event, nonce="w", **WALK_IN).registration
    other = {**WALK_IN, "first_name": "Carla", "email": ""}
    carla = walk_ins.walk_in(event=event, nonce="w", **other)
    assert walk_ins.walk_in(event=event, nonce="w", **other) == carla
    assert walk_ins.walk_in(event=event, nonce="w", **WALK_IN).registration == bruna
    assert (carla.nonce, carla.registration.name, event.registrations.count()) == ("w", "Carla Neri", 2)


def test_walk_in_taken_back_gives_the_place_back(event):
    device, _token = make_device(event)
    bruna = walk_ins.walk_in(event=event, nonce="w", device=device, **WALK_IN).registration
    for _twice in range(2):
        checkin.undo(event=event, device=device, nonce="w")
    bruna.refresh_from_db()
    assert (bruna.state, bruna.is_inside) == (State.CANCELLED, False)
    assert places.miscounted(event) == {}
