"""The editor's own promises: nothing typed is lost, a preview is anybody's copy, the mail is whole."""

import re
from urllib.parse import urlencode

import pytest

from newsletters.models import Newsletter
from newsletters.services import composing
from tests.make import both, make_event, make_newsletter, make_organisation, make_subscription

PAGE = "/gestione/newsletter/luglio/"
EVERYTHING = (
    "Ciao\n\n[[eventi]]\n\n[[risultati]]\n\n[[prossimo-passo]]\n\n[[partner]]\n\n[[bottone Vieni | /eventi/]]\n"
)


@pytest.fixture
def nora(client, cast, programme):
    make_newsletter(programme, slug="luglio")
    client.force_login(cast.nora)
    return client


def words(**over):
    return {"subject_it": "Oggetto", "body_it": "Testo", "subject_en": "", "body_en": "", "version": 1} | over


def test_ten_megabytes_come_back_with_a_sentence_and_change_nothing(nora):
    typed = urlencode(words(body_it="parola " * 1_500_000))
    response = nora.post(PAGE, typed, content_type="application/x-www-form-urlencoded")
    page = response.content.decode()
    assert response.status_code == 200
    assert "Questo testo è troppo lungo" in page
    assert page.count("parola ") > 1_000_000
    assert Newsletter.objects.get().version == 1


def test_preview_is_the_copy_of_the_reader_chosen(nora, programme, pisa):
    make_event(programme, slug="seminario-pisa", territory=pisa, title=both("Vita e lavoro", ""))
    anna = make_subscription(programme, first_name="Anna", territory=pisa)
    assert "Anna" in nora.post(PAGE + "anteprima/persone/", words(reader_words="anna pisa")).content.decode()
    typed = words(body_it="Ciao %%first_name%%\n\n[[prossimo-passo]]", reader=anna.pk, look="dark")
    page = nora.post(PAGE + "anteprima/", typed).content.decode()
    assert "Ciao Anna" in page
    assert "Vicino a te: “Vita e lavoro”" in page
    assert "@media all" in page


def test_mail_with_every_block_is_light_and_its_text_has_every_link(programme, pisa):
    for number in range(12):
        make_event(programme, slug=f"seminario-{number}-pisa", territory=pisa)
        make_organisation(programme, f"Partner {number}")
    mail = composing.compose(make_newsletter(programme, slug="luglio", body=both(EVERYTHING, "")), "it")
    assert len(mail.html.encode()) < 100_000
    links = {re.sub(r"\?n=luglio$", "", one) for one in re.findall(r'href="((?:http|%)[^"]+)"', mail.html)}
    assert {link for link in links if link not in mail.text} == set()
    assert re.findall(r"<table(?![^>]*role=\"presentation\")", mail.html.replace("<!--[if mso]><table", "")) == []


def test_editor_leads_on_to_what_will_happen_and_keeps_what_is_written(nora):
    page = nora.get(PAGE).content.decode()
    assert page.index('aria-hidden="true">Salva</button>') < page.index('value="schedule"')
    assert f'<a href="{PAGE}prima/"><span>Controllata</span></a>' in page
    response = nora.post(PAGE, words(do="before"))
    assert (response.status_code, response.url) == (302, f"{PAGE}prima/")
    assert str(Newsletter.objects.get().subject) == "Oggetto"
