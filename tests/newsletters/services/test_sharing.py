"""Texts to post: made from the newsletter, in the voice of who posts, never longer than a channel takes."""

import pytest
from django.utils import timezone

from mail.services import outbox
from newsletters.services import sharing
from tests.make import both, make_event, make_newsletter, make_organisation, make_venue

BODY = """
## Ci vediamo

Ciao %%first_name%%, i primi seminari sono **alle spalle**: grazie a chi c'era.

Tornano in autunno: [Pisa](/eventi/seminario-pisa/), [Lucca](http://testserver/en/events/seminario-lucca/?x=1),
[bozza](/eventi/bozza/), [altrove](https://example.org/eventi/seminario-pisa/) & altro.

- Una cosa
- Un'altra
"""


@pytest.fixture
def cna(programme):
    return make_organisation(programme, "CNA Toscana", slug="cna")


@pytest.fixture
def luglio(programme, pisa, lucca):
    venue = make_venue(programme, town="Pontedera")
    make_event(programme, slug="seminario-pisa", territory=pisa, venue=venue, title=both("Seminario di Pisa", "Pisa"))
    make_event(programme, slug="seminario-lucca", territory=lucca, title=both("Seminario di Lucca", "Lucca"))
    make_event(programme, slug="bozza", published_at=None)
    mailing = outbox.open_mailing(key="newsletter:luglio")[0]
    over = {
        "subject": both("Le notizie di luglio", "The news of July"),
        "state": "sent",
        "sent_at": timezone.now(),
        "mailing": mailing,
    }
    return make_newsletter(programme, slug="luglio", body=both(BODY, ""), **over)


def texts(*arguments) -> dict[str, str]:
    return {post.channel.key: post.text for post in sharing.posts(*arguments)}


def test_every_channel_gets_the_subject_the_beginning_and_the_events(luglio):
    for key, text in texts(luglio, "it").items():
        assert text.upper().count("LE NOTIZIE DI LUGLIO") == 1, key
        assert "Ciao, i primi seminari sono alle spalle: grazie a chi c'era." in text, key
        assert "Pontedera: Seminario di Pisa" in text, key
        assert "Lucca: Seminario di Lucca" in text, key
        assert "Trial seminar" not in text
        assert "**" not in text
        assert "<" not in text
        assert "%%" not in text
        assert "&amp;" not in text


def test_link_stands_where_it_opens_and_names_who_posts(luglio, cna):
    said = texts(luglio, "it", cna)
    for key in said.keys() - {"instagram"}:
        assert "http://testserver/newsletter/luglio/?via=cna" in said[key], key
    assert "http" not in said["instagram"]
    assert "bio" in said["instagram"]
    assert "?via=" not in "".join(texts(luglio, "it").values())


def test_organisation_speaks_in_its_role(luglio, programme, cna):
    lead = programme.organisations.get(role="lead")
    supporter = make_organisation(programme, "CISL Toscana", role="supporter")
    assert "CNA Toscana è partner di Vita Lavoro Toscana." in texts(luglio, "it", cna)["site"]
    assert "è capofila di Vita Lavoro Toscana" in texts(luglio, "it", lead)["press"]
    assert "CISL Toscana sostiene Vita Lavoro Toscana" in texts(luglio, "it", supporter)["linkedin"]


def test_english_texts_are_english_and_lead_to_the_english_page(luglio, cna):
    said = texts(luglio, "en", cna)
    assert said["chat"].startswith("The news of July")
    assert said["chat"].endswith("http://testserver/en/newsletter/luglio/?via=cna")
    assert "CNA Toscana is a partner of Life Work Tuscany." in said["site"]


def test_hashtags_are_few_and_name_what_is_there(luglio):
    last = texts(luglio, "it")["instagram"].split("\n")[-1]
    assert last == "#VitaLavoroToscana #VLT #Pisa #Lucca"


def test_endless_newsletter_gives_texts_that_fit(luglio):
    luglio.body = both("Parola lunghissima, " * 5000 + "\n\n" + "x" * 9000, "")
    for post in sharing.posts(luglio, "it"):
        assert post.length <= post.channel.limit, post.channel.key
        assert "Le notizie di luglio".upper() in post.text.upper()


def test_newsletter_without_text_or_events_still_gives_texts(luglio):
    luglio.body = both("", "")
    for text in texts(luglio, "it").values():
        assert "A che punto siamo" in text or "LE NOTIZIE" in text
        assert "\n\n\n" not in text
