"""Several colleagues in one go: all or as many as fit, each with a confirmation of her own."""

import pytest

from mail.models import Delivery
from registrations.models import Registration
from registrations.services import RegistrationError, asking, places, restraint, signup, together
from registrations.services.together import Outcome, Person
from tests.make import make_event, make_organisation, make_question, make_registration
from tests.registrations.people import in_line
from tests.threads import all_at_once

pytestmark = pytest.mark.django_db


def people(number, first=0):
    return [Person(f"Persona {n}", "Rossi", f"p{n}@azienda.example") for n in range(first, first + number)]


def register_all(event, persons, **over):
    values = {"mode": "in_person", "organisation": "Azienda", "registered_by": "Maria Bianchi"}
    return together.register_all(event=event, people=persons, **values | over)


def refused(event, persons, **over):
    with pytest.raises(RegistrationError) as refusal:
        register_all(event, persons, **over)
    assert not event.registrations.filter(organisation="Azienda").exists()
    assert not Delivery.objects.exists()
    assert places.miscounted(event) == {}
    return refusal.value


def test_each_gets_a_place_and_a_mail_that_says_who_registered_her():
    event = make_event()
    assert register_all(event, people(3)) == Outcome(3, 0, 0)
    assert set(event.registrations.values_list("state", "organisation", "registered_by")) == {
        ("pending", "Azienda", "Maria Bianchi")
    }
    mails = Delivery.objects.filter(message__kind="registrations.confirm").select_related("message")
    assert sorted(mail.email for mail in mails) == [f"p{n}@azienda.example" for n in range(3)]
    assert all("Maria Bianchi (Azienda) ha fatto l’iscrizione per te" in mail.message.text for mail in mails)
    assert places.miscounted(event) == {}


def test_too_few_places_register_nobody_when_it_is_all_or_nobody():
    event = make_event(in_person_capacity=2)
    refusal = refused(event, people(3))
    assert (refusal.code, list(refusal.fields)) == ("full", ["fit"])
    assert "2 posti" in refusal.message


def test_as_many_as_fit_take_the_places_and_the_others_wait():
    event = make_event(in_person_capacity=2)
    assert register_all(event, people(3), as_many_as_fit=True) == Outcome(2, 1, 0)
    assert sorted(event.registrations.values_list("state", flat=True)) == ["pending", "pending", "waiting"]
    assert places.miscounted(event) == {}


def test_as_many_as_fit_leave_out_the_others_where_nobody_waits():
    event = make_event(in_person_capacity=2, has_waiting_list=False)
    assert register_all(event, people(3), as_many_as_fit=True) == Outcome(2, 0, 1)
    assert event.registrations.count() == 2


def test_full_event_where_nobody_waits_registers_nobody():
    event = make_event(in_person_capacity=0, has_waiting_list=False)
    assert refused(event, people(2), as_many_as_fit=True).code == "full"


def test_place_that_is_owed_to_the_waiting_list_is_not_for_colleagues():
    event = make_event(in_person_capacity=1)
    make_registration(event)
    in_line(event)
    type(event).objects.filter(pk=event.pk).update(in_person_capacity=3)
    Delivery.objects.all().delete()
    assert refused(event, people(1)).code == "full"


def test_colleague_who_is_registered_is_told_and_nobody_else_learns_it():
    event = make_event(in_person_capacity=4)
    make_registration(event, email="p1@azienda.example")
    answer = register_all(event, people(3))
    assert answer == register_all(make_event(in_person_capacity=3), people(3))
    assert event.registrations.count() == 3
    kinds = Delivery.objects.filter(email="p1@azienda.example").values_list("message__kind", flat=True)
    assert "registrations.already_registered" in kinds
    assert places.miscounted(event) == {}


def test_line_that_is_wrong_is_named():
    wrong = [
        *people(1),
        Person("", "", "p1@azienda.example"),
        Person("Ada", "", "P0@Azienda.example"),
        Person("Eva", "", "eva"),
    ]
    refusal = refused(make_event(), wrong)
    assert refusal.code == "invalid"
    assert set(refusal.fields) == {"people.1.first_name", "people.2.email", "people.3.email"}


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"registered_by": " "}, "registered_by"),
        ({"registered_by": "www.x.example"}, "registered_by"),
        ({"organisation": ""}, "organisation"),
        ({"mode": "by_phone"}, "mode"),
    ],
)
def test_what_is_wrong_for_all_is_named(over, field):
    refusal = refused(make_event(), people(2), **over)
    assert (refusal.code, list(refusal.fields)) == ("invalid", [field])


