"""The moderator's page about the online room."""

import pytest
from django.urls import reverse

from registrations.models import Correction
from registrations.services import attendance, presence, room_codes
from registrations.services.room_codes import Moment
from tests.make import make_registration, make_running_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme, pisa):
    return make_running_event(programme, territory=pisa, online_url="https://meet.example.org/vlt")


@pytest.fixture
def dora(client, cast):
    client.force_login(cast.dora)
    return client


def read(client, event, *moment):
    name = "registrations:room-code" if moment else "registrations:room"
    return client.get(reverse(name, args=[event.slug, *moment])).content.decode()


def comes_in(event, **over):
    person = make_registration(event, mode="online", **over)
    presence.enter(registration=person)
    return person


def test_page_shows_who_is_there_and_both_codes(dora, event):
    comes_in(event, last_name="Presente", organisation="CNA")
    gone = comes_in(event, last_name="Uscita")
    presence.leave(registration=gone)
    make_registration(event, mode="online", last_name="Attesa")
    make_registration(event, last_name="Insala")
    page = read(dora, event)
    assert "Presente" in page
    assert not any(name in page for name in ("Uscita", "Attesa", "Insala"))
    assert "su 3 persone iscritte online" in page
    for moment in Moment:
        assert room_codes.code(event, moment) in page
    assert "https://meet.example.org/vlt" in page


def test_page_counts_who_gave_the_codes(dora, event):
    bea = comes_in(event)
    room_codes.give(registration=bea, typed=room_codes.code(event, Moment.START))
    page = read(dora, event)
    assert page.count('<span class="desk-badge">codice d’inizio</span>') == 1
    assert "codice di fine</span>" not in page.partition('id="room-people"')[2].partition("</ul>")[0]
    assert "L’ha scritto 1 persona, su 1 online adesso" in read(dora, event, "start")
    assert "L’hanno scritto 0 persone, su 1 online adesso" in read(dora, event, "end")
    Correction.objects.create(scan=bea.scans.get(source="code"), kind="annulled", reason="Prova")
    attendance.recompute(bea)
    assert "L’ha scritto 1 persona" not in read(dora, event, "start")


def test_screen_for_everybody_names_nobody(dora, event):
    comes_in(event, last_name="Presente")
    page = read(dora, event, "end")
    code = room_codes.code(event, Moment.END)
    assert f"{code[:3]} {code[3:]}" in page
    assert "Presente" not in page
    assert room_codes.code(event, Moment.START)[:3] + " " not in page.replace(code[:3] + " ", "")


def test_screen_of_a_moment_that_does_not_exist_is_no_page(dora, event):
    assert dora.get(reverse("registrations:room-code", args=[event.slug, "middle"])).status_code == 404


def test_page_without_address_or_people_says_so(dora, event):
    event.online_url = ""
    event.save()
    page = read(dora, event)
    assert "non ancora indicato" in page
    assert "Adesso non c’è nessuna persona nella stanza online." in page


def test_board_of_the_event_leads_to_the_room(client, cast, event):
    client.force_login(cast.piero)
    address = reverse("registrations:room", args=[event.slug])
    assert address == f"/gestione/eventi/{event.slug}/aula-online/"
    board = reverse("events:staff-event", args=[event.slug])
    assert address in client.get(board).content.decode()
    event.online_capacity = None
    event.save()
    assert address not in client.get(board).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_the_page(dora, event, number, django_assert_num_queries):
    for _ in range(number):
        person = comes_in(event)
        room_codes.give(registration=person, typed=room_codes.code(event, Moment.START))
    read(dora, event)
    with django_assert_num_queries(8):
        read(dora, event)
    with django_assert_num_queries(6):
        read(dora, event, "start")
