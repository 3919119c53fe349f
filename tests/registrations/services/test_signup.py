from datetime import timedelta

import pytest
from django.utils import timezone

from registrations.models import Consent, Registration
from registrations.services import RegistrationError, places, signup, waiting_list
from registrations.signals import registration_confirmed
from tests.make import make_event, make_registration

pytestmark = pytest.mark.django_db


def register(event, **over):
    values = {
        "first_name": "Anna",
        "last_name": "Verdi",
        "email": "anna@example.org",
        "mode": "in_person",
        "consents": {"privacy": True},
    }
    return signup.register(event=event, **values | over)


def in_line(event, number=1, **over):
    """So many people who confirmed that they wait for a place of the full `event`, first come first."""
    people = [register(event, email=f"wait{n}@example.org", **over) for n in range(number)]
    for one in people:
        signup.confirm(registration=one)
        assert one.state == "waiting"
    return people


@pytest.fixture
def confirmed():
    """The registrations that the bell rang for."""
    heard = []

    def listen(sender, registration, **kwargs):
        heard.append(registration.pk)

    registration_confirmed.connect(listen)
    yield heard
    registration_confirmed.disconnect(listen)


def test_registration_holds_a_place_for_the_programmes_time():
    event = make_event()
    registration = register(event, email=" Anna@Example.ORG ", last_name="", via="cna")
    assert (registration.state, registration.email, registration.name) == ("pending", "anna@example.org", "Anna")
    held = registration.held_until - timezone.now()
    assert timedelta(minutes=59) < held <= timedelta(minutes=60)
    event.refresh_from_db()
    assert event.in_person_taken == 1
    assert registration.via == "cna"


def test_registration_keeps_the_words_that_were_agreed_to():
    registration = register(
        make_event(), consents={"privacy": True, "photos": True, "newsletter": False}, language="en"
    )
    consents = {consent.purpose: consent.text for consent in registration.consents.all()}
    assert set(consents) == {"privacy", "photos"}
    assert consents["photos"].startswith("I agree that photos")


@pytest.mark.parametrize(
    ("over", "code", "field"),
    [
        ({"first_name": "  "}, "invalid", "first_name"),
        ({"first_name": "a" * 81}, "invalid", "first_name"),
        ({"email": "anna"}, "invalid", "email"),
        ({"email": ""}, "invalid", "email"),
        ({"email": "a" * 250 + "@example.org"}, "invalid", "email"),
        ({"organisation": "x" * 161}, "invalid", "organisation"),
        ({"mode": "by_post"}, "invalid", "mode"),
        ({"consents": {}}, "consent_required", "consents.privacy"),
        ({"consents": {"privacy": False}}, "consent_required", "consents.privacy"),
        ({"consents": {"privacy": True, "marketing": True}}, "invalid", "consents"),
    ],
)
def test_registration_with_wrong_input_is_refused_at_the_field(over, code, field):
    event = make_event()
    with pytest.raises(RegistrationError) as refusal:
        register(event, **over)
    assert (refusal.value.code, list(refusal.value.fields)) == (code, [field])
    assert not Registration.objects.exists()
    event.refresh_from_db()
    assert event.in_person_taken == 0


@pytest.mark.parametrize(
    "over",
    [
        {"cancelled_at": timezone.now()},
        {"published_at": None},
        {"registration_opens_at": timezone.now() + timedelta(days=1)},
        {"registration_closes_at": timezone.now() - timedelta(days=1)},
    ],
)
def test_registration_outside_its_time_is_closed(over):
    event = make_event(**over)
    with pytest.raises(RegistrationError) as refusal:
        register(event)
    assert refusal.value.code == "closed"
    assert not Registration.objects.exists()


def test_registration_twice_with_one_address_is_refused():
    event = make_event()
    register(event)
    with pytest.raises(RegistrationError) as refusal:
        register(event, email="ANNA@example.org", mode="online")
    assert refusal.value.code == "already_registered"
    assert Registration.objects.count() == 1
    assert places.miscounted(event) == {}


