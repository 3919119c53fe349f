"""One judge of answers, needs kept apart, and later changes that lose nothing."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Event
from events.services import questioning
from registrations.models import MonitoringRecord, Needs, Registration
from registrations.services import RegistrationError, asking, places, signup
from tests.make import both, make_event, make_programme, make_question, make_registration

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme):
    return make_event(programme, kind="lab", asks_dietary_needs=True)


def register(event, **over) -> Registration:
    values = {"first_name": "Anna", "email": "anna@example.org", "mode": "in_person", "consents": {"privacy": True}}
    return signup.register(event=event, **values | over)


def asked(event, kind="text", **over):
    return make_question(event, choices={"rosso": "Rosso", "blu": "Blu"}, kind=kind, **over)


def refused(code, act) -> RegistrationError:
    with pytest.raises(RegistrationError) as refusal:
        act()
    assert refusal.value.code == code
    return refusal.value


def test_answers_are_kept_with_the_registration(event):
    colour, number = asked(event, "choice", is_required=True), asked(event, "number")
    registration = register(event, answers={colour.key: "blu", number.key: "2,5"})
    registration.refresh_from_db()
    assert registration.answers == {colour.key: "blu", number.key: 2.5}


def test_registering_costs_one_query_more_for_questions_and_none_without(event):
    def queries(**over) -> int:
        with CaptureQueriesContext(connection) as found:
            register(event, **over)
        return len(found)

    bare = queries()
    nothing = {"answers": {}, "questions_version": 0, "needs": {"access": ""}, "monitoring": {"sex": ""}}
    assert queries(email="bea@example.org", **nothing) == bare
    for _ in range(3):
        asked(event)
    assert queries(email="ciro@example.org", answers={}) == bare + 1


def test_missing_and_wrong_answers_are_named_and_nothing_is_registered(event):
    needed, number = asked(event, is_required=True), asked(event, "number")
    error = refused("invalid", lambda: register(event, answers={number.key: "x", "shoes": "42"}))
    assert set(error.fields) == {f"answers.{needed.key}", f"answers.{number.key}", "answers.shoes"}
    assert not Registration.objects.exists()
    assert places.miscounted(event) == {}


def test_nobody_asked_means_nothing_is_missing(event):
    asked(event, is_required=True)
    assert register(event).answers == {}


def test_question_that_depends_on_another_counts_only_then(event):
    car = asked(event, "yes_no")
    seats = asked(event, "number", is_required=True, shown_if=car, shown_if_answer="yes")
    note = asked(event, is_required=True, shown_if=seats)  # never asked: a number decides nothing
    for said in ({}, {car.key: "no", seats.key: "no number at all", note.key: "x"}):
        assert seats.key not in asking.check(event=event, answers=said)
    error = refused("invalid", lambda: asking.check(event=event, answers={car.key: True}))
    assert list(error.fields) == [f"answers.{seats.key}"]
    assert asking.check(event=event, answers={car.key: True, seats.key: 3}) == {car.key: True, seats.key: 3}


def test_condition_of_a_condition_must_be_met_too(event):
    first = asked(event, "choices")
    second = asked(event, "choice", shown_if=first, shown_if_answer="blu")
    third = asked(event, is_required=True, shown_if=second, shown_if_answer="rosso")
    said = {first.key: ["rosso"], second.key: "rosso"}
    assert asking.check(event=event, answers=said) == {first.key: ["rosso"]}
    refused("invalid", lambda: asking.check(event=event, answers=said | {first.key: ["rosso", "blu"]}))
    assert third.key in asking.check(event=event, answers={first.key: ["blu"], second.key: "rosso", third.key: "x"})


def test_form_of_other_questions_registers_nobody(event):
    question = asked(event)
    questioning.change(question=question, label=both("Altro?", "Else?"))
    refused("questions_changed", lambda: register(event, answers={question.key: "x"}, questions_version=1))
    assert not Registration.objects.exists()
    event.refresh_from_db()
    register(event, answers={question.key: "x"}, questions_version=event.questions_version)


def test_needs_are_encrypted_and_kept_apart(event):
    registration = register(event, needs={"access": " Carrozzina ", "dietary": "Celiachia"})
    assert asking.needs_of(registration) == {"access": "Carrozzina", "dietary": "Celiachia"}
    assert asking.has_access_needs(registration)
    with connection.cursor() as cursor:
        cursor.execute("SELECT access, dietary FROM registrations_needs")
        stored = " ".join(cursor.fetchone())
    assert "Carrozzina" not in stored
    assert "Celiachia" not in stored


def test_needs_nobody_told_or_nobody_asks_leave_no_row(event):
    register(event, needs={"access": "  ", "dietary": ""})
    other = make_event(event.programme, asks_dietary_needs=False, asks_access_needs=False)
    registration = register(other, needs={"access": "Carrozzina", "dietary": "Celiachia"})
    assert not Needs.objects.exists()
    assert not asking.has_access_needs(registration)


def test_who_needs_help_is_known_in_one_query(event, django_assert_num_queries):
    for need in ("Carrozzina", ""):
        registration = make_registration(event)
        Needs.objects.create(registration=registration, access=need, dietary="Celiachia")
    make_registration(event)
    with django_assert_num_queries(1):
        known = [one.has_access_needs for one in asking.with_access_needs(event.registrations.order_by("pk"))]
    assert known == [True, False, False]


def test_sensitive_answers_for_the_funder_are_encrypted():
    event = make_event(make_programme(monitoring={"lab": "participant"}), kind="lab")
    told = {
        "sex": "non_binary",
        "birth_date": "1980-02-29",
        "disability": "yes",
        "minority": "not_said",
        "sector": "care",
    }
    registration = register(event, monitoring=told)
    record = MonitoringRecord.objects.get()
    assert record.profile == "participant"
    assert record.values == {"sex": "non_binary", "birth_date": "1980-02-29"}
    assert json.loads(record.sensitive) == {"disability": "yes", "minority": "not_said"}
    assert "sector" not in asking.monitoring_of(registration), "another profile's question"
    with connection.cursor() as cursor:
        cursor.execute('SELECT sensitive, "values" FROM registrations_monitoringrecord')
        assert "disability" not in str(cursor.fetchone())


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"sex": "other"}, "monitoring.sex"),
        ({"birth_date": "1980-02-30"}, "monitoring.birth_date"),
        ({"birth_date": "2999-01-01"}, "monitoring.birth_date"),
        ({"birth_date": "1066-01-01"}, "monitoring.birth_date"),
    ],
)
def test_wrong_answer_for_the_funder_is_named(told, field):
    event = make_event(make_programme(monitoring={"lab": "participant"}), kind="lab")
    assert list(refused("invalid", lambda: register(event, monitoring=told)).fields) == [field]
    assert not Registration.objects.exists()


def test_too_long_a_need_is_refused(event):
    assert list(refused("invalid", lambda: register(event, needs={"access": "x" * 501})).fields) == ["needs.access"]
    assert not Registration.objects.exists()


def test_event_of_a_kind_that_asks_nothing_keeps_nothing(event):
    register(event, monitoring={"sex": "female", "organisation_kind": "public"})
    assert not MonitoringRecord.objects.exists()


def test_answers_are_changed_and_those_no_longer_asked_stay(event):
    colour, old = asked(event, "choice"), asked(event)
    registration = make_registration(event, answers={colour.key: "rosso", old.key: "una volta"})
    questioning.remove(question=old)
    changed = asking.change(registration=registration, answers={colour.key: "blu"}, needs={"dietary": "Uova"})
    changed.refresh_from_db()
    assert changed.answers == {colour.key: "blu", old.key: "una volta"}
    assert asking.needs_of(changed) == {"access": "", "dietary": "Uova"}
    assert [answer for _question, answer in asking.answered(changed)] == ["Blu", "una volta"]


def test_choice_that_is_offered_no_more_stays_with_who_had_it(event):
    one, many = asked(event, "choice"), asked(event, "choices")
    registration = make_registration(event, answers={one.key: "blu", many.key: ["rosso", "blu"]})
    for question in (one, many):
        left = questioning.choices(question.options[:1], [{"it": "Verde"}])
        questioning.change(question=question, options=left)
    same = dict(registration.answers)
    assert asking.change(registration=registration, answers=same).answers == same
    refused("invalid", lambda: asking.check(event=event, answers={one.key: "blu"}))
    asking.change(registration=registration, answers={one.key: "verde", many.key: ["blu"]})
    refused("invalid", lambda: asking.change(registration=registration, answers={one.key: "blu"}))


def test_needs_taken_back_are_deleted(event):
    registration = register(event, needs={"access": "Carrozzina"})
    asking.change(registration=registration, needs={"access": ""})
    assert not Needs.objects.exists()
    asking.change(registration=registration, answers={})  # None leaves what is there
    asking.change(registration=registration, needs={"access": "Lettura labiale"}, monitoring=None)
    asking.change(registration=registration, answers={})
    assert asking.needs_of(registration)["access"] == "Lettura labiale"


def test_change_from_a_page_that_is_old_is_refused(event):
    question = asked(event)
    registration = make_registration(event)
    seen = asking.seen(registration)
    asking.change(registration=registration, answers={question.key: "prima"}, seen_at=seen)
    refused("stale", lambda: asking.change(registration=registration, answers={question.key: "seconda"}, seen_at=seen))
    refused("stale", lambda: asking.change(registration=registration, needs={"access": "x"}, seen_at=seen))
    registration.refresh_from_db()
    assert registration.answers == {question.key: "prima"}
    assert not Needs.objects.exists()


@pytest.mark.parametrize(
    ("of_event", "of_person", "code"),
    [
        ({"changes_close_at": timezone.now() - timedelta(minutes=1)}, {}, "closed"),
        (
            {"starts_at": timezone.now() - timedelta(hours=1), "ends_at": timezone.now() + timedelta(hours=1)},
            {},
            "closed",
        ),
        ({"cancelled_at": timezone.now()}, {}, "closed"),
        ({}, {"state": "cancelled", "cancelled_at": timezone.now()}, "cancelled"),
    ],
)
def test_change_is_refused_when_it_is_too_late(event, of_event, of_person, code):
    question = asked(event)
    registration = make_registration(event, answers={question.key: "prima"}, **of_person)
    Event.objects.filter(pk=event.pk).update(**of_event)
    refused(code, lambda: asking.change(registration=registration, answers={question.key: "dopo"}))
    registration.refresh_from_db()
    assert registration.answers == {question.key: "prima"}


def test_what_was_told_is_forgotten_on_demand(event):
    question = asked(event)
    registration = register(event, answers={question.key: "x"}, needs={"access": "x"})
    asking.forget(registration=registration)
    registration.refresh_from_db()
    assert registration.answers == {}
    assert not Needs.objects.exists()
