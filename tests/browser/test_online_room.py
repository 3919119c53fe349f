"""Taking part online, in a browser: with scripts the page keeps the attendance, without them its buttons do."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from registrations.services import presence, room_codes
from registrations.services.room_codes import Moment
from tests.browser.conftest import PHONE
from tests.make import make_event, make_registration, make_running_event, make_scan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


@pytest.fixture
def event(programme, pisa, live_server):
    """Its room is a page of this very site: another host must not be asked."""
    return make_running_event(programme, territory=pisa, online_url=f"{live_server.url}/privacy/?stanza=1")


@pytest.fixture
def bea(event):
    return make_registration(event, mode="online", first_name="Bea")


def page_of(registration):
    return f"/iscrizioni/{registration.token}/online/"


def directions(registration):
    return list(registration.scans.order_by("at", "pk").values_list("direction", flat=True))


def test_one_button_notes_the_entry_and_opens_the_room(page, event, bea, axe):
    page.goto(page_of(bea))
    axe(page)
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Entra").click()
    expect(opened.value).to_have_url(event.online_url)
    assert opened.value.evaluate("window.opener") is None, "the room does not reach our page"
    expect(page.get_by_role("heading", name="Ci sei")).to_be_visible()
    axe(page)
    assert directions(bea) == ["in"], "this window and the new one say it once"


def test_open_page_keeps_the_attendance(page, bea):
    make_scan(bea, at=timezone.now() - timedelta(minutes=10), mode="online", source="page")
    presence.stay(registration=bea, now=timezone.now() - timedelta(minutes=3))
    page.clock.install()
    page.goto(page_of(bea))
    page.get_by_label("Codice sullo schermo").fill("12")
    with page.expect_response(lambda response: response.request.method == "POST" and response.status == 200):
        page.clock.run_for(150 * 1000)
    assert directions(bea) == ["in", "here", "here"]
    expect(page.get_by_text("Contati finora")).to_be_visible()
    expect(page.get_by_label("Codice sullo schermo")).to_have_value("12")


def test_page_without_network_says_so_and_goes_on(page, bea):
    make_scan(bea, at=timezone.now() - timedelta(minutes=10), mode="online", source="page")
    page.clock.install()
    page.goto(page_of(bea))
    page.context.set_offline(True)
    page.clock.run_for(150 * 1000)
    expect(page.get_by_text("Connessione assente")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("Connessione assente")).to_be_hidden()
    assert directions(bea) == ["in", "here"]


def test_page_left_in_another_window_asks_to_come_in_again(page, bea):
    make_scan(bea, at=timezone.now() - timedelta(minutes=10), mode="online", source="page")
    page.clock.install()
    page.goto(page_of(bea))
    presence.leave(registration=bea)
    page.clock.run_for(150 * 1000)
    expect(page.get_by_role("button", name="Entra")).to_be_visible()
    assert directions(bea) == ["in", "out"]


def test_everything_works_without_javascript_on_a_narrow_phone(browser, open_context, event, bea):
    narrow = {"width": 320, "height": 640}
    page = open_context(browser, java_script_enabled=False, viewport=narrow).new_page()
    page.goto(page_of(bea))
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Entra").click()
    expect(opened.value).to_have_url(event.online_url)
    page.get_by_role("link", name="Ricarica la pagina").click()
    expect(page.get_by_role("heading", name="Ci sei")).to_be_visible()
    expect(page.get_by_text("almeno ogni quindici minuti")).to_be_visible()
    page.get_by_label("Codice sullo schermo").fill("000 00")
    page.get_by_role("button", name="Invia il codice").click()
    expect(page.get_by_text("Non è il codice di questa stanza").first).to_be_visible()
    expect(page.get_by_label("Codice sullo schermo")).to_have_value("000 00")
    for moment in Moment:
        page.get_by_label("Codice sullo schermo").fill(room_codes.code(event, moment))
        page.get_by_role("button", name="Invia il codice").click()
        expect(page.get_by_text("Grazie, abbiamo il tuo codice")).to_be_visible()
    page.get_by_role("button", name="Sono ancora qui").click()
    page.get_by_role("button", name="Esco").click()
    expect(page.get_by_role("button", name="Entra")).to_be_visible()
    assert sorted(bea.scans.values_list("source", "direction")) == [
        ("code", "in"), ("code", "out"), ("page", "in"), ("page", "out"),
    ]  # fmt: skip


def test_pages_of_every_state_are_accessible_on_a_narrow_phone(browser, open_context, programme, event, bea, axe):
    page = open_context(browser, viewport=PHONE | {"width": 320}).new_page()
    make_scan(bea, at=timezone.now() - timedelta(minutes=40), mode="online", source="page")
    people = [
        bea,
        make_registration(event),
        make_registration(make_event(programme), mode="online"),
        make_registration(
            make_event(programme, starts_at=timezone.now() - timedelta(hours=4, minutes=2)), mode="online"
        ),
    ]
    for person in people:
        page.goto(page_of(person))
        axe(page)
    page.goto(page_of(bea))
    page.get_by_label("Codice sullo schermo").fill("1")
    page.get_by_role("button", name="Invia il codice").click()
    expect(page.get_by_text("Non è il codice di questa stanza").first).to_be_visible()
    axe(page)


def test_moderator_shows_a_code_and_sees_who_is_there(desktop_page, event, bea, cast, log_in, axe):
    page = desktop_page
    log_in(page, cast.dora)
    page.clock.install()
    page.goto(f"/gestione/eventi/{event.slug}/aula-online/")
    code = room_codes.code(event, Moment.START)
    shown = page.get_by_text(f"{code[:3]} {code[3:]}", exact=True)
    expect(shown).to_be_hidden()
    page.get_by_text("Mostra il codice d’inizio").click()
    expect(shown).to_be_visible()
    page.get_by_text("I nomi, solo per te").click()
    presence.enter(registration=bea)
    page.clock.run_for(6000)
    expect(page.get_by_text(bea.name)).to_be_visible()
    expect(shown).to_be_visible()
    axe(page)
    page.get_by_role("link", name="A tutta finestra").first.click()
    expect(page.get_by_text("L’hanno scritto 0 persone, su 1 online adesso")).to_be_visible()
    axe(page)
    room_codes.give(registration=bea, typed=code)
    page.clock.run_for(6000)
    expect(page.get_by_text("L’ha scritto 1 persona")).to_be_visible()
