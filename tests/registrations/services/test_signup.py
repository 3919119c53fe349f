from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import Delivery
from registrations.models import Consent, Registration
from registrations.services import RegistrationError, changing, expiring, places, signup
from tests.make import make_event, make_registration
from tests.registrations.people import register

pytestmark = pytest.mark.django_db


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
    expiring.expire(timezone.now() + timedelta(hours=2))
    later = register(event, email="later@example.org")
    expiring.expire(timezone.now() + timedelta(hours=2))
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
    expiring.expire(timezone.now() + timedelta(hours=2))
    register(event)
    with pytest.raises(RegistrationError) as refusal:
        signup.confirm(registration=old)
    assert refusal.value.code == "already_registered"
    assert places.miscounted(event) == {}


def test_confirming_a_cancelled_registration_is_refused():
    registration = changing.cancel(registration=register(make_event()))
    with pytest.raises(RegistrationError) as refusal:
        signup.confirm(registration=registration)
    assert refusal.value.code == "cancelled"
    registration.refresh_from_db()
    assert registration.state == "cancelled"


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


def test_full_event_where_nobody_waits_says_so_to_whom_it_knows_too():
    event = make_event(in_person_capacity=1, has_waiting_list=False)
    make_registration(event, email="anna@example.org")
    for email in ("anna@example.org", "bea@example.org"):
        with pytest.raises(RegistrationError) as refusal:
            register(event, email=email)
        assert refusal.value.code == "full"
    assert event.registrations.count() == 1
    assert places.miscounted(event) == {}


def test_corrected_address_gets_a_link_that_the_first_mailbox_does_not_have():
    registration = register(make_event(), email="anan@example.org")
    first = registration.token
    for email in ("anna@example.org", "anna.verdi@example.org"):
        signup.correct_email(registration=registration, email=email)
        assert first not in Delivery.objects.latest("pk").message.text
    registration.refresh_from_db()
    assert registration.token != first
    assert not Registration.objects.filter(token=first).exists()
    left = Delivery.objects.exclude(state=Delivery.State.EXCLUDED)
    assert [mail.email for mail in left] == ["anna.verdi@example.org"]
