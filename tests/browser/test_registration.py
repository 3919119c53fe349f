"""A participant registers on a phone, in a browser without JavaScript, from the event's page to the ticket."""

import re

import pytest
from playwright.sync_api import expect

from mail.models import Delivery
from registrations.models import Registration
from tests.make import make_event, make_venue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


@pytest.fixture
def event(programme):
    venue = make_venue(programme)
    return make_event(programme, slug="seminario-pisa", venue=venue, in_person_capacity=2, online_capacity=40)


@pytest.fixture
def plain_page(browser, open_context):
    """A phone whose browser runs no scripts."""
    return open_context(browser, java_script_enabled=False).new_page()


def path_in_mail(kind: str) -> str:
    text = Delivery.objects.filter(message__kind=f"registrations.{kind}").latest("pk").message.text
    return re.search(r"http://testserver(/\S+)", text).group(1)


def fill(page, **over):
    page.get_by_label("In presenza").check()
    page.get_by_label("Nome", exact=True).fill("Anna")
    page.get_by_label("E-mail").first.fill("anan@example.org")
    page.get_by_label(re.compile("Ho letto l.informativa")).check()


def test_registering_from_a_phone_without_javascript(plain_page, event):
    page = plain_page
    page.goto("/eventi/seminario-pisa/")
    page.get_by_role("link", name=re.compile("Iscriviti")).first.click()
    expect(page.get_by_text("2 posti liberi")).to_be_visible()
    page.get_by_role("button", name="Iscriviti").click()
    expect(page.get_by_text("Scrivi il tuo nome.").first).to_be_visible()
    fill(page)
    page.get_by_role("button", name="Iscriviti").click()

    expect(page.get_by_role("heading", name="Controlla la posta")).to_be_visible()
    page.get_by_label("L’indirizzo giusto").fill("anna@example.org")
    page.get_by_role("button", name=re.compile("Correggi l.indirizzo")).click()
    expect(page.get_by_text("anna@example.org").first).to_be_visible()

    page.goto(path_in_mail("confirm"))
    page.get_by_role("button", name="Conferma").click()
    expect(page.get_by_role("heading", name="Il tuo posto è riservato")).to_be_visible()
    expect(page.get_by_role("img", name="Codice QR del tuo biglietto")).to_be_visible()

    page.get_by_role("button", name="Passa a online").click()
    expect(page.get_by_role("link", name=re.compile("Vai alla stanza online"))).to_be_visible()
    page.get_by_role("button", name="Passa in presenza").click()
    page.get_by_role("link", name=re.compile("Solo il biglietto")).click()
    expect(page.get_by_role("heading", name="Seminario di prova")).to_be_visible()

    page.get_by_role("link", name="Cambia o annulla").click()
    page.get_by_role("link", name="Annulla la mia iscrizione").click()
    page.get_by_role("button", name="Annulla la mia iscrizione").click()
    expect(page.get_by_role("heading", name="Questa iscrizione è stata annullata.")).to_be_visible()
    assert Registration.objects.get().state == "cancelled"


def test_every_personal_page_is_accessible(page, event, axe):
    page.goto("/eventi/seminario-pisa/iscrizione/")
    axe(page)
    page.get_by_role("button", name="Iscriviti").click()
    expect(page.get_by_role("alert")).to_be_visible()
    axe(page)
    fill(page)
    page.get_by_role("button", name="Iscriviti").click()
    expect(page.get_by_role("heading", name="Controlla la posta")).to_be_visible()
    axe(page)
    page.goto(path_in_mail("confirm"))
    axe(page)
    page.get_by_role("button", name="Conferma").click()
    axe(page)
    page.get_by_role("link", name=re.compile("Solo il biglietto")).click()
    axe(page)
    page.go_back()
    page.get_by_role("link", name="Annulla la mia iscrizione").click()
    axe(page)