@pytest.mark.parametrize("state", ["cancelled", "expired"])
def test_registration_again_after_an_ended_one_is_welcome(state):
    event = make_event()
    make_registration(event, email="anna@example.org", state=state, cancelled_at=timezone.now())
    assert register(event).state == "pending"


def test_registration_when_full_without_waiting_list_is_refused():
    event = make_event(in_person_capacity=1, has_waiting_list=False)
    make_registration(event)
    with pytest.raises(RegistrationError) as refusal:
        register(event)
    assert refusal.value.code == "full"
    assert register(event, mode="online").state == "pending"


def test_confirming_twice_is_once(confirmed):
    registration = register(make_event())
    for _ in range(2):
        signup.confirm(registration=registration)
    assert registration.state == "confirmed"
    assert registration.email_confirmed_at
    assert confirmed == [registration.pk]


def test_confirming_after_the_hold_takes_a_place_while_there_is_one():
    event = make_event(in_person_capacity=1, has_waiting_list=False)
    late, later = register(event), None
    signup.expire_held(timezone.now() + timedelta(hours=2))
    later = register(event, email="later@example.org")
    signup.expire_held(timezone.now() + timedelta(hours=2))
    assert signup.confirm(registration=late).state == "confirmed"
    with pytest.raises(RegistrationError) as refusal:
        signup.confirm(registration=later)
    assert refusal.value.code == "full"
    later.refresh_from_db()
    assert later.state == "expired"
    assert places.miscounted(event) == {}


def test_confirming_an_old_link_after_registering_anew_is_refused():
    event = make_event()
    old = register(event)
    signup.expire_held(timezone.now() + timedelta(hours=2))
    register(event)
    with pytest.raises(RegistrationError) as refusal:
        signup.confirm(registration=old)
    assert refusal.value.code == "already_registered"
    assert places.miscounted(event) == {}


def test_confirming_a_cancelled_registration_is_refused():
    registration = signup.cancel(registration=register(make_event()))
    with pytest.raises(RegistrationError) as refusal:
        signup.confirm(registration=registration)
    assert refusal.value.code == "cancelled"
    registration.refresh_from_db()
    assert registration.state == "cancelled"


def test_waiting_person_counts_once_confirmed_and_gets_the_freed_place(confirmed):
    event = make_event(in_person_capacity=1)
    holder = make_registration(event)
    unconfirmed = register(event, email="first@example.org")
    first, second = in_line(event, 2)
    assert [waiting_list.position(one) for one in (unconfirmed, first, second)] == [0, 1, 2]
    signup.cancel(registration=holder)
    first.refresh_from_db()
    assert first.state == "confirmed"
    assert confirmed == [first.pk]
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
    signup.cancel(registration=holder)
    waiting.refresh_from_db()
    assert waiting.state == "waiting"
    assert register(event, email="newcomer@example.org").state == "pending"


def test_cancelling_gives_the_place_back_and_voids_the_ticket():
    event = make_event()
    registration = make_registration(event)
    for _ in range(2):
        signup.cancel(registration=registration)
    assert (registration.state, registration.ticket_version, registration.calendar_sequence) == ("cancelled", 2, 1)
    assert places.miscounted(event) == {}


def test_cancelling_after_coming_in_is_refused():
    event = make_event()
    registration = make_registration(event, entered_at=timezone.now())
    with pytest.raises(RegistrationError) as refusal:
        signup.cancel(registration=registration)
    assert refusal.value.code == "closed"
    registration.refresh_from_db()
    assert registration.state == "confirmed"


def test_changing_mode_moves_the_place_and_serves_the_queue():
    event = make_event(in_person_capacity=1)
    registration = make_registration(event)
    (waiting,) = in_line(event)
    signup.change_mode(registration=registration, mode="online")
    waiting.refresh_from_db()
    assert (registration.mode, waiting.state) == ("online", "confirmed")
    assert places.miscounted(event) == {}


