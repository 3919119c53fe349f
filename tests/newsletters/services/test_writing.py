"""Writing together without overwriting each other, personal places that cannot break, the trial copy."""

import re

import pytest

from mail.composing import compose
from mail.models import Delivery
from newsletters.models import Newsletter
from newsletters.services import NewsletterError, personal, writing
from newsletters.services.audiences import Audience
from tests.make import both, make_newsletter


def save(newsletter, version=1, **over):
    words = {"subject": both("Oggetto", "Subject"), "body": both("Testo", "Text"), "audience": Audience()} | over
    return writing.save(newsletter=newsletter, version=version, **words)


def test_begin_makes_an_address_of_the_subject_that_is_free(programme):
    due_on = make_newsletter(programme).due_on
    slugs = [
        writing.begin(programme=programme, subject=both(subject, ""), due_on=due_on).slug
        for subject in ("Città e lavoro", "Città e lavoro", "Iscriviti", "***")
    ]
    assert slugs == ["citta-e-lavoro", "citta-e-lavoro-2", "iscriviti-2", "newsletter"]


def test_save_keeps_words_and_audience_and_counts_up(programme):
    saved = save(make_newsletter(programme), audience=Audience(provinces=("pisa",)))
    saved.refresh_from_db()
    assert (str(saved.subject), saved.audience, saved.version) == ("Oggetto", {"provinces": ["pisa"]}, 2)


def test_save_with_a_described_image_of_this_site_keeps_it(programme):
    words = "![La piazza](/media/piazza.jpg) ![La fiera](http://testserver/media/fiera.jpg)"
    assert save(make_newsletter(programme), body=both(words, "")).version == 2


def test_save_over_a_colleague_is_refused_and_changes_nothing(programme):
    newsletter = make_newsletter(programme)
    save(newsletter, version=1)
    with pytest.raises(NewsletterError) as refusal:
        save(newsletter, version=1, subject=both("Altro", ""))
    assert refusal.value.code == "changed"
    assert str(Newsletter.objects.get().subject) == "Oggetto"


@pytest.mark.parametrize(
    ("code", "field", "over"),
    [
        ("unknown_place", "body_it", {"body": both("Ciao %%nome%%", "")}),
        ("unknown_place", "subject_en", {"subject": both("Ciao", "Hello %%token%%")}),
        ("foreign_image", "body_it", {"body": both("![piazza](http://evil.example/track.gif)", "")}),
        ("foreign_link", "body_it", {"body": both("[qui](//evil.example)", "")}),
        ("foreign_link", "body_it", {"body": both(r"[qui](/\evil.example)", "")}),
        ("foreign_link", "body_it", {"body": both("[qui](http://testserver//evil.example)", "")}),
        ("too_nested", "body_it", {"body": both("[" * 50_000, "")}),
        ("too_nested", "subject_it", {"subject": both("[a](" * 20_000, "")}),
        ("image_without_words", "body_en", {"body": both("Testo", "![](/media/piazza.jpg)")}),
        ("too_long", "body_en", {"body": both("Testo", "x" * 100_001)}),
    ],
)
def test_save_bad_text_names_the_field_and_changes_nothing(programme, code, field, over):
    newsletter = make_newsletter(programme)
    before = Newsletter.objects.values().get()
    with pytest.raises(NewsletterError) as refusal:
        save(newsletter, **over)
    assert refusal.value.code == code
    assert list(refusal.value.fields) == [field]
    assert Newsletter.objects.values().get() == before


@pytest.mark.parametrize(
    ("source", "person", "said"),
    [
        ("Ciao %%first_name%%,", {"first_name": "Anna"}, "Ciao Anna,"),
        ("Ciao %%first_name%%,", {}, "Ciao,"),
        ("Ciao %%first_name|amica o amico%%,", {}, "Ciao amica o amico,"),
        ("%%first_name%% %%last_name%%", {"first_name": "A\r\nBcc: x", "last_name": "B"}, "A Bcc: x B"),
        ("Il 100%% di %%province|Toscana%%", {"province": "Pisa"}, "Il 100%% di Pisa"),
    ],
)
def test_places_say_the_name_or_its_fallback(source, person, said):
    from mail.composing import fill

    places = personal.Places()
    assert fill(places.prepare(source), person, places.as_json()) == said


def test_trial_goes_to_who_asks_and_its_links_say_what_it_is(programme, cast, client):
    newsletter = make_newsletter(programme)
    writing.send_test(newsletter=newsletter, to=cast.nora, language="it")
    writing.send_test(newsletter=newsletter, to=cast.nora, language="it")
    assert Delivery.objects.count() == 2
    delivery = Delivery.objects.first()
    assert delivery.email == cast.nora.email
    content = compose(delivery).decode()
    assert "[Prova] Le notizie di luglio" in content
    assert "Ciao Nora," in content
    assert "List-Unsubscribe" not in content
    links = re.findall(r"http://testserver(/newsletter/\S+)", delivery.message.text)
    assert len(links) == 3
    for link in links:
        assert "copia di prova" in client.get(link).content.decode()
        assert "copia di prova" in client.post(link).content.decode()
