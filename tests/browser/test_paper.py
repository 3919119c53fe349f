"""What is on paper, at the desk: a register is made, its scan is brought, the wrong one is withdrawn."""

import pytest
from playwright.sync_api import expect

from registrations.models import Evidence
from tests.browser.conftest import DESKTOP, PHONE
from tests.make import make_event, make_registration

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/gestione/eventi/seminario-pisa/carta/"


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
def test_signed_sheet_is_brought_and_withdrawn(browser, open_context, axe, log_in, cast, pisa, tmp_path, viewport):
    event = make_event(slug="seminario-pisa", territory=pisa)
    make_registration(event)
    event.sessions.create(starts_at=event.starts_at, minutes=60, title="Il welfare")
    page = open_context(browser, viewport=viewport).new_page()
    log_in(page, cast.piero)
    page.goto("/gestione/eventi/seminario-pisa/")
    page.get_by_role("link", name="Registro ed elenchi su carta").click()
    expect(page.get_by_role("heading", name="Registro ed elenchi su carta")).to_be_visible()
    axe(page)

    page.get_by_label("Righe vuote in fondo").first.fill("-3")
    page.get_by_role("button", name="Prepara il registro").click()
    expect(page.get_by_role("alert")).to_be_visible()
    axe(page)

    page.goto(PAGE)
    scan = tmp_path / "Registro firmato di Pisa.pdf"
    scan.write_bytes(b"%PDF-1.7 %%EOF")
    page.get_by_label("File").set_input_files(scan)
    page.get_by_role("button", name="Conserva il file").click()
    expect(page.get_by_role("link", name=scan.name)).to_be_visible()
    page.get_by_text("Ritira", exact=False).first.click()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]

    page.get_by_label("Perché").fill("Era di un altro evento")
    page.get_by_role("button", name="Ritira questo file").click()
    expect(page.get_by_text("Era di un altro evento")).to_be_visible()
    axe(page)
    assert Evidence.objects.get().withdrawn_by == cast.piero
