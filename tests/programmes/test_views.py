"""The frame around every page, and the pages that the law asks for."""

import re

import pytest

from programmes.models import Programme
from tests.make import make_organisation

PAGES = ["partner", "privacy", "accessibilita", "note-legali", "mappa-del-sito"]
PAGES_IN_ENGLISH = ["partners", "privacy", "accessibility", "legal-notes", "site-map"]


@pytest.mark.parametrize("address", [f"/{page}/" for page in PAGES] + [f"/en/{page}/" for page in PAGES_IN_ENGLISH])
def test_page_asks_one_question(client, programme, django_assert_num_queries, address):
    for number in (1, 3):
        while programme.organisations.count() < 2 + number:
            make_organisation(programme)
        with django_assert_num_queries(1):
            response = client.get(address)
        assert response.status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_page_without_a_programme_is_still_there(client, db, page):
    assert client.get(f"/{page}/").status_code == 200


def test_frame_shows_funders_in_their_order_with_the_words_of_the_rule(client, programme):
    for order, name in enumerate(["Repubblica Italiana", "Regione Toscana"], start=1):
        make_organisation(programme, name, role="funder", order=order)
    page = client.get("/privacy/").content.decode()
    assert "Cofinanziato dall’Unione europea" in page
    assert page.index("Unione europea</span>") < page.index("Repubblica Italiana<") < page.index("Regione Toscana<")


def test_frame_has_what_checkers_look_for(client, programme):
    page = client.get("/").content.decode()
    for element in ("privacy-policy-link", "legal-notes", "accessibility-link"):
        assert f'data-element="{element}"' in page


@pytest.mark.parametrize("address", ["/", "/eventi/", "/partner/", "/privacy/", "/mappa-del-sito/"])
def test_page_loads_nothing_from_elsewhere_and_nothing_inline(client, programme, address):
    response = client.get(address)
    page = response.content.decode()
    loaded = re.findall(r'<(?:script|img|source|iframe)[^>]*\ssrc="([^"]*)"', page)
    loaded += re.findall(r'<link rel="(?:stylesheet|icon)" href="([^"]*)"', page)
    assert loaded
    assert all(one.startswith("/") for one in loaded)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)
    assert "script-src 'self'" in response["Content-Security-Policy"]


def test_partners_by_role_the_lead_first(client, programme):
    make_organisation(programme, "CISL Toscana", role="supporter")
    make_organisation(programme, "CNA Toscana", website="https://www.cnatoscana.it")
    page = client.get("/partner/").content.decode()
    main = page[page.index("<main") : page.index("</main")]
    assert main.index("Confartigianato Imprese Toscana") < main.index("CNA Toscana") < main.index("CISL Toscana")
    assert 'href="https://www.cnatoscana.it"' in main


def test_privacy_names_the_controller_and_whom_to_write_to(client, programme):
    page = client.get("/privacy/").content.decode()
    assert "Confartigianato Imprese Toscana, capofila" in page
    assert "mailto:info@vlt.example" in page


def test_own_colour_is_a_stylesheet_that_may_be_kept_for_ever(client, programme):
    assert "/colour/" not in client.get("/").content.decode()
    Programme.objects.update(main_colour="#7A1F4B")
    page = client.get("/").content.decode()
    assert 'href="/colour/7a1f4b.css"' in page
    response = client.get("/colour/7a1f4b.css")
    assert response.content == b":root { --main: #7a1f4b; }\n"
    assert response["Content-Type"].startswith("text/css")
    assert "immutable" in response["Cache-Control"]
    assert client.get("/colour/red;}.css").status_code == 404


def test_robots_keep_out_of_personal_and_staff_pages(client, db):
    lines = client.get("/robots.txt").content.decode().splitlines()
    for path in ("/gestione/", "/iscrizioni/", "/en/registrations/", "/newsletter/preferenze/", "/t/", "/api/"):
        assert f"Disallow: {path}" in lines
