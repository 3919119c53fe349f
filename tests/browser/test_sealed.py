"""The page of sealed registers, used with and without our scripts: seal, read the head, see what was changed."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from registrations.models import Device, Scan
from registrations.services import evidence, sealing
from tests.browser.conftest import DESKTOP, PHONE
from tests.make import make_device, make_event, make_registration, make_scan
from tests.registrations.sealed import PDF

pytestmark = pytest.mark.django_db(transaction=True)
SHOTS = os.environ.get("CONVIVIO_SHOTS")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_a_register_is_sealed_and_a_later_change_is_told(open_context, browser, axe, log_in, cast, pisa, viewport):
    event = make_event(territory=pisa, starts_at=timezone.now() - timedelta(hours=5))
    scan = make_scan(make_registration(event), note="Porta laterale")
    phone, _token = make_device(event, name="Porta nord")
    Device.objects.filter(pk=phone.pk).update(unsent=3, seen_at=timezone.now())
    page = open_context(browser, viewport=viewport).new_page()
    log_in(page, cast.piero)
    page.goto(reverse("registrations:sealed", args=[event.slug]))
    expect(page.get_by_text("Porta nord: 3")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Sigilla ora il registro").click()
    expect(page.get_by_text("Niente è cambiato dal registro n. 1")).to_be_visible()
    kept = event.seals.get()
    expect(page.get_by_text(kept.head, exact=True)).to_be_visible()
    axe(page)
    keep_picture(page, "sealed")
    ask_about(page, kept.head, "È del registro n. 1")
    ask_about(page, "0" * 64, "Nessun registro di questo evento ce l’ha.")
    ask_about(page, "abc", "Una cosa da controllare")
    axe(page)
    keep_picture(page, "receipt")
    Scan.objects.filter(pk=scan.pk).update(note="altro")
    page.reload()
    expect(page.get_by_text("Registro n. 1: l’anello 1 è stato modificato")).to_be_visible()
    axe(page)
    keep_picture(page, "changed")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_a_signed_sheet_that_was_changed_is_told_and_not_given_out(
    open_context, browser, axe, log_in, cast, pisa, viewport
):
    event = make_event(territory=pisa, starts_at=timezone.now() - timedelta(hours=5))
    make_scan(make_registration(event))
    name = "Foglio firme della mattina, sala grande.hta"
    row = evidence.keep(event=event, kind="signatures", name=name, content=PDF, by=cast.piero).evidence
    sealing.seal(event=event, by=cast.piero)
    Path(row.file.path).write_bytes(PDF.replace(b"firme", b"falso"))
    page = open_context(browser, viewport=viewport).new_page()
    log_in(page, cast.piero)
    page.goto(reverse("registrations:sealed", args=[event.slug]))
    expect(page.get_by_text("Il file “Foglio firme della mattina, sala grande.pdf”")).to_be_visible()
    expect(page.get_by_text("e i file anche")).to_have_count(0)
    axe(page)
    keep_picture(page, "sheet-changed")
    answer = page.goto(reverse("registrations:evidence-file", args=[event.slug, row.pk]))
    assert answer.status == 409
    expect(page.get_by_role("heading", name="Questo file non si può scaricare")).to_be_visible()
    axe(page)
    keep_picture(page, "broken-file")
    page.get_by_role("link", name="Fogli firmati").click()
    expect(page.get_by_role("heading", name="Fogli firmati")).to_be_visible()


def ask_about(page, typed, answer):
    receipt = page.get_by_role("region", name="Hai una ricevuta?")
    receipt.get_by_label("Testa della catena, o SHA-256 di un file").fill(typed)
    receipt.get_by_role("button", name="Cerca").click()
    expect(receipt.get_by_text(answer)).to_be_visible()


def keep_picture(page, name):
    if SHOTS:
        page.screenshot(path=Path(SHOTS, f"sealed-{name}-{page.viewport_size['width']}.png"), full_page=True)
