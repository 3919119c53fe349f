"""The hall at a glance on the wall: fresh within three seconds, calm without network, read out only when asked."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from registrations.services import attendance, checkin, devices
from tests.make import make_registration, make_running_event, make_scan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]
PAGE = "/gestione/eventi/seminario-pisa/sala/"
FRESH = 3000


@pytest.fixture
def event(programme, pisa):
    event = make_running_event(programme, slug="seminario-pisa", territory=pisa, in_person_capacity=50)
    first = event.starts_at - timedelta(minutes=30)
    for number, title in enumerate(["Accoglienza", "Saluti", "Tavola rotonda"]):
        event.sessions.create(starts_at=first + timedelta(minutes=60 * number), minutes=60, title=title)
    for number in range(6):
        come_in(event, timezone.now() - timedelta(minutes=6 * number))
    return event


def come_in(event, at=None):
    person = make_registration(event, organisation="CNA Pisa")
    make_scan(person, at=at or timezone.now())
    attendance.recompute(person)


def inside(page):
    return page.locator(".hall-great dd").first


def test_a_scan_is_on_the_wall_within_three_seconds(desktop_page, event, cast, log_in, axe):
    person = make_registration(event)
    log_in(desktop_page, cast.piero)
    desktop_page.clock.install()
    desktop_page.goto(PAGE)
    expect(inside(desktop_page)).to_have_text("6")
    axe(desktop_page)
    desktop_page.evaluate("window.isSamePage = true")
    desktop_page.get_by_text("Le stesse cose in una tabella").click()
    checkin.check_in_scan(event=event, code=person.code, nonce="n1", at=timezone.now())
    desktop_page.clock.run_for(FRESH)
    expect(inside(desktop_page)).to_have_text("7")
    assert desktop_page.evaluate("window.isSamePage"), "the page was loaded anew"
    expect(desktop_page.locator("#hall-table")).to_have_attribute("open", "")


def test_unchanged_figures_travel_only_once(desktop_page, event, cast, log_in):
    log_in(desktop_page, cast.piero)
    desktop_page.goto(PAGE)
    for status in (200, 304, 304):
        with desktop_page.expect_response("**/cifre/**") as answered:
            pass
        assert answered.value.status == status


def test_without_network_the_last_figures_stay_and_say_so(desktop_page, event, cast, log_in):
    log_in(desktop_page, cast.piero)
    desktop_page.goto(PAGE)
    desktop_page.context.set_offline(True)
    expect(desktop_page.get_by_text("Senza rete dalle")).to_be_visible()
    expect(inside(desktop_page)).to_have_text("6")
    desktop_page.context.set_offline(False)
    expect(desktop_page.get_by_text("Senza rete dalle")).to_be_hidden()


def test_figures_are_read_out_only_when_asked(page, event, cast, log_in, axe):
    log_in(page, cast.piero)
    page.goto(f"{PAGE}?look=dark")
    axe(page)
    expect(page.get_by_role("status")).to_have_text("")
    page.get_by_role("button", name="Leggi le cifre a voce").click()
    expect(page.get_by_role("status")).to_contain_text("In sala adesso: 6")


def test_who_is_logged_out_meanwhile_comes_to_the_login(desktop_page, event, cast, log_in):
    log_in(desktop_page, cast.piero)
    desktop_page.goto(PAGE)
    desktop_page.context.clear_cookies()
    expect(desktop_page.get_by_label("Indirizzo e-mail")).to_be_visible()


def test_phone_appears_in_the_list_the_moment_it_is_paired(desktop_page, event, cast, log_in, axe):
    log_in(desktop_page, cast.piero)
    desktop_page.clock.install()
    desktop_page.goto("/gestione/eventi/seminario-pisa/telefoni/")
    desktop_page.get_by_label("Nome").fill("Ingresso nord")
    desktop_page.get_by_role("button", name="Crea un codice").click()
    axe(desktop_page)
    shown = desktop_page.locator(".phone")
    expect(shown).to_contain_text("in attesa del codice")
    devices.pair(code=desktop_page.locator(".phone-code").inner_text())
    desktop_page.clock.run_for(FRESH)
    expect(shown).to_contain_text("collegato")
    shown.get_by_role("link", name="Rinomina o revoca").click()
    axe(desktop_page)
    desktop_page.get_by_role("button", name="Revoca questo telefono").click()
    desktop_page.get_by_text("1 telefono revocato").click()
    expect(desktop_page.locator("#former-phones")).to_contain_text("Ingresso nord")
