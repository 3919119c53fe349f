"""GET events and GET events/{slug}, as CONTRACT says."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.make import both, make_event, make_question, make_registration, make_running_event, make_venue

pytestmark = pytest.mark.django_db


def test_event_is_told_with_its_places(client, programme, pisa):
    event = make_event(slug="seminario-pisa", territory=pisa, in_person_capacity=2, venue=make_venue(programme))
    make_registration(event)
    make_registration(event, state="pending", held_until=timezone.now())
    told = client.get("/api/v1/events/seminario-pisa").json()
    assert told["slug"] == "seminario-pisa"
    assert told["title"] == "Seminario di prova"
    assert (told["kind"], told["province"], told["state"]) == ("seminar", "pisa", "planned")
    assert told["places"] == {"in_person": {"capacity": 2, "left": 0}, "online": {"capacity": 100, "left": 100}}
    assert told["registration"] == "open"
    assert told["url"] == "http://testserver/eventi/seminario-pisa/"
    assert told["calendar_url"] == "http://testserver/eventi/seminario-pisa.ics"
    assert told["venue"]["town"] == "Pisa"


def test_event_speaks_the_readers_language(client, programme):
    make_event(slug="s")
    told = client.get("/api/v1/events/s", headers={"accept-language": "en-GB,en;q=0.9"})
    assert told.json()["title"] == "Trial seminar"
    assert told["Content-Language"] == "en"


def test_event_with_one_mode_offers_only_that(client, programme):
    make_event(slug="s", online_capacity=None)
    assert list(client.get("/api/v1/events/s").json()["places"]) == ["in_person"]


@pytest.mark.parametrize("over", [{"published_at": None}])
def test_event_not_published_is_nowhere(client, programme, over):
    make_event(slug="s", **over)
    assert client.get("/api/v1/events/s").status_code == 404
    assert client.get("/api/v1/events").json()["items"] == []


@pytest.mark.parametrize(
    ("over", "state", "registration"),
    [
        ({}, "planned", "open"),
        ({"registration_opens_at": timezone.now() + timedelta(days=1)}, "planned", "not_yet"),
        ({"in_person_capacity": 0, "online_capacity": 0}, "planned", "full"),
        ({"registration_closes_at": timezone.now()}, "planned", "closed"),
        ({"cancelled_at": timezone.now()}, "cancelled", "closed"),
        ({"starts_at": timezone.now() - timedelta(hours=1)}, "running", "open"),
        ({"starts_at": timezone.now() - timedelta(days=1)}, "over", "closed"),
    ],
)
def test_states(client, programme, over, state, registration):
    make_event(slug="s", **over)
    told = client.get("/api/v1/events/s").json()
    assert (told["state"], told["registration"]) == (state, registration)
    assert [one["slug"] for one in client.get(f"/api/v1/events?state={state}").json()["items"]] == ["s"]


def test_list_is_narrowed_and_paged(client, programme, pisa, lucca):
    may = timezone.now().replace(year=timezone.now().year + 1, month=5, day=14)
    make_event(slug="a", territory=pisa, starts_at=may)
    make_event(slug="b", territory=lucca, kind="lab", online_capacity=None, starts_at=may + timedelta(days=40))
    running = make_running_event(slug="c", title=both("Uno", "One"))

    def slugs(query):
        body = client.get(f"/api/v1/events?{query}").json()
        return [one["slug"] for one in body["items"]], body["count"]

    assert slugs("") == ([running.slug, "a", "b"], 3)
    assert slugs("limit=1&offset=1") == (["a"], 3)
    assert slugs("province=pisa") == (["a"], 1)
    assert slugs("kind=lab") == (["b"], 1)
    assert slugs("mode=online")[1] == 2
    assert slugs(f"month={may:%Y-%m}") == (["a"], 1)
    assert slugs("offset=100") == ([], 3)


@pytest.mark.parametrize(
    "query",
    [
        "kind=nothing",
        "mode=x",
        "month=2024-13",
        "month=x",
        "state=x",
        "province=%00",
        "limit=0",
        "limit=x",
        "limit=99999999999999999999999",
        "offset=9223372036854775808",
        "offset=-1",
        "month=0000-01",
        "month=0001-01",
    ],
)
def test_wrong_filter_is_said(client, programme, query):
    response = client.get(f"/api/v1/events?{query}")
    assert response.status_code == 422
    assert list(response.json()["fields"]) == [query.split("=")[0]]


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_the_list(client, programme, pisa, number, django_assert_num_queries):
    for _ in range(number):
        make_event(territory=pisa, venue=make_venue(programme))
    with django_assert_num_queries(2):
        assert len(client.get("/api/v1/events").json()["items"]) == number


def test_queries_of_one_event(client, programme, django_assert_num_queries):
    event = make_event(slug="s")
    event.sessions.create(starts_at=event.starts_at, minutes=60, title=both("Saluti", "Welcome"))
    with django_assert_num_queries(3):
        assert client.get("/api/v1/events/s").json()["sessions"][0]["title"] == "Saluti"


def test_event_tells_what_its_registration_asks(client, programme, django_assert_num_queries):
    event = make_event(programme, slug="seminario-pisa")
    with django_assert_num_queries(2):
        told = client.get("/api/v1/events/seminario-pisa").json()
    assert (told["questions"], told["questions_version"]) == ([], 0)
    colour = make_question(event, key="colore", choices={"blu": "Blu", "rosso": "Rosso"}, is_required=True)
    make_question(event, key="gia", retired_at=timezone.now())
    make_question(event, key="perche", label=both("Perché?", "Why?"), shown_if=colour, shown_if_answer="blu")
    told = client.get("/api/v1/events/seminario-pisa", headers={"Accept-Language": "en"}).json()
    assert told["questions_version"] == 3
    first, second = told["questions"]
    assert (first["key"], first["kind"], first["required"], first["shown_if"]) == ("colore", "choice", True, None)
    assert first["options"] == [{"key": "blu", "label": "Blu"}, {"key": "rosso", "label": "Rosso"}]
    assert (second["label"], second["options"]) == ("Why?", [])
    assert second["shown_if"] == {"question": "colore", "answer": "blu"}
