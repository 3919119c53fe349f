"""The feed and the download: what a calendar program gets when it asks, and asks again."""

from icalendar import Calendar

from events.services import editing
from tests.make import make_event, make_programme


def uids(response) -> list[str]:
    return [str(entry["UID"]) for entry in Calendar.from_ical(response.content).walk("VEVENT")]


def test_feed_is_a_calendar_with_every_public_event(client, programme, django_assert_num_queries):
    for number in (1, 3):
        while programme.events.count() < number:
            make_event(programme)
        with django_assert_num_queries(1):
            response = client.get("/eventi.ics")
        assert response["Content-Type"] == "text/calendar; charset=utf-8"
        assert len(uids(response)) == number


def test_feed_without_events_is_an_empty_calendar(client, programme):
    assert uids(client.get("/eventi.ics")) == []


def test_feed_without_a_programme_is_an_empty_calendar(client, db):
    response = client.get("/eventi.ics")
    assert response.status_code == 200
    assert uids(response) == []


def test_feed_shows_no_draft_and_no_other_programme(client, programme):
    make_event(programme, published_at=None)
    make_event(make_programme(is_current=False))
    assert uids(client.get("/eventi.ics")) == []


def test_feed_narrowed_down_like_the_list(client, programme, pisa, lucca):
    wanted = make_event(programme, territory=pisa, kind="lab")
    make_event(programme, territory=pisa)
    make_event(programme, territory=lucca, kind="lab")
    assert uids(client.get("/eventi.ics?province=pisa&kind=lab")) == [f"{wanted.uid}@testserver"]


def test_feed_unchanged_is_not_sent_again(client, programme):
    event = make_event(programme)
    first = client.get("/eventi.ics")
    for again in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
        assert client.get("/eventi.ics", headers=again).status_code == 304
    event.title = "Un altro titolo"
    event.save()
    assert client.get("/eventi.ics", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_feed_in_english_has_its_own_address(client, programme):
    make_event(programme)
    response = client.get("/en/events.ics")
    assert "Trial seminar" in response.content.decode()


def test_one_event_is_a_file_with_its_name(client, programme):
    event = make_event(programme, slug="seminario-pisa")
    response = client.get("/eventi/seminario-pisa.ics")
    assert uids(response) == [f"{event.uid}@testserver"]
    assert 'filename="seminario-pisa.ics"' in response["Content-Disposition"]


def test_one_event_not_published_is_not_there(client, programme):
    make_event(programme, slug="segreto", published_at=None)
    assert client.get("/eventi/segreto.ics").status_code == 404


def test_feed_and_download_keep_a_cancelled_event_as_such(client, programme):
    event = make_event(programme)
    before = Calendar.from_ical(client.get("/eventi.ics").content).walk("VEVENT")[0]
    editing.cancel_event(event=event)
    for address in ("/eventi.ics", f"/eventi/{event.slug}.ics"):
        (entry,) = Calendar.from_ical(client.get(address).content).walk("VEVENT")
        assert (str(entry["STATUS"]), entry["UID"]) == ("CANCELLED", before["UID"])
        assert int(entry["SEQUENCE"]) > int(before["SEQUENCE"])
