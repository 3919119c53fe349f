"""An attendance file from a phone at the desk: brought, looked at, counted, taken back, accessible at every step."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from registrations.services import platform_logs
from tests.make import make_attendance_file, make_event, make_registration

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def event(cast, pisa):
    start = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=5)
    return make_event(slug="webinar", territory=pisa, starts_at=start, ends_at=start + timedelta(hours=4))


def rows(event, *names):
    hours = (timezone.localtime(moment) for moment in (event.starts_at, event.ends_at))
    start, end = (moment.strftime("%d/%m/%Y %H:%M:%S") for moment in hours)
    heading = "Nome (nome originale),E-mail,Ora di ingresso,Ora di uscita,Durata (minuti),Guest"
    return "\n".join([heading, *[f"{name},{start},{end},240,Sì" for name in names], "Mai finita,,12/0"]).encode()


def test_from_the_file_to_presence_and_back(page, cast, event, log_in, axe):
    anna = make_registration(event, last_name="Verdi", email="anna@example.org", mode="online")
    bruna = make_registration(event, first_name="Bruna", last_name="Rossi", mode="in_person")
    carla = make_registration(event, first_name="Carla", last_name="Neri", mode="online")
    log_in(page, cast.piero)
    page.goto("/gestione/eventi/webinar/file-presenze/")
    axe(page)
    content = rows(event, "Anna Verdi,anna@example.org", "iPhone (Bruna Rossi),", "PC della sala,")
    page.get_by_label("File delle presenze").set_input_files(
        {"name": "partecipanti.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Guarda che cosa c’è dentro").click()
    expect(page.get_by_text("è stato tagliato")).to_be_visible()
    axe(page)
    page.get_by_label("Nome, indirizzo o codice del biglietto").fill("Nessuna Persona")
    page.get_by_role("button", name="Conta la presenza").click()
    expect(page.locator(".desk-error")).to_be_visible()
    axe(page)
    page.get_by_label("Nome, indirizzo o codice del biglietto").fill("Neri Carla")
    page.get_by_role("button", name="Sì, è Bruna Rossi").click()
    expect(page.get_by_role("button", name="Conta la presenza di 3 persone")).to_be_visible()
    page.get_by_role("button", name="Conta la presenza di 3 persone").click()
    expect(page.get_by_role("cell", name="240")).to_have_count(3)
    axe(page)
    for person in (anna, bruna, carla):
        person.refresh_from_db()
        assert person.minutes == 240
    page.get_by_label("Perché viene ritirato").fill("Riunione sbagliata")
    page.get_by_role("button", name="Ritira il file").click()
    expect(page.get_by_text("Ritirato: sono cambiati i minuti di 3 persone.")).to_be_visible()
    axe(page)
    anna.refresh_from_db()
    assert anna.minutes == 0


def test_letters_twice_as_large_do_not_push_the_page_aside(browser, open_context, cast, event, log_in):
    anna = make_registration(event, last_name="Verdi", email="anna.verdi.lunghissima@example.org", mode="online")
    made = make_attendance_file(event, "Anna Verdi <anna.verdi.lunghissima@example.org>")
    platform_logs.carry_out(evidence=made, by=cast.piero)
    page = open_context(browser, viewport={"width": 320, "height": 640}).new_page()
    log_in(page, cast.piero)
    for address in (
        reverse("registrations:attendance-file", args=[event.slug, made.pk]),
        reverse("registrations:staff-detail", args=[event.slug, anna.pk]),
    ):
        page.goto(address)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        page.evaluate("document.querySelectorAll('.presence details').forEach((one) => { one.open = true; })")
        assert page.evaluate("document.querySelector('main').scrollWidth") <= 321
        assert page.evaluate("document.documentElement.scrollWidth") <= 321