@pytest.mark.parametrize("number", [0, together.MOST + 1])
def test_nobody_and_too_many_are_refused(number):
    assert list(refused(make_event(), people(number)).fields) == ["people"]


def test_event_by_invitation_takes_no_colleagues():
    assert refused(make_event(access="invitation"), people(2)).code == "by_invitation"


def test_colleague_agrees_for_herself_when_she_confirms():
    event = make_event()
    register_all(event, people(1))
    registration = event.registrations.get()
    for consents in (None, {"privacy": False, "photos": True}):
        with pytest.raises(RegistrationError) as refusal:
            signup.confirm(registration=registration, consents=consents)
        assert refusal.value.code == "consent_required"
        registration.refresh_from_db()
        assert (registration.state, registration.consents.count()) == ("pending", 0)
    signup.confirm(registration=registration, consents={"privacy": True, "photos": True})
    assert registration.state == "confirmed"
    assert sorted(registration.consents.values_list("purpose", flat=True)) == ["photos", "privacy"]


def test_colleagues_count_for_what_one_client_may_hold():
    event = make_event(in_person_capacity=20)
    most = restraint.held_by_one(20)
    with pytest.raises(RegistrationError) as refusal:
        register_all(event, people(most + 1), client="firm")
    assert refusal.value.code == "too_many"
    assert event.registrations.count() == 0
    assert register_all(event, people(most), client="firm") == Outcome(most, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_two_firms_at_once_get_no_place_too_many():
    event = make_event(in_person_capacity=5, online_capacity=None)

    def register(n):
        try:
            return register_all(event, people(3, first=10 * n)).placed
        except RegistrationError as error:
            return error.code

    assert sorted(map(str, all_at_once(register, 4))) == ["3", "full", "full", "full"]
    assert Registration.objects.count() == 3
    assert places.miscounted(event) == {}


def test_colleague_who_does_not_belong_to_the_audience_is_told_by_mail_alone():
    event = make_event(access="audience")
    event.audience_organisations.add(make_organisation(event.programme, email_domains="azienda.example"))
    outsider = Person("Ada", "Neri", "ada@example.org")
    assert register_all(event, [*people(1), outsider]) == Outcome(2, 0, 0)
    assert list(event.registrations.values_list("email", flat=True)) == ["p0@azienda.example"]
    told = set(Delivery.objects.values_list("email", "message__kind"))
    assert ("ada@example.org", "registrations.audience_only") in told
    assert places.miscounted(event) == {}


@pytest.mark.parametrize(
    ("age", "state", "code"),
    [("14_17", "requested", ""), ("under_14", "pending", "too_young"), ("old", "pending", "invalid")],
)
def test_colleague_says_her_age_herself(age, state, code):
    event = make_event()
    register_all(event, people(1))
    registration = event.registrations.get()
    said = {"consents": {"privacy": True}, "told": asking.Told(age=age)}
    if code:
        with pytest.raises(RegistrationError) as refusal:
            signup.confirm(registration=registration, **said)
        assert refusal.value.code == code
    else:
        signup.confirm(registration=registration, **said)
    registration.refresh_from_db()
    assert (registration.state, registration.is_minor) == (state, age == "14_17")
    assert registration.consents.exists() is (not code)


def test_colleague_answers_what_the_event_asks_when_she_confirms():
    event = make_event()
    make_question(event, key="taglia", is_required=True)
    register_all(event, people(1))
    registration = event.registrations.get()
    with pytest.raises(RegistrationError) as refusal:
        signup.confirm(registration=registration, consents={"privacy": True}, told=asking.Told(answers={}))
    assert list(refusal.value.fields) == ["answers.taglia"]
    registration.refresh_from_db()
    assert (registration.state, registration.consents.count()) == ("pending", 0)
    told = asking.Told(answers={"taglia": "M"}, needs={"access": "una rampa"})
    signup.confirm(registration=registration, consents={"privacy": True}, told=told)
    registration.refresh_from_db()
    assert (registration.state, registration.answers) == ("confirmed", {"taglia": "M"})
    assert registration.needs.access == "una rampa"
