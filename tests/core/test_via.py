"""Through whom somebody came: carried in the links as far as the form, and never to anybody else."""

import re

import pytest
from django.core.cache import cache
from django.test import Client

from core.via import carried, channel, channel_of
from tests.make import make_event, make_newsletter

CARRYING = [
    "/", "/eventi/", "/eventi/?province=pisa&when=all", "/eventi/seminario-pisa/", "/eventi/seminario-pisa/iscrizione/",
    "/newsletter/", "/partner/", "/privacy/", "/mappa-del-sito/", "/en/", "/en/events/seminario-pisa/",
    "/incorpora/eventi/", "/eventi/seminario-pisa/iscrizione/insieme/",
]  # fmt: skip


@pytest.fixture
def event(programme, pisa):
    make_newsletter(programme)
    return make_event(programme, territory=pisa, slug="seminario-pisa")


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("cna", "cna"),
        (" CNA ", "cna"),
        ("cna-toscana_2", "cna-toscana_2"),
        ("a" * 40, "a" * 40),
        ("7", "7"),
        ("a" * 41, ""),
        ("-cna", ""),
        ("cna-", ""),
        ("cna toscana", ""),
        ("città", ""),
        ('"><script>', ""),
        ("cna\n", "cna"),
        ("a\x00b", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_only_a_short_simple_word_is_a_channel(written, word):
    assert channel(written) == word


def test_long_name_of_an_organisation_still_has_a_word():
    assert channel_of("a" * 39 + "-toscana") == "a" * 39


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('<a href="/eventi/">', '<a href="/eventi/?via=cna">'),
        ('<a class="x" href="/eventi/?a=1&amp;b=2">', '<a class="x" href="/eventi/?a=1&amp;b=2&amp;via=cna">'),
        ('<a href="/eventi/#mappa">', '<a href="/eventi/?via=cna#mappa">'),
        ('<a href="?page=2">', '<a href="?page=2&amp;via=cna">'),
        ('<a href="#content">', '<a href="#content">'),
        ('<a href="//other.example/">', '<a href="//other.example/">'),
        ('<a href="https://other.example/">', '<a href="https://other.example/">'),
        ('<a href="mailto:x@example.org">', '<a href="mailto:x@example.org">'),
        ('<a href="/eventi.ics">', '<a href="/eventi.ics">'),
        ('<a href="/static/x/">', '<a href="/static/x/">'),
        ('<link href="/eventi/">', '<link href="/eventi/">'),
        ('<form method="post" action="/x/">', '<form method="post" action="/x/">'),
        ('<form method="get">', '<form method="get"><input type="hidden" name="via" value="cna">'),
        ("<form>", '<form><input type="hidden" name="via" value="cna">'),
    ],
)  # fmt: skip
def test_links_and_forms_that_lead_to_our_pages_carry_it(link, expected):
    assert carried(link.encode(), "cna").decode() == expected


@pytest.mark.parametrize("address", CARRYING)
def test_every_public_page_carries_it_in_all_its_links(event, address):
    sign = "&" if "?" in address else "?"
    page = Client().get(f"{address}{sign}via=cna").content.decode()
    links = [link for link in re.findall(r'<a\b[^>]*\bhref="(/[^"#]*|\?[^"#]*)', page) if "." not in link]
    assert links
    assert [link for link in links if "via=cna" not in link] == []


def test_it_survives_from_the_home_to_the_form(event):
    client, address = Client(), "/?via=cna"
    for wanted in ("/eventi/", "/eventi/seminario-pisa/", "/eventi/seminario-pisa/iscrizione/"):
        page = client.get(address).content.decode()
        links = re.findall(rf'href="({wanted}[^"/]*)"', page)
        assert links, f"no link to {wanted} on {address}"
        address = links[0].replace("&amp;", "&")
    form = client.get(address).content.decode()
    together = client.get("/eventi/seminario-pisa/iscrizione/insieme/?via=cna").content.decode()
    assert '<input type="hidden" name="via" value="cna"' in form
    assert '<input type="hidden" name="via" value="cna"' in together
    sent = {"mode": "in_person", "first_name": "Anna", "email": "anna@example.org", "privacy": "on", "via": "cna"}
    assert client.post(address, sent).status_code == 302
    assert event.registrations.get().via == "cna"


def test_forgotten_slash_keeps_it(event):
    assert Client().get("/eventi/seminario-pisa?via=cna")["Location"] == "/eventi/seminario-pisa/?via=cna"


def test_filters_keep_it(event):
    page = Client().get("/eventi/?via=cna").content.decode()
    form = page[page.index('<form class="filters') :]
    assert '<input type="hidden" name="via" value="cna">' in form[: form.index("</form>")]


@pytest.mark.parametrize("address", ["/", "/eventi/", "/eventi/seminario-pisa/", "/incorpora/eventi/"])
def test_it_neither_fills_the_cache_nor_reaches_anybody_else(event, settings, address, django_assert_num_queries):
    settings.PUBLIC_PAGE_SECONDS = 10
    first = Client().get(f"{address}?via=cna")
    with django_assert_num_queries(0):
        second, plain = Client().get(f"{address}?via=cgil"), Client().get(address)
    assert len([key for key in cache._cache if "public_page" in key]) == 1
    assert b"via=cna" in first.content
    assert b"via=cgil" in second.content
    assert b"via=cna" not in second.content
    assert b"via=" not in plain.content
    assert (first["Cache-Control"], plain["Cache-Control"]) == ("max-age=10, private", "public, max-age=10")
    assert [one.cookies for one in (first, second, plain) if one.cookies] == []


def test_word_that_is_none_is_dropped(event):
    page = Client().get('/eventi/seminario-pisa/iscrizione/?via="><script>alert(1)</script>').content.decode()
    assert "alert(1)" not in page
    assert "via=" not in page
    sent = {"mode": "in_person", "first_name": "Anna", "email": "anna@example.org", "privacy": "on", "via": "x" * 90}
    assert Client().post("/eventi/seminario-pisa/iscrizione/", sent).status_code == 302
    assert event.registrations.get().via == ""


def test_other_parameters_stay(event):
    page = Client().get("/eventi/?via=cna&province=pisa&n=luglio").content.decode()
    assert "/eventi.ics?province=pisa" in page
    assert "n=luglio" not in page


def test_api_takes_the_same_words(event):
    def send(via, email):
        body = {"first_name": "Anna", "email": email, "mode": "online", "consents": {"privacy": True}, "via": via}
        address = "/api/v1/events/seminario-pisa/registrations"
        return Client().post(address, body, content_type="application/json").status_code

    assert (send("CNA", "a@example.org"), send("x y", "b@example.org"), send("x" * 60, "c@example.org")) == (201,) * 3
    assert sorted(event.registrations.values_list("email", "via")) == [
        ("a@example.org", "cna"), ("b@example.org", ""), ("c@example.org", ""),
    ]  # fmt: skip
