"""A phone becomes a door's phone, and is one no more."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from registrations.models import Scan
from registrations.services import devices
from tests.browser.door import PAGE, kept_for_later

pytestmark = pytest.mark.django_db(transaction=True)


def test_revoked_phone_forgets_everything(page, pair, event, anna):
    pair(page)
    devices.revoke(device=event.devices.get())
    page.get_by_role("button", name="Cerca").click()
    page.get_by_label("Nome, cognome o codice").fill(anna.code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Tutto ciò che aveva segnato è arrivato al server")
    expect(page.locator("#said")).to_be_empty()
    expect(page.get_by_label("Codice di collegamento")).to_have_value("")
    assert "Verdi" not in page.content()
    page.reload()
    expect(page.get_by_label("Codice di collegamento")).to_be_visible()
    assert [(scan.status, scan.reason) for scan in Scan.objects.all()] == [("review", "revoked")]
    anna.refresh_from_db()
    assert not anna.is_inside


def test_phone_whose_event_is_over_forgets_everything(page, pair, event, anna):
    pair(page)
    kept_for_later(page)
    event.starts_at, event.ends_at = timezone.now() - timedelta(days=2), timezone.now() - timedelta(days=1)
    event.save(update_fields=["starts_at", "ends_at"])
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("L’evento è finito")
    page.reload()
    expect(page.get_by_label("Codice di collegamento")).to_be_visible()


def test_one_tap_pairs_the_phone_of_who_is_logged_in(page, log_in, cast, event):
    log_in(page, cast.dora)
    page.goto(PAGE)
    page.get_by_role("button", name="Usa questo telefono all’ingresso").click()
    expect(page.get_by_role("heading", name="Seminario di prova")).to_be_visible()


def test_code_typed_as_fast_as_a_scanner_pairs_too(page, event):
    _device, code = devices.create_pairing(events=[event])
    page.goto(PAGE)
    expect(page.get_by_label("Codice di collegamento")).to_be_visible()
    page.get_by_label("Codice di collegamento").focus()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Seminario di prova")).to_be_visible()


def test_code_in_the_address_pairs_by_itself(page, event):
    _device, code = devices.create_pairing(events=[event])
    page.goto(f"{PAGE}#{code}")
    expect(page.get_by_role("heading", name="Seminario di prova")).to_be_visible()
    assert "#" not in page.url


def test_code_that_was_used_leaves_the_desk_at_once(desktop_page, log_in, cast, event):
    log_in(desktop_page, cast.piero)
    desktop_page.goto(f"/gestione/eventi/{event.slug}/telefoni/")
    desktop_page.get_by_label("Nome").fill("Ingresso")
    desktop_page.get_by_role("button", name="Crea un codice").click()
    picture = desktop_page.get_by_role("img", name="Codice QR")
    expect(picture).to_be_visible()
    devices.pair(code=desktop_page.locator(".phone-code").inner_text())
    expect(desktop_page.get_by_text("✓ «Ingresso» è collegato")).to_be_visible()
    expect(picture).to_be_hidden()
    desktop_page.get_by_role("link", name="Crea un altro codice").click()
    expect(desktop_page.get_by_label("Nome")).to_be_in_viewport()