def test_changing_to_a_full_mode_keeps_the_old_place():
    event = make_event(online_capacity=1)
    make_registration(event, mode="online")
    registration = make_registration(event)
    with pytest.raises(RegistrationError) as refusal:
        signup.change_mode(registration=registration, mode="online")
    assert refusal.value.code == "full"
    registration.refresh_from_db()
    assert registration.mode == "in_person"
    assert places.miscounted(event) == {}


def test_waiting_person_who_changes_mode_gets_a_free_place_at_once(confirmed):
    event = make_event(in_person_capacity=1)
    make_registration(event)
    (waiting,) = in_line(event)
    signup.change_mode(registration=waiting, mode="online")
    assert (waiting.state, waiting.mode) == ("confirmed", "online")
    assert confirmed == [waiting.pk]
    assert places.miscounted(event) == {}


def test_correcting_the_address_is_possible_until_it_is_confirmed():
    registration = register(make_event(), email="anan@example.org")
    signup.correct_email(registration=registration, email="anna@example.org")
    assert registration.email == "anna@example.org"
    signup.confirm(registration=registration)
    with pytest.raises(RegistrationError) as refusal:
        signup.correct_email(registration=registration, email="other@example.org")
    assert refusal.value.code == "closed"


def test_correcting_to_somebody_elses_address_is_refused():
    event = make_event()
    make_registration(event, email="bea@example.org")
    registration = register(event)
    with pytest.raises(RegistrationError) as refusal:
        signup.correct_email(registration=registration, email="bea@example.org")
    assert refusal.value.code == "already_registered"
    registration.refresh_from_db()
    assert registration.email == "anna@example.org"


def test_holds_expire_in_bounded_batches():
    event, other = make_event(), make_event()
    for n in range(3):
        register(event, email=f"a{n}@example.org", mode="online" if n else "in_person")
    register(other)
    kept = signup.confirm(registration=register(other, email="kept@example.org"))
    later = timezone.now() + timedelta(hours=2)
    assert signup.expire_held() == 0
    assert [signup.expire_held(later, limit=3), signup.expire_held(later), signup.expire_held(later)] == [3, 1, 0]
    kept.refresh_from_db()
    assert kept.state == "confirmed"
    assert places.miscounted(event) == places.miscounted(other) == {}


def test_unconfirmed_waiting_person_expires_too():
    event = make_event(in_person_capacity=1)
    make_registration(event)
    waiting = register(event)
    signup.expire_held(timezone.now() + timedelta(hours=2))
    waiting.refresh_from_db()
    assert waiting.state == "expired"


def test_walk_in_is_registered_at_once_even_after_registration_closed(confirmed):
    now = timezone.now()
    event = make_event(starts_at=now - timedelta(hours=1), registration_closes_at=now - timedelta(hours=2))
    registration = signup.register_walk_in(event=event, first_name="Ugo", consents={"privacy": True})
    assert (registration.state, registration.mode, registration.is_walk_in) == ("confirmed", "in_person", True)
    assert confirmed == [registration.pk]
    assert Consent.objects.get().purpose == "privacy"
    assert places.miscounted(event) == {}


def test_walk_in_without_a_place_is_refused():
    event = make_event(in_person_capacity=1)
    make_registration(event)
    with pytest.raises(RegistrationError) as refusal:
        signup.register_walk_in(event=event, first_name="Ugo", consents={"privacy": True})
    assert refusal.value.code == "full"
    assert Registration.objects.count() == 1


def test_two_walk_ins_without_address_are_two_people():
    event = make_event()
    for name in ("Ugo", "Ada"):
        signup.register_walk_in(event=event, first_name=name, consents={"privacy": True})
    assert event.registrations.count() == 2


def test_walk_in_whose_name_leads_elsewhere_is_refused(programme):
    with pytest.raises(RegistrationError) as refused:
        signup.register_walk_in(
            event=make_event(programme), first_name="www.x.example", email="a@example.org", consents={"privacy": True}
        )
    assert (refused.value.code, list(refused.value.fields)) == ("invalid", ["first_name"])
    assert not Registration.objects.exists()
