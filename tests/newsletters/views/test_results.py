"""The staff's pages after a newsletter left: its figures and the texts to post."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image

from mail.services import outbox
from newsletters.services import figures
from tests.make import both, make_newsletter, make_organisation

PAGE = "/gestione/newsletter/luglio/"


@pytest.fixture
def luglio(programme):
    mailing = outbox.open_mailing(key="newsletter:luglio")[0]
    return make_newsletter(programme, slug="luglio", state="sent", sent_at=timezone.now(), mailing=mailing)


@pytest.fixture
def nora(client, cast):
    client.force_login(cast.nora)
    return client


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


def test_figures_show_visits_with_a_table_behind_and_say_what_is_not_counted(nora, luglio):
    for _visit in range(3):
        figures.count_visit(slug="luglio", page="/eventi/")
    page = nora.get(PAGE + "numeri/")
    words = text_of(page)
    assert "Visite 3" in words
    assert "Chi l’ha aperta e chi ha cliccato non si conta" in words
    assert "/eventi/" in words
    assert page.content.decode().count("<rect") == 3
    assert "style=" not in page.content.decode()


def test_figures_of_what_has_not_left_lead_to_the_editor(nora, programme):
    make_newsletter(programme, slug="luglio")
    assert nora.get(PAGE + "numeri/").url == PAGE


@pytest.mark.parametrize("number", [1, 3])
def test_figures_ask_the_database_the_same_for_more(nora, luglio, programme, number, django_assert_num_queries):
    for one in range(number):
        mailing = outbox.open_mailing(key=f"newsletter:{one}")[0]
        sent_at = timezone.now() - timedelta(days=one + 1)
        make_newsletter(programme, slug=f"n-{one}", state="sent", sent_at=sent_at, mailing=mailing)
        figures.count_visit(slug="luglio", page=f"/eventi/{one}/")
    with django_assert_num_queries(13):
        assert nora.get(PAGE + "numeri/").status_code == 200


def test_figures_go_out_as_tables_without_anybody_in_them(nora, luglio):
    luglio.subject = both("=SOMMA(A1)", "")
    luglio.save()
    figures.count_visit(slug="luglio", page="/")
    table = b"".join(nora.get(PAGE + "numeri/newsletters.csv").streaming_content).decode("utf-8-sig").splitlines()
    assert table[0].startswith("Newsletter;Inviata il;")
    assert table[1].startswith("'=SOMMA(A1);")
    assert table[1].endswith(";1")
    visits = b"".join(nora.get(PAGE + "numeri/visits.csv").streaming_content).decode("utf-8-sig").splitlines()
    assert visits == ["Giorno;Pagina;Visite", f"{timezone.localdate():%d/%m/%Y};/;1"]
    assert nora.get(PAGE + "numeri/people.csv").status_code == 404


def test_texts_are_there_to_select_without_a_script_in_both_languages(nora, luglio, programme):
    make_organisation(programme, "CNA Toscana", slug="cna")
    page = nora.get(PAGE + "testi/?for=cna&language=en").content.decode()
    assert page.count("<textarea") == 6
    assert page.count(" readonly") == 6 + 2
    assert "The news of July" in page
    assert "http://testserver/en/newsletter/luglio/?via=cna" in page
    assert "Non ancora pubblica" not in page
    assert "Unione europea</strong>" not in page  # who funds does not post


@pytest.mark.parametrize("query", ["?for=nobody&language=xx", "?for=&language="])
def test_unknown_wishes_give_the_usual_texts(nora, luglio, query):
    page = nora.get(PAGE + "testi/" + query).content.decode()
    assert "Le notizie di luglio" in page
    assert "?via=nobody" not in page


def test_texts_before_it_left_say_that_it_is_not_public(nora, programme):
    make_newsletter(programme, slug="luglio")
    assert "Non ancora pubblica" in text_of(nora.get(PAGE + "testi/"))
    assert nora.get("/newsletter/luglio/preview.png").status_code == 404
    picture = nora.get(PAGE + "testi/immagine.png")
    assert Image.open(BytesIO(picture.content)).size == (1200, 630)
