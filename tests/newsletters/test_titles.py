"""A personal field in a subject is one person's: every page shows the word for those we do not know."""

import pytest
from django.utils import timezone

from mail.services import outbox
from newsletters.places import for_a_stranger
from tests.make import both, make_newsletter

WRITTEN = both("Luglio: ci siamo, %%first_name|a presto%%", "July: here we are, %%first_name|see you%%")
PUBLIC = ["/", "/newsletter/", "/newsletter/luglio/", "/newsletter/feed.atom"]
DESK = ["", "luglio/progress/", "luglio/figures/", "luglio/share/", "luglio/figures/newsletters.csv"]
DRAFT = ["", "agosto/before/", "agosto/versions/"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Ciao %%first_name%%, eccoci", "Ciao, eccoci"),
        ("Ciao %%first_name|a chi legge%%", "Ciao a chi legge"),
        ("%%province|Toscana%%: lavoro", "Toscana: lavoro"),
        ("Sconto del 100%", "Sconto del 100%"),
    ],
)
def test_stranger_reads_the_word_for_strangers(words, said):
    assert for_a_stranger(words) == said


@pytest.fixture
def sent(programme):
    mailing = outbox.open_mailing(key="newsletter:luglio")[0]
    return make_newsletter(
        programme, slug="luglio", subject=WRITTEN, state="sent", sent_at=timezone.now(), mailing=mailing
    )


def test_public_pages_show_no_raw_field(client, sent):
    for page in PUBLIC:
        for address, said in ((page, "ci siamo, a presto"), (f"/en{page}", "here we are, see you")):
            text = client.get(address).content.decode()
            assert said in text, address
            assert "%%" not in text, address


def test_desk_shows_no_raw_field(client, cast, programme, sent):
    make_newsletter(programme, slug="agosto", subject=WRITTEN)
    client.force_login(cast.nora)
    for page in DESK + DRAFT:
        text = client.get(f"/en/desk/newsletters/{page}").getvalue().decode()
        assert "here we are, see you" in text, page
        assert "%%" not in text, page
    assert "<h1>Luglio: ci siamo, a presto" in client.get("/gestione/newsletter/agosto/").content.decode()
