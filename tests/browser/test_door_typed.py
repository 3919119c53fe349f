"""What is typed at the door, by a person or by a scanner: codes, names, and what is neither."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from registrations.models import Scan
from registrations.services import phones, tickets
from tests.browser.conftest import eventually
from tests.browser.door import PAGE, TYPE, Phone, check, everything_is_said, goes_on, scans
from tests.make import make_registration

pytestmark = pytest.mark.django_db(transaction=True)


def test_scanner_that_types_is_heard_wherever_the_cursor_stands(page, pair, event, anna):
    pair(page)
    page.get_by_role("button", name="Aggiungi").click()
    page.get_by_label("Organizzazione").fill("Comune di Lucca")
    scans(page, f"]Q1{tickets.ticket_url(anna)}")
    expect(page.locator("#answer-name")).to_have_text("Anna Verdi")
    scans(page, tickets.ticket_url(anna))  # within three seconds: the same scan
    everything_is_said(page)
    expect(page.locator("#answer-title")).to_have_text("Dentro")
    assert page.get_by_label("Organizzazione").input_value() == "Comune di Lucca"
    assert event.scans.count() == 1


def test_person_who_types_is_not_taken_for_a_scanner(page, pair, event, anna):
    pair(page)
    page.get_by_role("button", name="Aggiungi").click()
    page.get_by_label("Nome", exact=True).press_sequentially("Annamaria", delay=80)
    page.keyboard.press("Enter")
    expect(page.locator("#walk-in-note")).to_be_visible()
    assert page.get_by_label("Nome", exact=True).input_value() == "Annamaria"
    assert not Scan.objects.exists()


def test_scanner_set_to_another_keyboard_is_understood(page, programme, anna):
    page.goto(PAGE)
    address = tickets.ticket_url(anna)
    typed = {us: italian for italian, us in zip("ç-'?_ì", ":/-_?=", strict=True)}
    cases = ["".join(typed.get(sign, sign) for sign in address), f"+Q1{address}".translate(str.maketrans(typed))]
    cases += [f"]C1{address}", address.swapcase(), address]
    clean = (
        """async (cases) => { const { clean } = await import("/static/js/door/wedge.js"); return cases.map(clean); }"""
    )
    assert page.evaluate(clean, cases) == [address] * len(cases)
    ticket = tickets.ticket_of(anna)
    lost = [f"/{ticket}", f"t/{ticket}", ticket, f"https://x{address}"]
    assert page.evaluate(clean, lost) == [ticket, ticket, ticket, f"https://x{address}"]
    assert page.evaluate(clean, ["WIFI:S:Sala;;", "ABCD'EFGH"]) == ["WIFI:S:Sala;;", "ABCD'EFGH"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ni", []), ("nic", ["Niccolò D’Alessandro"]), ("dalessandro NICCOLO", ["Niccolò D’Alessandro"]),
        ("d'ales", ["Niccolò D’Alessandro"]), ("d ales nico", []), ("soren", ["Søren Łukasz"]),
        ("lukasz", ["Søren Łukasz"]), ("rossibianchi", ["Zoë Rossi-Bianchi"]), ("zoe rossi", ["Zoë Rossi-Bianchi"]),
    ],
)  # fmt: skip
def test_names_are_found_from_the_third_letter(page, programme, typed, found):
    page.goto(PAGE)
    people = [{"code": "A", "name": name} for name in ["Niccolò D’Alessandro", "Søren Łukasz", "Zoë Rossi-Bianchi"]]
    look = """async ({ people, typed }) => {
        const { matching } = await import("/static/js/door/search.js");
        return typed.length < 3 ? [] : matching(people, typed).map((person) => person.name);
    }"""
    assert page.evaluate(look, {"people": people, "typed": typed}) == found


def test_code_of_a_cancelled_ticket_can_be_checked_and_a_short_one_is_counted(page, pair, event):
    gone = make_registration(event, state="cancelled", cancelled_at=timezone.now())
    pair(page)
    page.get_by_role("button", name="Cerca").click()
    field = page.get_by_label("Nome, cognome o codice")
    field.fill(gone.code[:6])
    expect(page.locator("#found-note")).to_have_text("Al codice mancano 2 caratteri: sono otto.")
    field.fill(gone.code[:7])
    expect(page.locator("#found-note")).to_have_text("Al codice manca un carattere: sono otto.")
    field.fill(gone.code.lower())
    page.get_by_role("button", name="Verifica il codice").click()
    expect(page.locator("#answer-title")).to_have_text("Biglietto annullato")
    expect(page.locator("#answer-hint")).to_have_text(re.compile("Questa iscrizione è stata annullata"))


def test_unknown_code_leads_to_the_form_and_to_the_search(page, pair, event):
    pair(page)
    check(page, "ABCDEFGH")
    page.locator("[data-action=search]").click()
    expect(page.get_by_label("Nome, cognome o codice")).to_be_focused()
    check(page, "ABCDEFGJ")
    page.get_by_role("button", name="Iscrivi adesso").click()
    expect(page.get_by_label("Nome", exact=True)).to_be_focused()


def test_who_is_not_found_is_added_with_the_words_written(page, pair, event, anna):
    make_registration(event, first_name="Łucja", last_name="Żółkiewska", organisation="CNA")
    pair(page)
    page.get_by_role("button", name="Cerca").click()
    page.get_by_label("Nome, cognome o codice").fill("ann")
    expect(page.locator("#found button")).to_have_text(["Anna VerdiOfficine Verdi"])
    page.get_by_label("Nome, cognome o codice").fill("Bruna De Neri")
    page.get_by_role("button", name="Aggiungi «Bruna De Neri»").click()
    expect(page.locator("#first-name")).to_have_value("Bruna")
    expect(page.locator("#last-name")).to_have_value("De Neri")
    expect(page.locator("#alike")).to_be_hidden()


def test_what_is_no_ticket_is_unknown_and_the_next_scan_works(page, pair, event, anna):
    pair(page)
    for nonsense in ["WIFI:T:WPA;S:Sala;P:segreta;;", "https://example.org/menu", "Q" * 3000, anna.code[:4], "ççç"]:
        scans(page, nonsense)
        expect(page.locator("#answer-title")).to_have_text("Non è un nostro biglietto")
        scans(page, tickets.ticket_url(anna))
        expect(page.locator("#answer-name")).to_have_text("Anna Verdi")
        goes_on(page)
    eventually(page, event.scans.filter(reason="unknown").count, 5)


def test_ticket_that_came_in_part_is_no_stop_and_no_fact(page, pair, event, anna):
    pair(page)
    page.get_by_role("button", name="Aggiungi").click()
    page.get_by_label("Organizzazione").fill("Comune di Lucca")
    address, ticket = tickets.ticket_url(anna), tickets.ticket_of(anna)
    for part in [address[: len(address) // 2], ticket[:60], ticket[30:], f"/{ticket[:-1]}"]:
        scans(page, part)
        expect(page.locator("#answer-title")).to_have_text("Letto solo in parte")
        expect(page.locator("#answer")).to_have_attribute("data-look", "ask")
        page.get_by_role("button", name="Inquadra di nuovo").click()
    assert page.get_by_label("Organizzazione").input_value() == "Comune di Lucca"
    scans(page, f"/{ticket}")
    expect(page.locator("#answer-name")).to_have_text("Anna Verdi")
    everything_is_said(page)
    assert list(event.scans.values_list("status", "registration")) == [("ok", anna.pk)]


def test_scan_that_a_busy_phone_tears_in_two_or_that_comes_before_the_door_is_there(page, event, anna):
    bruna = make_registration(event, first_name="Bruna", last_name="Neri")
    phone = Phone(page, event)
    phone.sync()
    held = []
    page.route("**/js/door/door.js", lambda route: held.append(route), times=1)
    page.reload(wait_until="commit")
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some((one) => one.name.endsWith('/js/door/wedge.js'))"
    )
    page.wait_for_timeout(300)
    scans(page, tickets.ticket_url(anna))
    for route in held:
        route.continue_()
    expect(page.locator("#answer-name")).to_have_text("Anna Verdi")
    goes_on(page)
    address = tickets.ticket_url(bruna)
    page.locator("body").evaluate(TYPE.replace(', "Enter"', ""), address[:70])
    page.wait_for_timeout(400)
    scans(page, address[70:])
    expect(page.locator("#answer-name")).to_have_text("Bruna Neri")


def test_without_camera_codes_and_names_still_work(page, pair, event, anna):
    make_registration(event, first_name="Niccolò", last_name="D’Alessandro")
    pair(page)
    expect(page.locator("#camera-note")).to_contain_text("Cerca per nome")
    check(page, anna.code.lower())
    expect(page.locator("#answer-title")).to_have_text("Dentro")
    goes_on(page)
    page.get_by_label("Nome, cognome o codice").fill("alessandro nicco")
    page.get_by_role("button", name="Niccolò D’Alessandro").click()
    expect(page.locator("#answer-name")).to_have_text("Niccolò D’Alessandro")
    goes_on(page)
    page.get_by_role("radio", name="Uscita").check()
    check(page, anna.code)
    expect(page.locator("#answer-title")).to_have_text("Fuori")
    eventually(page, Scan.objects.count, 3)
    anna.refresh_from_db()
    assert anna.entered_at
    assert not anna.is_inside


def test_header_and_menu_count_the_same_people(page, pair, event, anna):
    make_registration(event, mode="online")
    pair(page)
    expect(page.locator(".counts")).to_contain_text("Iscrizioni 1")
    phones.rename(device=event.devices.get(), name="Ingresso laterale")
    page.evaluate("async () => (await import('/static/js/door/door.js')).book.lookAround()")
    page.get_by_role("button", name="Menu").click()
    expect(page.locator("#phone")).to_contain_text("Ingresso laterale · Iscrizioni in presenza: 1")
