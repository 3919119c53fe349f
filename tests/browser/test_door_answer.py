"""The answer comes soon after the frame: what `bench door_answer` measures, and what the phone does about it."""

import pytest

from config.bench import chromium, door_answer
from registrations.services import tickets
from tests.browser.door import Phone
from tests.make import make_registration, make_running_event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def event(programme, pisa):
    return make_running_event(programme, slug="seminario-pisa", territory=pisa)


def test_bench_sees_every_ticket_answered(launch, live_server, event, tmp_path, monkeypatch):
    monkeypatch.setattr(door_answer, "LEAD", 8.0)
    people = [make_registration(event, first_name=name) for name in ("Anna", "Bea")]
    film = tmp_path / "tickets.mjpeg"
    film.write_bytes(b"".join(door_answer.film([tickets.ticket_of(person) for person in people])))
    browser = launch(*chromium.CAMERA, door_answer.plays(film))
    turn = ("zxing", 1, "server in normal time")
    row = door_answer.row(door_answer.seen(browser, door_answer.door(live_server.url, event), turn, 2), 2)
    browser.close()
    assert row["answered"] == "2/2"
    assert 0 < row["median_ms"] <= row["worst_ms"]
    assert row["read"] + row["decided"] <= row["worst_ms"]
    assert set(event.scans.filter(status="ok").values_list("registration", flat=True)) == {one.pk for one in people}


def test_server_has_a_moment_that_begins_when_the_ticket_was_seen(page, event):
    anna, bea = make_registration(event), make_registration(event)
    phone = Phone(page, event)
    seen = "const seenAt = performance.now() + it[1]; return book.scan(it[0], 'in', { seenAt })"
    assert phone.do(seen, [anna.code, 10_000])["isLocal"] is False
    phone.hold()
    assert phone.do(seen, [bea.code, -1000])["isLocal"] is True
    phone.release()
