"""What everybody may read: the list, each newsletter, the feed and the picture beside a link."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from mail.services import outbox
from newsletters.services import archive
from tests.make import both, make_newsletter, make_organisation, make_programme

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def make_sent(programme, slug, days_ago=1, **over):
    mailing = outbox.open_mailing(key=f"newsletter:{slug}")[0]
    sent_at = timezone.now() - timedelta(days=days_ago)
    return make_newsletter(programme, slug=slug, state="sent", sent_at=sent_at, mailing=mailing, **over)


@pytest.fixture
def three(programme):
    return [
        make_sent(programme, slug, days, subject=both(f"Notizie di {slug}", f"News of {slug}"))
        for slug, days in (("febbraio", 90), ("marzo", 60), ("luglio", 1))
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_the_database_the_same_for_more(client, programme, number, django_assert_num_queries):
    for one in range(number):
        make_sent(programme, f"numero-{one}", one + 1)
    with django_assert_num_queries(2):
        page = client.get("/newsletter/").content.decode()
    assert page.count("Le notizie di luglio") == number
    assert 'type="application/atom+xml"' in page


@pytest.mark.parametrize("number", [1, 3])
def test_page_and_feed_ask_the_database_the_same_for_more(client, programme, number, django_assert_num_queries):
    for one in range(number):
        make_sent(programme, f"numero-{one}", one + 1)
    with django_assert_num_queries(4):
        assert client.get("/newsletter/numero-0/").status_code == 200
    with django_assert_num_queries(4):
        assert client.get("/newsletter/feed.atom").status_code == 200


def test_drafts_and_other_programmes_are_nowhere(client, programme, three):
    make_newsletter(programme, slug="bozza")
    make_sent(make_programme(is_current=False), "altrove", subject=both("Altrove", "Elsewhere"))
    for slug in ("bozza", "altrove"):
        assert client.get(f"/newsletter/{slug}/").status_code == 404
        assert client.get(f"/newsletter/{slug}/preview.png").status_code == 404
    for address in ("/newsletter/", "/newsletter/feed.atom"):
        assert "Altrove" not in client.get(address).content.decode()


def test_page_has_its_number_what_is_beside_it_and_one_address(client, three):
    page = client.get("/newsletter/marzo/?utm_source=x").content.decode()
    assert "Newsletter n. 2" in page
    assert 'rel="prev" href="/newsletter/febbraio/"' in page
    assert 'rel="next" href="/newsletter/luglio/"' in page
    assert '<link rel="canonical" href="http://testserver/newsletter/marzo/">' in page
    assert '<meta property="og:image" content="http://testserver/newsletter/marzo/preview.png">' in page
    assert '<meta property="og:title" content="Notizie di marzo">' in page
    assert '<meta property="og:locale" content="it_IT">' in page
    english = client.get("/en/newsletter/marzo/").content.decode()
    assert '<link rel="canonical" href="http://testserver/en/newsletter/marzo/">' in english
    assert '<meta property="og:title" content="News of marzo">' in english


def test_page_says_nothing_personal_and_what_was_put_right(client, programme):
    at = datetime(2026, 7, 16, 7, 30, tzinfo=UTC)
    make_sent(programme, "luglio", corrections=[{"at": at.isoformat(), "note": "La sala è in via Roma."}])
    page = client.get("/newsletter/luglio/").content.decode()
    assert "Ciao,<" in page.replace("</p>", "<")
    assert "%%" not in page
    assert "Corretta il 16 luglio 2026 alle 9:30" in page
    assert "La sala è in via Roma." in page


def test_subscribing_on_a_newsletters_page_says_where_it_was(client, three, programme):
    page = client.get("/newsletter/luglio/").content.decode()
    assert 'name="box" value="2"' in page
    client.post("/newsletter/iscriviti/", {"email": "nuova@example.org", "box": "2"})
    assert programme.subscriptions.get().proofs.get().source == "site:newsletter"


def feed_of(response):
    """The feed as another program reads it, after what RFC 4287 asks of every feed and entry."""
    root = ElementTree.fromstring(response.content)  # noqa: S314 (our own)
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    entries = root.findall("a:entry", ATOM)
    for element in (root, *entries):
        for needed in ("id", "title", "updated"):
            assert len(element.findall(f"a:{needed}", ATOM)) == 1, needed
        datetime.fromisoformat(element.find("a:updated", ATOM).text)
        alternates = [
            link for link in element.findall("a:link", ATOM)
            if link.get("rel") == "alternate" and not link.get("hreflang")
        ]  # fmt: skip
        assert len(alternates) == 1
    assert root.find("a:author/a:name", ATOM).text
    assert root.find("a:link[@rel='self']", ATOM) is not None
    assert len({entry.find("a:id", ATOM).text for entry in entries}) == len(entries)
    return root, entries


def test_feed_is_atom_with_whole_texts_and_whole_addresses(client, programme, three):
    text = "![La piazza](/media/piazza.jpg)\n\nCiao %%first_name%%, [vieni](/eventi/) & porta <altri>."
    make_sent(programme, "oggi", 0, body=both(text, ""))
    response = client.get("/newsletter/feed.atom")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    root, entries = feed_of(response)
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "it"
    assert root.find("a:author/a:name", ATOM).text == "Confartigianato Imprese Toscana"
    assert root.find("a:link[@rel='self']", ATOM).get("href") == "http://testserver/newsletter/feed.atom"
    english = root.find("a:link[@hreflang='en']", ATOM)
    assert english.get("href") == "http://testserver/en/newsletter/feed.atom"
    assert [entry.find("a:title", ATOM).text for entry in entries][1:] == [
        "Notizie di luglio", "Notizie di marzo", "Notizie di febbraio"
    ]  # fmt: skip
    newest = entries[0]
    assert newest.find("a:content", ATOM).get("type") == "html"
    html = newest.find("a:content", ATOM).text
    assert 'href="http://testserver/eventi/"' in html
    assert 'src="http://testserver/media/piazza.jpg"' in html
    assert "Ciao, " in html
    assert "&amp; porta &lt;altri&gt;" in html
    assert "n=oggi" not in html
    assert newest.find("a:id", ATOM).text.endswith(":newsletter/oggi/it")


def test_empty_feed_is_a_feed(client, programme):
    _root, entries = feed_of(client.get("/newsletter/feed.atom"))
    assert entries == []


def test_feed_is_sent_only_to_who_has_not_got_it(client, three, settings, django_assert_num_queries):
    settings.PUBLIC_PAGE_SECONDS = 10
    first = client.get("/newsletter/feed.atom")
    with django_assert_num_queries(0):
        by_tag = Client().get("/newsletter/feed.atom", headers={"If-None-Match": first["ETag"]})
        by_day = Client().get("/newsletter/feed.atom", headers={"If-Modified-Since": first["Last-Modified"]})
    assert (by_tag.status_code, by_day.status_code) == (304, 304)
    assert not by_tag.content


def test_correction_renews_the_entry_and_keeps_its_id(client, programme, three):
    def entry():
        return feed_of(client.get("/newsletter/feed.atom"))[1][0]

    before, luglio = entry(), three[-1]
    luglio.corrections = [{"at": timezone.now().isoformat(), "note": "Un refuso."}]
    luglio.save()
    after = entry()
    assert after.find("a:id", ATOM).text == before.find("a:id", ATOM).text
    assert after.find("a:updated", ATOM).text > before.find("a:updated", ATOM).text
    assert after.find("a:published", ATOM).text == before.find("a:published", ATOM).text


def test_author_is_the_programme_where_nobody_leads(db):
    programme = make_programme()
    make_organisation(programme)
    assert archive.lead_name(programme) == "Vita Lavoro Toscana"


def test_picture_is_of_the_size_that_posts_want_and_drawn_once(client, three, monkeypatch):
    response = client.get("/newsletter/luglio/preview.png")
    assert response["Content-Type"] == "image/png"
    assert "public" in response["Cache-Control"]
    assert Image.open(BytesIO(response.content)).size == (1200, 630)
    from core import preview_picture

    monkeypatch.setattr(preview_picture, "_draw", lambda preview: pytest.fail("drawn again"))
    assert client.get("/newsletter/luglio/preview.png").content == response.content
    assert client.get("/newsletter/luglio/preview.png", headers={"If-None-Match": response["ETag"]}).status_code == 304
