"""Pages that are kept for a few seconds: the same for all strangers, and never a page that was made for somebody."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib import messages
from django.contrib.sessions.backends.cache import SessionStore
from django.core.cache import cache
from django.http import HttpResponse, HttpResponseNotFound
from django.middleware.csrf import get_token
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.public_page import public_page
from tests.make import make_event, make_registration


@pytest.fixture(autouse=True)
def _kept(settings):
    settings.PUBLIC_PAGE_SECONDS = 10


@pytest.fixture
def event(programme, pisa):
    return make_event(programme, territory=pisa, slug="seminario-pisa")


PAGES = ["/", "/eventi/", "/eventi/seminario-pisa/", "/newsletter/", "/newsletter/iscriviti/", "/partner/", "/privacy/"]


@pytest.mark.parametrize("address", PAGES)
def test_page_is_drawn_once_for_all_strangers(event, address, django_assert_num_queries):
    first = Client().get(address)
    with django_assert_num_queries(0):
        second = Client().get(address)
    assert second.status_code == 200
    assert second.content == first.content
    for response in (first, second):
        assert response["Cache-Control"] == "public, max-age=10"
        assert "Cookie" in response["Vary"]
        assert "default-src 'self'" in response["Content-Security-Policy"]
        assert not response.cookies


def test_home_drawn_anew_still_asks_five_questions(event, django_assert_num_queries):
    Client().get("/?x")  # figures are counted once a minute
    with django_assert_num_queries(5):
        Client().get("/?x")


@pytest.mark.parametrize("address", PAGES)
def test_staff_never_get_the_strangers_page_nor_give_theirs(event, cast, address):
    stranger, carla = Client().get(address), Client()
    carla.force_login(cast.carla)
    cache.clear()
    hers = carla.get(address)
    assert hers["Cache-Control"] == "private"
    assert reverse("accounts:desk") in hers.content.decode()
    assert Client().get(address).content == stranger.content
    assert carla.get(address).content == hers.content


def test_message_that_waits_is_shown_and_never_kept(rf, event):
    waits = Client()
    request = rf.get("/")
    storage = messages.storage.cookie.CookieStorage(request)
    storage.add(messages.SUCCESS, "Only for Anna")
    response = HttpResponse()
    storage.update(response)
    waits.cookies["messages"] = response.cookies["messages"].value
    Client().get("/")
    assert b"Only for Anna" in waits.get("/").content
    assert b"Only for Anna" not in Client().get("/").content


def test_languages_and_hosts_are_kept_apart(event):
    italian, english = Client().get("/eventi/"), Client().get("/en/events/")
    assert b'<html lang="it">' in italian.content
    assert b'<html lang="en">' in english.content
    assert Client().get("/eventi/", SERVER_NAME="other.example").status_code == 200
    keys = [key for key in cache._cache if "public_page" in key]
    assert len(keys) == 3


def test_filters_are_kept_apart(event, lucca):
    for _turn in (1, 2):
        for province in ("pisa", "lucca"):
            assert f"/eventi.ics?province={province}" in Client().get(f"/eventi/?province={province}").content.decode()


@pytest.mark.parametrize("address", ["/?utm_source=x", "/eventi/?province=pisa&x=1", "/eventi/seminario-pisa/?page=2"])
def test_address_with_a_parameter_of_its_own_is_answered_but_not_kept(event, address):
    response = Client().get(address)
    assert response.status_code == 200
    assert response["Cache-Control"] == "private"
    assert not [key for key in cache._cache if "public_page" in key]


def test_page_is_at_most_ten_seconds_old(event):
    Client().get("/eventi/seminario-pisa/")
    event.title = {"it": "Titolo nuovo", "en": "New title"}
    event.save()
    assert b"Titolo nuovo" not in Client().get("/eventi/seminario-pisa/").content
    with time_machine.travel(timezone.now() + timedelta(seconds=11)):
        assert b"Titolo nuovo" in Client().get("/eventi/seminario-pisa/").content


def test_what_one_must_not_miss_is_not_kept(event):
    """The form decides about places; personal pages, answers to forms and missing pages are nobody else's."""
    registration = make_registration(event)
    form = Client().get("/eventi/seminario-pisa/iscrizione/")
    own = Client().get(reverse("registrations:manage", args=[registration.token]))
    missing = Client().get("/eventi/non-esiste/")
    answer = Client().post("/newsletter/iscriviti/", {"email": "anna@example.org"})
    assert [one.status_code for one in (form, own, missing, answer)] == [200, 200, 404, 200]
    assert not [one for one in (form, own, missing, answer) if "public" in one.get("Cache-Control", "")]
    assert not [key for key in cache._cache if "public_page" in key]


def test_form_keeps_its_empty_fields_and_nothing_that_was_typed(event):
    address = "/eventi/seminario-pisa/iscrizione/"
    wrong = {"mode": "in_person", "first_name": "Annamaria", "email": "annamaria@"}
    assert b"Annamaria" in Client().post(address, wrong).content
    campaign = Client().get(f"{address}?via=manifesto").content.decode()
    assert 'value="manifesto"' in campaign
    for page in (Client().get(address).content.decode(), Client().get(address).content.decode()):
        assert "Annamaria" not in page
        assert "manifesto" not in page
        assert 'name="first_name"' in page
    assert 'name="first_name"' in campaign
    assert "Your consents" in Client().get("/en/events/seminario-pisa/registration/").content.decode()
    first, second = (Client().get(address).cookies["csrftoken"].value for _visitor in (1, 2))
    assert first != second


def with_token(request):
    return HttpResponse(get_token(request))


def with_session(request):
    request.session["name"] = "Anna"
    return HttpResponse("Anna")


def with_cookie(request):
    response = HttpResponse("Anna")
    response.set_cookie("name", "Anna")
    return response


def with_its_own_word(request):
    return HttpResponse("Anna", headers={"Cache-Control": "no-store"})


@pytest.mark.parametrize(
    "view", [with_token, with_session, with_cookie, with_its_own_word, lambda request: HttpResponseNotFound("Anna")]
)
def test_view_that_makes_something_for_one_visitor_is_never_kept(rf, view):
    request = rf.get("/anything/")
    request.session = SessionStore()
    response = public_page()(view)(request)
    assert "public" not in response.get("Cache-Control", "")
    assert not cache._cache


def test_without_a_cache_every_page_is_drawn(event, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "config.cache.CalmRedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"socket_timeout": 0.1, "socket_connect_timeout": 0.1},
        }
    }
    for _turn in (1, 2):
        assert Client().get("/eventi/seminario-pisa/").status_code == 200
