"""What may not stand in a subject or a text, and what the checklist says of it."""

import re

import pytest

from newsletters.models import Newsletter
from newsletters.services import NewsletterError, checklist, composing, writing
from newsletters.services.audiences import Audience
from tests.make import both, make_newsletter

NESTED = "Ciao %%first_name|%%province|Toscana%%%%, eccoci"


def refused(programme, *, subject="Oggetto", body="Testo"):
    newsletter = make_newsletter(programme)
    before = Newsletter.objects.values().get()
    with pytest.raises(NewsletterError) as refusal:
        writing.save(
            newsletter=newsletter, version=1, subject=both(subject, ""), body=both(body, ""), audience=Audience()
        )
    assert Newsletter.objects.values().get() == before
    return refusal.value


@pytest.mark.parametrize(
    "body",
    [
        NESTED,
        "Ciao %%first_name|%%last_name%%",
        "Ciao %%first_name, eccoci",
        "Ciao first_name%%",
        "Ciao %%first_name|%%",
        "%%%%first_name%%%%",
        "Il 100%% di noi",
        "Ciao %\\%first_name%\\%",
        "Ciao &#37;&#37;first_name&#37;&#37;",
    ],
)
def test_field_that_is_not_whole_is_refused(programme, body):
    assert refused(programme, body=body).code == "broken_place"


def test_broken_field_is_named_with_its_line_and_words(programme):
    error = refused(programme, body=f"Una riga\n\n{NESTED}")
    assert list(error.fields) == ["body_it"]
    assert "3" in str(error.message)
    assert "%province" in str(error.message)
    Newsletter.objects.all().delete()
    assert list(refused(programme, subject=NESTED).fields) == ["subject_it"]


@pytest.mark.parametrize(
    "body", ["Ciao [[foo]]", "Ciao [[evento x]]!", "- [[eventi]]", "[[eventi\npisa]]", "a [[ ]] b"]
)
def test_brackets_among_words_are_refused(programme, body):
    assert refused(programme, body=body).code == "block_in_a_line"


def test_brackets_that_are_meant_are_let_be(programme):
    words = both("Così: `[[eventi]]`, e la nota [[1]](/eventi/)\n\n    [[eventi]]", "")
    newsletter = make_newsletter(programme)
    saved = writing.save(newsletter=newsletter, version=1, subject=both("A", ""), body=words, audience=Audience())
    assert saved.version == 2


@pytest.mark.parametrize("subject", ["Luglio\r\nBcc: x@y.z", "Luglio\x07", "Luglio\x85bis", "Luglio\u2028bis", "A\tB"])
def test_subject_of_more_lines_or_with_control_signs_is_refused(programme, subject):
    error = refused(programme, subject=subject)
    assert (error.code, list(error.fields)) == ("not_one_line", ["subject_it"])
    with pytest.raises(NewsletterError) as refusal:
        writing.begin(programme=programme, subject=both(subject, ""), due_on=Newsletter.objects.get().due_on)
    assert list(refusal.value.fields) == ["subject"]


def test_text_with_control_signs_is_refused(programme):
    assert refused(programme, body="Ciao\x0b a tutti").code == "control_signs"


def test_block_in_a_subject_is_refused(programme):
    assert refused(programme, subject="Ecco [[eventi]]").code == "block_in_a_line"


def test_editor_says_it_at_the_subject(client, cast, programme):
    newsletter = make_newsletter(programme, slug="luglio")
    client.force_login(cast.nora)
    typed = {"subject_it": "Luglio\r\nBcc: x", "body_it": "Testo", "subject_en": "", "body_en": "", "version": 1}
    page = client.post("/en/desk/newsletters/luglio/", typed).content.decode()
    assert "The subject is one line" in page
    newsletter.refresh_from_db()
    assert newsletter.version == 1


def test_starting_from_the_last_one_brings_its_other_subjects(programme):
    earlier = make_newsletter(programme)
    begun = writing.begin(programme=programme, subject=both("Agosto", ""), due_on=earlier.due_on, start_from=earlier)
    begun.refresh_from_db()
    assert begun.subject.data == {"it": "Agosto", "en": "The news of July"}
    assert begun.body.data == earlier.body.data


@pytest.mark.parametrize(
    ("subject", "body", "code", "field"),
    [("", "Text", "text_without_subject", "subject_en"), ("Subject", "", "subject_without_text", "body_en")],
)
def test_half_a_language_keeps_it_from_leaving(programme, subject, body, code, field):
    newsletter = make_newsletter(programme, subject=both("Oggetto", subject), body=both("Ciao a tutte", body))
    found = next(one for one in checklist.look(newsletter) if one.code == code)
    assert found.is_blocking
    assert found.field == field
    assert "nglese" in found.sentence


def codes(programme, words):
    return {one.code for one in checklist.look(make_newsletter(programme, body=both(words, "")))}


@pytest.mark.parametrize("words", ["Ci vediamo nel 2019.", "Edizione 1998", "Come nel 2045, a Pisa"])
def test_bare_year_far_away_is_a_warning(programme, words):
    assert "wrong_year" in codes(programme, words)


@pytest.mark.parametrize(
    "words",
    [
        "Con il PR FSE+ 2021-2027 e il 2021 – 2027",
        "Progetto FSE-2019-PISA, CUP D2019X, n. 2019/34",
        "Leggi [la pagina](/eventi/pisa-2019/) o https://example.org/2019/a, /archivio/2019/",
        "La legge 53 del 2000 lo dice",
        "Siamo 2000 persone e 1950 ore, 2000 €",
    ],
)
def test_numbers_that_are_no_year_are_let_be(programme, words):
    assert "wrong_year" not in codes(programme, words)


@pytest.mark.parametrize("words", ["Da completare", "TODO: foto", "Lorem ipsum dolor", "alle ore xxx"])
def test_left_over_marker_is_a_warning(programme, words):
    assert "left_over" in codes(programme, words)


@pytest.mark.parametrize("words", ["La XXX edizione", "Todo el mundo", "Tutto completato"])
def test_ordinary_words_are_no_marker(programme, words):
    assert "left_over" not in codes(programme, words)


def test_broken_field_that_was_kept_blocks(programme):
    assert "broken_place" in codes(programme, NESTED)


def test_own_links_of_the_html_carry_the_mark_and_the_text_none(programme):
    words = "[a](/eventi/)\n\n[[eventi]]\n\n[[prossimo-passo]]\n\n[[bottone Vieni | /eventi/]]"
    mail = composing.compose(make_newsletter(programme, slug="luglio", body=both(words, "")), "it")
    ours = [one for one in re.findall(r'href="([^"]+)"', mail.html) if "%%token%%" not in one and "mailto:" not in one]
    assert [one for one in ours if not one.endswith("?n=luglio")] == []
    assert "n=luglio" not in mail.text
