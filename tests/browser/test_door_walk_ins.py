"""Somebody who is not registered, at the door: the form, what the server says against it, what is put right later."""

import pytest
from playwright.sync_api import expect

from registrations.models import Correction, Registration, Scan
from tests.browser.conftest import eventually
from tests.browser.door import asks_in_a_full_hall, everything_is_said, fill_in, goes_on
from tests.make import make_registration

pytestmark = pytest.mark.django_db(transaction=True)


def test_walk_in_is_registered_in_half_a_minute_and_undone(page, pair, event, cast):
    pair(page)
    page.get_by_role("button", name="Aggiungi").click()
    page.get_by_label("Nome", exact=True).fill("Bruna")
    page.locator("#last-name").fill("Neri")
    page.get_by_role("button", name="Iscrivi e fai entrare").click()
    expect(page.locator("#walk-in-note")).to_contain_text("informativa")
    expect(page.locator("#walk-in-note")).to_be_in_viewport(ratio=1)
    expect(page.get_by_label("Ho letto")).to_be_focused()
    assert not Registration.objects.exists()
    page.get_by_label("Ho letto").check()
    page.get_by_role("button", name="Iscrivi e fai entrare").click()
    expect(page.locator("#answer-name")).to_have_text("Bruna Neri")
    eventually(page, Scan.objects.count, 1)
    bruna = Registration.objects.get()
    assert bruna.is_inside
    page.locator("[data-action=undo]").click()
    expect(page.locator("#inside")).to_have_text("0")
    eventually(page, Correction.objects.count, 1)
    bruna.refresh_from_db()
    assert not bruna.is_inside


def test_namesake_on_the_list_is_pointed_out_and_leads_to_her(page, pair, event, cast):
    lucja = make_registration(event, first_name="Łucja", last_name="Żółkiewska", organisation="CNA", mode="online")
    pair(page)
    page.context.route("**/api/**", lambda route: route.abort())
    page.get_by_role("button", name="Aggiungi").click()
    page.get_by_label("Nome", exact=True).fill("zolkiewska")
    expect(page.locator("#alike")).to_be_hidden()
    page.locator("#last-name").fill("Lucja")
    expect(page.locator("#alike-words")).to_have_text("C’è già nell’elenco: Łucja Żółkiewska (CNA, online).")
    page.get_by_label("Ho letto").check()
    page.get_by_role("button", name="Iscrivi e fai entrare").click()
    expect(page.get_by_role("button", name="È questa persona")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#answer-title")).to_have_text("Iscrizione online")
    expect(page.locator("#answer-name")).to_have_text("Łucja Żółkiewska")
    goes_on(page)
    expect(page.locator("#first-name")).to_have_value("")
    page.get_by_label("Nome", exact=True).fill("Lucja")
    page.locator("#last-name").fill("Zolkiewska")
    page.get_by_role("button", name="È un’altra persona").click()
    page.get_by_label("Ho letto").check()
    page.get_by_role("button", name="Iscrivi e fai entrare").click()
    expect(page.locator("#answer-title")).to_have_text("Dentro")
    expect(page.locator("#answer-waiting")).to_have_text("2 da inviare")
    page.context.unroute("**/api/**")
    everything_is_said(page)
    eventually(page, event.registrations.count, 2)
    lucja.refresh_from_db()
    assert not lucja.is_inside


def test_walk_in_beyond_the_places_needs_a_reason(page, pair, event):
    asks_in_a_full_hall(page, pair, event)
    expect(page.get_by_role("heading", name="Perché entra?")).to_be_visible()
    expect(page.locator("#why-about")).to_have_text("In sala non c’è più posto · Bruna Neri")
    assert not Registration.objects.exists()
    page.get_by_role("button", name="Interviene").click()
    expect(page.locator("#answer-title")).to_have_text("Dentro")
    eventually(page, Scan.objects.count, 1)
    bruna = Registration.objects.get()
    assert (bruna.is_inside, bruna.is_extra) == (True, True)
    assert bruna.extra_because == "Interviene, lavora qui o è ospite"


def test_walk_in_that_comes_to_nothing_leaves_nothing_to_the_next(page, pair, event):
    asks_in_a_full_hall(page, pair, event)
    page.get_by_role("button", name="Indietro").click()
    goes_on(page)
    expect(page.get_by_label("Nome", exact=True)).to_have_value("")
    expect(page.get_by_label("Ho letto")).not_to_be_checked()
    fill_in(page)
    page.get_by_role("button", name="Leggi").click()
    page.get_by_role("button", name="Aggiungi").click()
    expect(page.get_by_label("Nome", exact=True)).to_have_value("")
    expect(page.get_by_label("Ho letto")).not_to_be_checked()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [("beatriz@esempio", "manca la fine"), ("beatriz", "non è un indirizzo"), ("béa@esempio.it", "accenti")],
)
def test_address_that_no_server_takes_is_said_before_anything_is_kept(page, pair, event, address, sentence):
    pair(page)
    fill_in(page)
    page.get_by_label("Indirizzo e-mail").fill(address)
    page.get_by_role("button", name="Iscrivi e fai entrare").click()
    expect(page.locator("#walk-in-note")).to_contain_text(sentence)
    expect(page.get_by_label("Indirizzo e-mail")).to_be_focused()
    assert not Registration.objects.exists()


def test_walk_in_that_the_server_refuses_later_is_told_in_its_words_and_corrected(page, pair, event):
    pair(page)
    page.context.set_offline(True)
    fill_in(page)
    page.get_by_label("Indirizzo e-mail").fill("bruna@-esempio.it")
    page.get_by_role("button", name="Iscrivi e fai entrare").click()
    goes_on(page)
    page.context.set_offline(False)
    notice = page.locator("#notices button")
    expect(notice).to_contain_text("non è un indirizzo e-mail")
    expect(notice).not_to_contain_text("illeggibile")
    expect(page.locator("#waiting")).to_have_text("1 da inviare")
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(page.locator("#queue-words")).to_have_text("Iscrizioni da correggere: 1.")
    expect(page.locator("#problems")).to_contain_text("non è un indirizzo e-mail")
    page.get_by_role("button", name="Correggi").click()
    expect(notice).to_have_count(0)
    page.get_by_label("Indirizzo e-mail").fill("bruna@esempio.it")
    page.get_by_role("button", name="Iscrivi e fai entrare").click()
    expect(page.locator("#waiting")).to_be_hidden()
    eventually(page, Scan.objects.count, 1)
    assert Registration.objects.get().email == "bruna@esempio.it"


def test_walk_in_without_network_keeps_what_she_agreed_to(page, pair, event):
    pair(page)
    page.context.set_offline(True)
    fill_in(page)
    page.get_by_label("Sono d’accordo che foto").check()
    page.get_by_role("button", name="Iscrivi e fai entrare").click()
    expect(page.locator("#answer")).to_have_attribute("data-look", "in")
    expect(page.locator("#answer")).to_contain_text("parte quando c’è rete")
    page.context.set_offline(False)
    expect(page.locator("#waiting")).to_be_hidden()
    eventually(page, Scan.objects.count, 1)
    bruna = Registration.objects.get()
    assert bruna.is_inside
    given = {consent.purpose for consent in bruna.consents.standing()}
    assert given == {"privacy", "photos"}
