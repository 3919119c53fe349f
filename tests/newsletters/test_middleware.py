"""Visits that come from a newsletter: counted for strangers who open a page, and nothing else about them is kept."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.limits import Limit
from mail.services import outbox
from newsletters.models import VisitCount
from newsletters.services import figures
from tests.make import make_event, make_newsletter, make_registration

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _luglio(programme, pisa):
    mailing = outbox.open_mailing(key="newsletter:luglio")[0]
    make_newsletter(programme, slug="luglio", state="sent", sent_at=timezone.now(), mailing=mailing)
    make_event(programme, slug="seminario-pisa", territory=pisa)


def counted() -> dict[str, int]:
    return dict(VisitCount.objects.values_list("page", "number"))


def test_each_opening_of_a_page_is_counted(client):
    for address in ("/?n=luglio", "/eventi/seminario-pisa/?n=luglio", "/eventi/?province=pisa&n=luglio", "/?n=luglio"):
        response = client.get(address)
        assert response.status_code == 200
        assert not response.cookies
    assert counted() == {"/": 2, "/eventi/seminario-pisa/": 1, "/eventi/": 1}


def test_one_network_counts_only_so_often_and_others_still_do(client, monkeypatch):
    monkeypatch.setattr(figures, "VISITS", Limit("visits of a client from one newsletter", 2, timedelta(hours=1)))
    for _again in range(5):
        assert client.get("/?n=luglio", REMOTE_ADDR="203.0.113.7").status_code == 200
    assert counted() == {"/": 2}
    client.get("/?n=luglio", REMOTE_ADDR="203.0.113.8")
    for _again in range(3):
        client.get("/?n=luglio", REMOTE_ADDR="127.0.0.1")
    assert counted() == {"/": 6}


@pytest.mark.parametrize(
    "address", ["/", "/?n=", "/?n=never-heard-of", "/?n=a%20b", "/?m=luglio", "/eventi/no/?n=luglio"]
)
def test_other_addresses_are_not_counted(client, address):
    client.get(address)
    assert counted() == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"Sec-Fetch-Dest": "empty"},
        {"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0)"},
        {"User-Agent": "facebookexternalhit preview"},
    ],
)
def test_what_nobody_looks_at_is_not_counted(client, headers):
    assert client.get("/?n=luglio", headers=headers).status_code == 200
    client.head("/?n=luglio")
    client.post("/newsletter/iscriviti/?n=luglio", {"email": "x"})
    assert counted() == {}


def test_staff_are_not_counted_nor_is_any_address_with_a_token(client, cast):
    person = make_registration(make_event())
    assert client.get(reverse("registrations:manage", args=[person.token]) + "?n=luglio").status_code == 200
    client.force_login(cast.nora)
    client.get("/?n=luglio")
    assert counted() == {}


def test_page_stays_one_page_for_the_cache_and_for_search_engines(settings, django_assert_num_queries):
    settings.PUBLIC_PAGE_SECONDS = 10
    plain = Client().get("/eventi/seminario-pisa/")
    with django_assert_num_queries(1):  # the count; the page is the one that is kept
        marked = Client().get("/eventi/seminario-pisa/?n=luglio")
    assert marked.content == plain.content
    assert marked["Cache-Control"] == plain["Cache-Control"] == "public, max-age=10"
    assert b"n=luglio" not in marked.content
    assert len([key for key in cache._cache if "public_page" in key]) == 1
    assert counted() == {"/eventi/seminario-pisa/": 1}


def test_address_without_its_last_stroke_is_counted_where_it_leads(client):
    response = client.get("/eventi/seminario-pisa?n=luglio", follow=True)
    assert response.redirect_chain[-1][0] == "/eventi/seminario-pisa/?n=luglio"
    assert counted() == {"/eventi/seminario-pisa/": 1}


def test_page_is_shown_when_the_visit_cannot_be_counted(client, monkeypatch, caplog):
    def broken(**_visit):
        raise DatabaseError("database is locked")

    monkeypatch.setattr(figures, "count_visit", broken)
    assert client.get("/?n=luglio").status_code == 200
    assert "was not counted" in caplog.text
