"""The programme on other people's sites: the one page that may be framed, and the lines that the staff hand out."""

import html
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.make import both, make_event, make_organisation, make_venue

EMBEDDED = "/incorpora/eventi/"
DESK = "/gestione/siti-partner/"


@pytest.fixture
def event(programme, pisa):
    venue = make_venue(programme, town="Pontedera")
    return make_event(programme, territory=pisa, venue=venue, slug="seminario-pisa", title=both("A Pisa", "In Pisa"))


def test_only_the_list_may_be_framed_by_others(event):
    page = Client().get(EMBEDDED)
    assert "X-Frame-Options" not in page
    assert "frame-ancestors *" in page["Content-Security-Policy"]
    assert "default-src 'self'" in page["Content-Security-Policy"]
    for address in ("/", "/eventi/", "/eventi/seminario-pisa/", "/eventi/seminario-pisa/iscrizione/", "/gestione/"):
        other = Client().get(address)
        assert other["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in other["Content-Security-Policy"]


def test_kept_page_may_be_framed_too_and_sets_no_cookie(event, settings, django_assert_num_queries):
    settings.PUBLIC_PAGE_SECONDS = 10
    first = Client().get(EMBEDDED)
    with django_assert_num_queries(0):
        second = Client().get(f"{EMBEDDED}?via=cna")
    for page in (first, second):
        assert "X-Frame-Options" not in page
        assert "frame-ancestors *" in page["Content-Security-Policy"]
        assert not page.cookies
    assert b"/eventi/seminario-pisa/?via=cna" in second.content


def test_links_open_in_a_new_window_that_cannot_reach_back(event):
    page = Client().get(EMBEDDED).content.decode()
    assert page.count("<a ") == page.count('target="_blank" rel="noopener"') == 2
    assert "<script" not in page
    assert "http" not in page.replace("https://schema.org", "")


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["A Pisa", "A Lucca", "Laboratorio"]),
        ("?province=pisa", ["A Pisa", "Laboratorio"]),
        ("?kind=lab", ["Laboratorio"]),
        ("?province=pisa&kind=lab&limit=1", ["Laboratorio"]),
        ("?limit=2", ["A Pisa", "A Lucca"]),
        ("?limit=0", ["A Pisa"]),
        ("?limit=-3&kind=nonsense", ["A Pisa", "A Lucca", "Laboratorio"]),
        ("?limit=²", ["A Pisa", "A Lucca", "Laboratorio"]),
        ("?limit=99999999999", ["A Pisa", "A Lucca", "Laboratorio"]),
    ],
)
def test_list_shows_what_is_to_come(event, programme, pisa, lucca, query, titles):
    day = event.starts_at
    make_event(programme, territory=lucca, starts_at=day + timedelta(days=1), title=both("A Lucca", "In Lucca"))
    make_event(programme, territory=pisa, starts_at=day + timedelta(days=2), kind="lab", title=both("Laboratorio", ""))
    make_event(programme, starts_at=timezone.now() - timedelta(days=3), title=both("Passato", "Past"))
    make_event(programme, cancelled_at=timezone.now(), title=both("Annullato", "Cancelled"))
    make_event(programme, published_at=None, title=both("Bozza", "Draft"))
    page = Client().get(f"{EMBEDDED}{query}")
    assert [str(one.title) for one in page.context["events"]] == titles


def test_list_in_english(event):
    page = Client().get("/en/embed/events/").content.decode()
    assert '<html lang="en">' in page
    assert "/en/events/seminario-pisa/" in page


def test_empty_list_says_so(programme):
    assert "In questo momento non ci sono eventi in programma" in Client().get(EMBEDDED).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_a_fixed_number_of_queries(programme, pisa, number, django_assert_num_queries):
    for _ in range(number):
        make_event(programme, territory=pisa, venue=make_venue(programme))
    with django_assert_num_queries(2):
        assert len(Client().get(EMBEDDED).context["events"]) == number


def test_each_organisation_has_its_own_lines_to_copy(client, cast, event, programme):
    make_organisation(programme, "CNA Toscana", slug="cna")
    client.force_login(cast.nora)
    page = html.unescape(client.get(DESK).content.decode())
    assert "http://testserver/?via=cna" in page
    assert '<iframe src="http://testserver/incorpora/eventi/?via=cna"' in html.unescape(page)
    narrowed = client.get(f"{DESK}?province=pisa&kind=lab&language=en").content.decode()
    assert "/en/events/?province=pisa&kind=lab&via=cna" in html.unescape(html.unescape(narrowed))
    assert "The events of Life Work Tuscany" in html.unescape(narrowed)


@pytest.mark.parametrize("number", [1, 3])
def test_page_of_the_lines_asks_a_fixed_number_of_queries(client, cast, programme, number, django_assert_num_queries):
    for _ in range(number):
        make_organisation(programme)
    client.force_login(cast.vito)
    with django_assert_num_queries(5):
        client.get(DESK)
