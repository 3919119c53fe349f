"""What is found before a newsletter leaves, and what is let be."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from newsletters.services import checklist
from tests.make import both, make_event, make_newsletter, make_registration, make_subscription

AROUND = {"starts_on": date(2023, 12, 1), "ends_on": date(2024, 12, 31)}


@pytest.fixture(autouse=True)
def _readers(programme):
    make_subscription(programme)


def found(programme, **over):
    """Codes of what the checklist finds, with what each is about."""
    newsletter = make_newsletter(programme, **over)
    return [(one.code, one.values.get("about")) for one in checklist.look(newsletter)]


def codes(programme, **over):
    return [code for code, _about in found(programme, **over)]


def body(italian):
    return {"body": both(italian, "")} | {"subject": both("Le notizie", "")}


def test_good_newsletter_has_no_finding(programme):
    assert codes(programme) == []


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("", "no_subject"),
        ("x" * 79, "long_subject"),
        ("LE NOTIZIE DI LUGLIO", "shouting_subject"),
        ("Re: le notizie", "reply_subject"),
        ("Le notizie di VLT 🌻", None),
        ("🌻 Le notizie", None),
        ("CNA e CGIL: insieme", None),
        ("Per voi: le notizie", None),
    ],
)
def test_subject(programme, subject, code):
    assert codes(programme, subject=both(subject, ""), body=both("Ciao", "")) == ([code] if code else [])


@pytest.mark.parametrize(
    ("text", "code", "about"),
    [
        ("", "no_body", None),
        ("Ciao %%nickname%%", "unknown_place", "nickname"),
        ("A ![](/media/a.png)", "no_alternative", "/media/a.png"),
        ("A ![La piazza](https://other.example/a.png)", "foreign_image", "https://other.example/a.png"),
        ("A ![La piazza di Pisa](/media/none.png)", "broken_image", "/media/none.png"),
        ("[qui](/nessuna-pagina/)", "dead_link", "/nessuna-pagina/"),
        ("[qui](/eventi/mai-esistito/)", "dead_link", "/eventi/mai-esistito/"),
        ("[qui](/newsletter/mai-scritta/)", "dead_link", "/newsletter/mai-scritta/"),
        ("[qui](/media/../../etc/passwd)", "dead_link", "/media/../../etc/passwd"),
        ("[qui](/gestione/eventi/)", "staff_link", "/gestione/eventi/"),
        ("[qui](https://esempio/)", "broken_address", "https://esempio/"),
        ("[qui](http://esempio.it/)", "insecure_link", "http://esempio.it/"),
        ("Parola. " * 13_000, "too_large", None),
    ],
)
def test_what_is_wrong_in_the_text_is_named(programme, text, code, about):
    seen = dict(found(programme, **body(text)))
    assert code in seen
    assert about is None or seen[code] == about


@pytest.mark.parametrize(
    "text",
    [
        "[gli eventi](/eventi/)", "[events](/en/events/)", "[home](/)", "[calendario](/eventi.ics)",
        f"[intero]({settings.SITE_URL}/eventi/?province=pisa)", "[scrivici](mailto:info@vlt.example)",
        "[altrove](https://www.regione.toscana.it/a?b=c)", "[privacy](/privacy/)",
    ],
)  # fmt: skip
def test_good_links_are_let_be(programme, text):
    assert codes(programme, **body(text)) == []


def test_links_to_events_know_their_state(programme, lucca):
    over = timezone.now() - timedelta(days=3)
    make_event(programme, slug="a", cancelled_at=timezone.now())
    make_event(programme, slug="b", published_at=None)
    make_event(programme, slug="c", starts_at=over)
    make_event(programme, slug="d")
    links = " ".join(f"[x](/eventi/{slug}/)" for slug in "abcd") + " [y](/eventi/d/iscrizione/)"
    assert sorted(codes(programme, **body(links))) == ["cancelled_event", "over_event", "unpublished_link"]


def test_link_of_one_person_is_found(programme):
    token = make_registration(make_event(programme)).token
    assert codes(programme, **body(f"[la tua iscrizione](/iscrizioni/{token}/)")) == ["personal_link"]


def test_image_that_is_there_is_fine_and_a_poor_description_is_named(programme):
    name = default_storage.save("piazza.png", ContentFile(b"x"))
    assert codes(programme, **body(f"![La piazza di Pisa](/media/{name})")) == []
    assert codes(programme, **body(f"![foto](/media/{name})")) == ["short_alternative"]


def test_each_language_that_is_written_is_looked_at(programme):
    seen = checklist.look(make_newsletter(programme, body=both("Ciao", "[x](/nowhere/)")))
    assert [(one.code, one.field) for one in seen] == [("dead_link", "body_en")]
    only_subject = codes(programme, subject=both("Luglio", "July"), body=both("Ciao", ""))
    assert only_subject == ["subject_without_text"]


def test_programme_without_funder_is_a_warning(programme):
    programme.organisations.filter(role="funder").delete()
    assert codes(programme) == ["no_funder"]


def test_nobody_to_send_to_is_a_warning(programme):
    assert codes(programme, audience={"language": "en"}) == ["nobody"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Ci vediamo il 16 luglio 2023 a Pisa", "wrong_year"),
        ("Ci vediamo il 16/07/2023", "wrong_year"),
        ("See you on July 16, 2023", "wrong_year"),
        ("Ci vediamo martedì 16 luglio 2024", None),
        ("Ci vediamo martedì 16 luglio", None),
        ("Ci vediamo mercoledì 16 luglio", "wrong_weekday"),
        ("Ci vediamo lunedì, 16 luglio 2024", "wrong_weekday"),
        ("approvato con decreto 22728 del 25 ottobre 2023", None),
        ("Il PR FSE+ 2021–2027 e i suoi 2023 incontri", None),
        ("il 31 febbraio 2023", None),
    ],
)
def test_dates(programme, text, code):
    for name, value in AROUND.items():
        setattr(programme, name, value)
    programme.save()
    assert codes(programme, due_on=date(2024, 7, 15), **body(text)) == ([code] if code else [])


def test_year_in_the_subject(programme):
    for name, value in AROUND.items():
        setattr(programme, name, value)
    over = {"body": both("Ciao", ""), "due_on": date(2024, 7, 15)}
    assert codes(programme, subject=both("Le notizie del 2019", ""), **over) == ["wrong_year"]
    assert codes(programme, subject=both("Le notizie del 2024", ""), **over) == []


def test_every_finding_says_what_to_do_in_both_languages():
    from django.utils import translation

    for language in ("it", "en"):
        with translation.override(language):
            for code in checklist.KINDS:
                sentence = checklist.Finding(code, values={"about": "x.", "day": "y"}).sentence
                assert sentence.endswith("."), sentence
                assert "%(" not in sentence
