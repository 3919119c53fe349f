"""No place is sold twice: 50 people want the last one at the same moment, on SQLite and on PostgreSQL alike."""

from threading import Barrier

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from events.models import Event
from registrations.models import Registration
from registrations.services import RegistrationError, changing, places, signup
from tests.make import make_event, make_registration
from tests.threads import all_at_once

PEOPLE = 50


@pytest.mark.django_db(transaction=True)
def test_last_place_goes_to_exactly_one_of_fifty():
    event = make_event(in_person_capacity=3, online_capacity=None, has_waiting_list=False)
    for _ in range(2):
        make_registration(event)

    def register(n):
        try:
            signup.register(
                event=event, first_name="Anna", email=f"a{n}@example.org", mode="in_person", consents={"privacy": True}
            )
        except RegistrationError as error:
            return error.code
        return "registered"

    outcomes = all_at_once(register)
    assert sorted(outcomes) == ["full"] * (PEOPLE - 1) + ["registered"]
    event.refresh_from_db()
    assert event.in_person_taken == 3
    assert places.miscounted(event) == {}


@pytest.mark.django_db(transaction=True)
def test_last_place_is_lost_without_our_care():
    """The negative control: looking first and writing afterwards, as one would, runs into the database's constraint."""
    event = make_event(in_person_capacity=1, online_capacity=None)
    looked = Barrier(8)

    def careless(n):
        was_free = Event.objects.get(pk=event.pk).places["in_person"].left > 0
        looked.wait(timeout=30)
        if not was_free:
            return "full"
        try:
            Event.objects.filter(pk=event.pk).update(in_person_taken=F("in_person_taken") + 1)
        except IntegrityError:
            return "constraint"
        return "registered"

    assert sorted(all_at_once(careless, 8)) == ["constraint"] * 7 + ["registered"]


@pytest.mark.django_db(transaction=True)
def test_one_address_registers_once_of_fifty():
    event = make_event()

    def register(n):
        try:
            signup.register(
                event=event, first_name="Anna", email="Anna@Example.org", mode="online", consents={"privacy": True}
            )
        except RegistrationError as error:
            return error.code
        return "registered"

    outcomes = all_at_once(register, 20)
    assert sorted(outcomes) == ["already_registered"] * 19 + ["registered"]
    assert places.miscounted(event) == {}


@pytest.mark.django_db(transaction=True)
def test_place_freed_while_somebody_queues_is_never_lost():
    """Half cancel while the other half confirm in the queue: whoever is in line gets what is freed."""
    event = make_event(in_person_capacity=5, online_capacity=None)
    leaving = [make_registration(event) for _ in range(5)]
    queueing = [
        signup.register(
            event=event, first_name="Bea", email=f"b{n}@example.org", mode="in_person", consents={"privacy": True}
        )
        for n in range(5)
    ]

    def act(n):
        if n < 5:
            changing.cancel(registration=Registration.objects.select_related("event").get(pk=leaving[n].pk))
        else:
            signup.confirm(registration=Registration.objects.select_related("event").get(pk=queueing[n - 5].pk))

    all_at_once(act, 10)
    states = set(event.registrations.filter(pk__in=[one.pk for one in queueing]).values_list("state", flat=True))
    assert states <= {"offered", "confirmed"}
    assert places.miscounted(event) == {}


@pytest.mark.django_db
def test_place_is_given_back_when_the_registration_cannot_be_written():
    event = make_event(in_person_capacity=1)

    def die_in_between():
        with places.deciding(event) as held:
            assert places.take(held, "in_person")
            raise RuntimeError("the process dies here")

    with pytest.raises(RuntimeError):
        die_in_between()
    event.refresh_from_db()
    assert event.in_person_taken == 0


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["in_person", "online"])
def test_constraint_has_the_last_word(mode):
    event = make_event(in_person_capacity=1, online_capacity=1)
    with pytest.raises(RegistrationError) as refusal, places.deciding(event):
        Event.objects.filter(pk=event.pk).update(**{f"{mode}_taken": 2})
    assert refusal.value.code == "full"
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(**{f"{mode}_taken": 2})


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["in_person", "online"])
def test_constraint_refuses_places_of_a_mode_that_is_not_offered(mode):
    event = make_event(**{f"{mode}_capacity": None})
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(**{f"{mode}_taken": 1})


@pytest.mark.django_db
def test_constraint_holds_the_one_total():
    event = make_event(in_person_capacity=5, online_capacity=5, total_capacity=3)
    with pytest.raises(RegistrationError) as refusal, places.deciding(event):
        Event.objects.filter(pk=event.pk).update(in_person_taken=2, online_taken=2)
    assert refusal.value.code == "full"
    with places.deciding(event) as held:
        assert [places.take(held, mode) for mode in ("in_person", "online", "online", "in_person")] == [
            True, True, True, False,
        ]  # fmt: skip
        assert places.move(held, "in_person", "online")
        assert (held.places["online"].left, held.total_left) == (0, 0)


@pytest.mark.django_db
def test_mode_that_is_not_offered_has_no_place():
    event = make_event(online_capacity=None)
    assert not places.take(event, "online")
