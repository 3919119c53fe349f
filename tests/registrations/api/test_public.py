"""POST events/{slug}/registrations, as CONTRACT says."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from mail.models import Delivery
from registrations.models import IdempotentRequest, Invitation, Registration
from registrations.services import idempotency, places
from tests.make import make_event, make_organisation, make_question, make_registration
from tests.threads import all_at_once

pytestmark = pytest.mark.django_db

ANNA = {
    "first_name": "Anna",
    "last_name": "Verdi",
    "email": "anna@example.org",
    "mode": "in_person",
    "consents": {"privacy": True},
}


@pytest.fixture
def event(programme):
    return make_event(programme, slug="seminario-pisa")


def post(client, event, key="", **over):
    data = {name: value for name, value in (ANNA | over).items() if value is not None}
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(
        f"/api/v1/events/{event.slug}/registrations", json.dumps(data), content_type="application/json", headers=headers
    )


def test_registration_is_answered_without_any_secret(client, event):
    response = post(
        client, event, organisation="CNA", language="en", via="cna", consents={"privacy": True, "photos": True}
    )
    assert response.status_code == 201
    registration = Registration.objects.get()
    told = response.json()
    assert (told["event"], told["state"], told["mode"]) == ("seminario-pisa", "pending", "in_person")
    assert registration.token not in response.content.decode()
    assert registration.code not in response.content.decode()
    assert (registration.language, registration.via, registration.organisation) == ("en", "cna", "CNA")
    assert {one.purpose for one in registration.consents.all()} == {"privacy", "photos"}
    assert Delivery.objects.get().email == "anna@example.org"


def test_registration_takes_few_queries(client, event, django_assert_num_queries):
    with django_assert_num_queries(12):
        post(client, event)


def test_full_event_puts_on_the_waiting_list(client, programme):
    event = make_event(programme, in_person_capacity=0)
    response = post(client, event)
    assert (response.status_code, response.json()["state"]) == (202, "waiting")


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"in_person_capacity": 0, "has_waiting_list": False}, "full"),
        ({"registration_closes_at": timezone.now()}, "closed"),
        ({"registration_opens_at": timezone.now() + timedelta(days=1)}, "closed"),
        ({"cancelled_at": timezone.now()}, "closed"),
    ],
)
def test_refusal_has_its_code(client, programme, over, code):
    response = post(client, make_event(programme, **over))
    assert (response.status_code, response.json()["code"]) == (409, code)
    assert not Registration.objects.exists()


@pytest.mark.parametrize("key", ["", "again"])
def test_registered_address_is_refused_and_its_owner_told(client, event, key):
    make_registration(event, email="anna@example.org")
    response = post(client, event, key)
    assert (response.status_code, response.json()["code"]) == (409, "already_registered")
    assert "email" in response.json()["fields"]
    assert Registration.objects.count() == 1
    assert Delivery.objects.get().message.kind == "registrations.already_registered"


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"first_name": None}, "first_name"),
        ({"first_name": " "}, "first_name"),
        ({"first_name": 7}, "first_name"),
        ({"email": "anna"}, "email"),
        ({"email": None}, "email"),
        ({"mode": "by_post"}, "mode"),
        ({"last_name": "x" * 81}, "last_name"),
        ({"consents": None}, "consents"),
        ({"consents": {}}, "consents.privacy"),
        ({"consents": {"privacy": False}}, "consents.privacy"),
        ({"consents": {"privacy": "yes"}}, "consents.privacy"),
        ({"language": "xx"}, "language"),
        ({"answers": {"shoes": 42}}, "answers.shoes"),
    ],
)
def test_wrong_input_is_named(client, event, over, field):
    response = post(client, event, **over)
    assert response.status_code == 422
    assert list(response.json()["fields"]) == [field]
    assert response.json()["message"]
    assert not Registration.objects.exists()
    assert places.miscounted(event) == {}


def test_unknown_or_unpublished_event_is_not_found(client, programme):
    response = post(client, make_event(programme, published_at=None))
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_same_key_is_answered_the_same_and_done_once(client, event):
    first, second = post(client, event, key="k1"), post(client, event, key="k1")
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert Registration.objects.count() == 1
    assert Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_same_key_in_many_requests_at_once_is_done_once(event):
    answers = all_at_once(lambda n: post(Client(), event, key="k1").status_code, 12)
    assert answers.count(201) >= 1
    assert set(answers) <= {201, 409}
    assert Registration.objects.count() == 1
    assert Delivery.objects.count() == 1


def test_same_key_with_another_request_is_refused(client, event):
    post(client, event, key="k1")
    response = post(client, event, key="k1", email="bea@example.org")
    assert (response.status_code, response.json()["code"]) == (422, "key_reused")
    assert Registration.objects.count() == 1


def test_refusal_is_not_kept_for_the_key(client, programme):
    event = make_event(programme, in_person_capacity=0, has_waiting_list=False)
    assert post(client, event, key="k1").status_code == 409
    event.in_person_capacity = 1
    event.save()
    assert post(client, event, key="k1").status_code == 201


def test_request_still_at_work_asks_for_patience(client, event):
    post(client, event, key="k1")
    IdempotentRequest.objects.update(status=idempotency.AT_WORK)
    response = post(client, event, key="k1")
    assert (response.status_code, response.json()["code"]) == (409, "in_progress")
    assert int(response["Retry-After"]) > 0


def test_key_of_who_died_at_work_is_taken_up_again(client, event):
    post(client, event, key="k1", email="bea@example.org")
    IdempotentRequest.objects.update(status=idempotency.AT_WORK, created_at=timezone.now() - timedelta(minutes=2))
    assert post(client, event, key="k1").status_code == 201


def test_answers_are_forgotten_after_a_day(client, event):
    post(client, event, key="k1")
    idempotency.forget_old()
    assert IdempotentRequest.objects.count() == 1
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(days=2))
    idempotency.forget_old()
    assert not IdempotentRequest.objects.exists()


def test_one_client_cannot_take_every_place_and_is_told_when_to_ask_again(client, programme):
    event = make_event(programme, slug="laboratorio-pisa", in_person_capacity=12)
    answers = [post(client, event, key=f"k{number}", email=f"a{number}@example.org") for number in range(12)]
    assert [answer.status_code for answer in answers] == [201] * 11 + [429]
    assert answers[-1].json()["code"] == "too_many"
    assert answers[-1]["Retry-After"] == "3600"
    assert Registration.objects.count() == 11
    again = post(client, event, key="k0", email="a0@example.org")
    assert again.status_code == 201
    assert Registration.objects.count() == 11


@pytest.mark.parametrize(
    ("over", "status", "state"),
    [({}, 201, "confirmed"), ({"email": "bea@example.org"}, 201, "pending"), ({"age": "14_17"}, 201, "requested")],
)
def test_invitation_is_taken_here_too(client, programme, over, status, state):
    event = make_event(programme, access="invitation")
    token = Invitation.objects.create(event=event, email="anna@example.org").token
    response = post(client, event, invitation=token, **over)
    assert (response.status_code, response.json()["state"]) == (status, state)
    assert (response.json()["held_until"] is None) == (state != "pending")
    again = post(client, event, invitation=token, email="c@example.org")
    assert (again.status_code, again.json()["code"]) == (409, "invitation_used")


def test_event_by_invitation_refuses_alike_whoever_has_no_link(client, programme):
    event = make_event(programme, access="invitation")
    make_registration(event, email="anna@example.org")
    answers = [post(client, event, email=email) for email in ("anna@example.org", "bea@example.org")]
    assert [one.json()["code"] for one in answers] == ["invitation_required"] * 2
    assert answers[0].content == answers[1].content
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("key", ["", "k"])
@pytest.mark.parametrize("over", [{}, {"in_person_capacity": 1}, {"in_person_capacity": 1, "has_waiting_list": False}])
def test_event_for_an_audience_answers_alike_whoever_asks(client, programme, over, key):
    event = make_event(programme, access="audience", **over)
    event.audience_organisations.add(make_organisation(programme, email_domains="cna.it"))
    make_registration(event, email="there@cna.it")

    def answer(email):
        with time_machine.travel(timezone.now().replace(microsecond=0), tick=False):
            response = post(client, event, key and f"{key}{email}", email=email)
        said = response.json() | {"held_until": None}
        return response.status_code, {name: value for name, value in said.items() if name != "email"}

    known, strange, new = (answer(email) for email in ("there@cna.it", "x@example.org", "new@cna.it"))
    assert known == strange == new
    assert not Registration.objects.filter(email="x@example.org").exists()
    told = set(Delivery.objects.values_list("email", "message__kind"))
    if over.get("has_waiting_list", True):
        assert ("x@example.org", "registrations.audience_only") in told
        assert ("there@cna.it", "registrations.already_registered") in told
    assert places.miscounted(event) == {}


def test_child_is_refused(client, event):
    response = post(client, event, age="under_14")
    assert (response.status_code, response.json()["code"], list(response.json()["fields"])) == (
        422,
        "too_young",
        ["age"],
    )
    assert not Registration.objects.exists()
    assert post(client, event, age="12").json()["code"] == "invalid"


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"registration_opens_at": timezone.now() + timedelta(days=1)}, "opens on"),
        ({"registration_closes_at": timezone.now() - timedelta(days=1)}, "closed on"),
    ],
)
def test_closed_says_since_or_until_when(client, programme, over, words):
    event = make_event(programme, **over)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert words in post(client, event).json()["message"]
    told = client.get(f"/api/v1/events/{event.slug}").json()
    assert {"registration_opens_at", "registration_closes_at", "access", "for_whom"} <= set(told)


def test_answers_are_taken_by_their_keys(client, event):
    colour = make_question(event, choices={"blu": "Blu", "rosso": "Rosso"}, is_required=True)
    many = make_question(event, choices={"a": "A", "b": "B"}, kind="choices")
    told = {colour.key: "blu", many.key: ["b", "a"]}
    assert post(client, event, answers=told, questions_version=event.questions_version).status_code == 201
    assert Registration.objects.get().answers == {colour.key: "blu", many.key: ["a", "b"]}


@pytest.mark.parametrize("answers", [None, {}, {"colore": None}, {"colore": "verde"}, {"colore": {"blu": 1}}])
def test_missing_or_wrong_answer_is_named(client, event, answers):
    make_question(event, key="colore", choices={"blu": "Blu", "rosso": "Rosso"}, is_required=True)
    response = post(client, event, answers=answers)
    assert (response.status_code, list(response.json()["fields"])) == (422, ["answers.colore"])
    assert not Registration.objects.exists()


def test_answers_to_other_questions_are_refused(client, event):
    question = make_question(event)
    response = post(client, event, answers={question.key: "x"}, questions_version=event.questions_version - 1)
    assert (response.status_code, response.json()["code"]) == (409, "questions_changed")
    assert not Registration.objects.exists()
