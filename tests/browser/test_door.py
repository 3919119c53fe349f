"""A phone at the door: pairing, the camera, the answers, the time without network."""

import io
import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from registrations.documents import qr
from registrations.models import Correction, Registration, Scan
from registrations.services import attendance, devices, tickets
from tests.browser.conftest import eventually
from tests.make import make_device, make_registration, make_running_event, make_scan

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/gestione/checkin/"


TYPE = """(body, text) => {
    for (const key of [...text, "Enter"]) {
        const target = document.activeElement ?? body;
        const isUsed = !target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        if (!isUsed && key.length === 1 && target.matches("input:not([type=radio])")) target.value += key;
    }
}"""

ANSWER = {
    "nonce": "n", "status": "refused", "direction": "in", "name": "Maria Antonietta Bartolomei-Castellani", "group": 12,
    "organisation": "Confederazione delle imprese artigiane", "needsHelp": True, "text": "x", "left": 3,
}  # fmt: skip
REFUSALS = [
    "wrong_event", "online_only", "waiting", "unconfirmed", "cancelled", "replaced", "unknown", "closed", "full",
    "not_in", "invalid",
]  # fmt: skip
LOOKS = [
    {"status": "ok"},
    {"status": "ok", "direction": "out"},
    {"status": "ok", "toCheck": True},
    {"status": "repeated", "reason": "already_in", "since": "2024-05-14T07:12:00Z", "door": "Ingresso"},
    *({"reason": reason} for reason in REFUSALS),
    *({"reason": "unknown", "kind": kind} for kind in ("forged", "foreign")),
    {"status": "review", "reason": "unknown", "isLocal": True},
]


@pytest.fixture
def event(programme, pisa):
    return make_running_event(slug="seminario-pisa", territory=pisa)


@pytest.fixture
def anna(event):
    return make_registration(event, first_name="Anna", last_name="Verdi")


def film(path, *texts):
    """Hand-held tickets before a grey wall, one after the other, as motion JPEG: a fake camera plays it on and on."""
    frames = []
    for text in texts:
        ticket = Image.open(io.BytesIO(qr.png(text))).convert("RGB").resize((300, 300)).rotate(7, fillcolor="gray")
        picture = Image.new("RGB", (640, 480), "gray")
        picture.paste(ticket, (170, 90))
        frame = io.BytesIO()
        picture.save(frame, "JPEG", quality=85)
        frames.append(frame.getvalue() * 130)  # four seconds: longer than the same code is the same scan
    path.write_bytes(b"".join(frames))
    return path


# A welcome goes by itself; here it waits for a machine that does other things besides.
STAYS = """{
    const later = window.setTimeout;
    window.setTimeout = (work, pause, ...more) => later(work, work.name === "hide" ? 60_000 : pause, ...more);
}"""


@pytest.fixture
def pair(event):
    """`pair(page)`: the page as the phone of this event's door, with its list; answers stay until one goes on."""

    def type_code(page, *, stays=True):
        if stays:
            page.add_init_script(STAYS)
        _device, code = devices.create_pairing(events=[event])
        page.goto(PAGE)
        page.get_by_label("Codice di collegamento").fill(code)
        page.get_by_label("Nome di questo telefono").fill("Ingresso")
        page.get_by_role("button", name="Collega").click()
        expect(page.get_by_role("heading", name="Seminario di prova")).to_be_visible()
        page.evaluate("async () => (await import('/static/js/door/door.js')).book.lookAround()")

    return type_code


def check(page, code):
    """Type a code; the answer stays on the screen."""
    page.get_by_role("button", name="Cerca").click()
    field = page.get_by_label("Nome, cognome o codice")
    field.fill(code)
    field.press("Enter")
    expect(page.locator("#answer")).to_be_visible()


def lets_in(page, why="C’è un posto libero"):
    """“Let in all the same”, for a reason in one tap."""
    page.get_by_role("button", name="Fai entrare lo stesso").click()
    page.get_by_role("button", name=why).click()


def goes_on(page):
    page.get_by_role("button", name="Avanti").click()
    expect(page.locator("#answer")).to_be_hidden()


def scans(page, text):
    """A scanner that types: every sign at once, then Enter, wherever the cursor stands."""
    page.locator("body").evaluate(TYPE, text)


def holds_back(page):
    """A line on which the server's answer comes when the test says so: `release()`."""
    held = []
    page.context.route("**/checkin/scans", lambda route: held.append(route))

    def release():
        for route in held:
            route.continue_()
        page.context.unroute("**/checkin/scans")

    return release


def everything_is_said(page):
    """What the phone has to send is sent, and what the server says to it is on the screen."""
    page.evaluate("async () => (await import('/static/js/door/door.js')).book.flush()")


def was_seen(registration, **ago):
    """Another door let her in some time ago."""
    device, _token = make_device(registration.event, name="Porta B")
    with transaction.atomic():
        make_scan(registration, at=timezone.now() - timedelta(**ago), device=device)
        attendance.recompute(registration)


def fill_in(page):
    """The form of somebody who is not registered."""
    page.get_by_role("button", name="Aggiungi").click()
    page.get_by_label("Nome", exact=True).fill("Bruna")
    page.get_by_label("Cognome", exact=True).fill("Neri")
    page.get_by_label("Ho letto").check()


def kept_for_later(page):
    """Wait until the service worker has everything for the time without network."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function(
        "async () => (await caches.keys()).length > 0 && navigator.serviceWorker.controller !== null"
    )


def test_camera_reads_tickets_and_the_whole_screen_answers(launch, open_context, pair, event, anna, tmp_path):
    bruna = make_registration(event, first_name="Bruna", last_name="Neri")
    played = film(tmp_path / "door.mjpeg", tickets.ticket_url(anna), tickets.ticket_url(bruna))
    browser = launch(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={played}",
    )
    page = open_context(browser, permissions=["camera"], reduced_motion="reduce").new_page()
    pair(page)
    answer = page.locator("#answer")
    expect(answer.get_by_role("heading", name="Dentro")).to_be_visible()
    assert answer.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    expect(page.locator("#inside")).to_have_text("2")
    expect(answer.get_by_role("heading", name="Già in sala dalle")).to_be_visible()
    goes_on(page)
    page.evaluate("document.getElementById('video').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))")
    expect(answer).to_be_visible()  # the phone took the camera away, and it was asked for again
    eventually(page, event.scans.filter(status="ok").count, 2)
    page.close()
    assert set(event.scans.filter(status="ok").values_list("registration", flat=True)) == {anna.pk, bruna.pk}
    assert event.scans.filter(status="ok").count() == 2


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


def test_plain_welcome_goes_by_itself_and_can_still_be_taken_back(page, pair, event, anna):
    pair(page, stays=False)
    check(page, anna.code)
    expect(page.locator("#answer")).to_be_hidden()
    page.locator("#last-undo").click()
    eventually(page, Correction.objects.count, 1)
    anna.refresh_from_db()
    assert not anna.is_inside


@pytest.mark.parametrize(
    ("over", "title", "sign"),
    [
        ({"state": "cancelled", "cancelled_at": timezone.now()}, "Biglietto annullato", "#sign-cancelled"),
        ({"state": "waiting", "held_until": timezone.now()}, "In lista d’attesa", "#sign-waiting"),
        ({"mode": "online"}, "Iscrizione online", "#sign-online_only"),
    ],
)
def test_refusal_is_said_and_may_be_overruled_for_a_reason(page, pair, event, over, title, sign):
    event.in_person_capacity = 0
    event.save(update_fields=["in_person_capacity"])
    person = make_registration(event, **over)
    pair(page)
    check(page, person.code)
    answer = page.locator("#answer")
    expect(page.locator("#answer-title")).to_have_text(title)
    expect(page.locator("#answer-sign")).to_have_attribute("href", sign)
    expect(answer).to_have_attribute("data-look", "stop")
    expect(answer).to_contain_text("In sala non ci sono posti liberi.")
    lets_in(page, "Accompagna una persona")
    expect(page.locator("#answer-title")).to_have_text("Dentro")
    eventually(page, Scan.objects.count, 2)
    person.refresh_from_db()
    assert person.is_inside
    assert person.extra_because == "Accompagna una persona che ha bisogno di aiuto"


def test_reason_in_own_words_and_second_thoughts(page, pair, event):
    event.in_person_capacity = 0
    event.save(update_fields=["in_person_capacity"])
    person = make_registration(event, mode="online")
    pair(page)
    check(page, person.code)
    page.get_by_role("button", name="Fai entrare lo stesso").click()
    page.get_by_role("button", name="Indietro").click()
    expect(page.locator("#answer-title")).to_have_text("Iscrizione online")
    page.get_by_role("button", name="Fai entrare lo stesso").click()
    page.get_by_label("Un altro motivo").fill("Aiuta in cucina")
    page.keyboard.press("Enter")
    expect(page.locator("#answer-title")).to_have_text("Dentro")
    eventually(page, Scan.objects.count, 2)
    person.refresh_from_db()
    assert (person.is_inside, person.extra_because) == (True, "Aiuta in cucina")


def test_free_place_in_the_hall_is_given_with_one_tap(page, pair, event):
    person = make_registration(event, mode="online")
    pair(page)
    check(page, person.code)
    page.get_by_role("button", name="Dai un posto in sala").click()
    expect(page.locator("#answer-title")).to_have_text("Dentro")
    eventually(page, Scan.objects.count, 2)
    person.refresh_from_db()
    assert (person.mode, person.is_inside, person.is_extra) == ("in_person", True, False)


def test_person_already_inside_is_said_with_hour_and_door(page, pair, event, anna):
    was_seen(anna, hours=1)
    pair(page)
    check(page, anna.code)
    expect(page.locator("#answer-title")).to_contain_text("Già in sala dalle")
    expect(page.locator("#answer")).to_have_attribute("data-look", "again")
    page.get_by_role("button", name="Segna l’uscita").click()
    expect(page.locator("#answer-title")).to_have_text("Fuori")
    eventually(page, Scan.objects.count, 3)
    anna.refresh_from_db()
    assert not anna.is_inside


def test_unknown_code_leads_to_the_form_and_to_the_search(page, pair, event):
    pair(page)
    check(page, "ABCDEFGH")
    page.locator("[data-action=search]").click()
    expect(page.get_by_label("Nome, cognome o codice")).to_be_focused()
    check(page, "ABCDEFGJ")
    page.get_by_role("button", name="Iscrivi adesso").click()
    expect(page.get_by_label("Nome", exact=True)).to_be_focused()


def test_what_is_no_ticket_is_unknown_and_the_next_scan_works(page, pair, event, anna):
    pair(page)
    for nonsense in ["WIFI:T:WPA;S:Sala;P:segreta;;", "https://example.org/menu", "Q" * 3000, anna.code[:4], "ççç"]:
        scans(page, nonsense)
        expect(page.locator("#answer-title")).to_have_text("Non è un nostro biglietto")
        scans(page, tickets.ticket_url(anna))
        expect(page.locator("#answer-name")).to_have_text("Anna Verdi")
        goes_on(page)
    eventually(page, event.scans.filter(reason="unknown").count, 5)


def test_server_that_knows_better_repaints_the_answer(page, pair, event, anna):
    pair(page)
    release = holds_back(page)
    was_seen(anna, minutes=5)
    scans(page, tickets.ticket_url(anna))
    expect(page.locator("#answer-title")).to_have_text("Dentro")
    release()
    expect(page.locator("#answer-title")).to_contain_text("Già in sala dalle")
    expect(page.locator("#answer")).to_have_attribute("data-look", "again")
    goes_on(page)
    expect(page.locator("#notices button")).to_have_count(0)


def test_server_that_knows_better_afterwards_is_told_until_it_is_seen(page, pair, event, anna):
    pair(page)
    release = holds_back(page)
    was_seen(anna, minutes=5)
    scans(page, tickets.ticket_url(anna))
    expect(page.locator("#answer-title")).to_have_text("Dentro")
    goes_on(page)
    release()
    notice = page.locator("#notices button")
    expect(notice).to_have_text(re.compile(r"Anna Verdi: dentro dalle \d+:\d\d, da Porta B \(un altro ingresso\)"))
    notice.click()
    expect(notice).to_have_count(0)


def test_without_network_the_phone_decides_and_sends_later(page, pair, event, anna):
    gone = make_registration(event, state="cancelled", cancelled_at=timezone.now())
    pair(page)
    kept_for_later(page)
    page.context.set_offline(True)
    page.context.route("**/api/**", lambda route: route.abort())  # a reload may forget the first
    check(page, tickets.ticket_url(anna))
    expect(page.locator("#answer-title")).to_have_text("Dentro")
    goes_on(page)
    expect(page.locator("#waiting")).to_have_text("1 da inviare")
    page.reload()
    expect(page.get_by_role("heading", name="Seminario di prova")).to_be_visible()
    for code, answer in [(anna.code, "Già in sala"), (gone.code, "Biglietto annullato"), ("ABCDEFGH", "Da verificare")]:
        check(page, code)
        expect(page.locator("#answer-title")).to_contain_text(answer)
        goes_on(page)
    expect(page.locator("#waiting")).to_have_text("4 da inviare")
    assert not Scan.objects.exists()
    page.context.unroute("**/api/**")
    page.context.set_offline(False)
    expect(page.locator("#waiting")).to_be_hidden()
    told = Scan.objects.order_by("at").values_list("status", "reason")
    assert list(told) == [("ok", ""), ("repeated", "already_in"), ("refused", "cancelled"), ("refused", "unknown")]
    anna.refresh_from_db()
    assert anna.is_inside
    expect(page.locator("#inside")).to_have_text("1")


@pytest.mark.parametrize("is_offline", [True, False])
def test_forged_ticket_is_said_to_be_one_and_names_nobody(page, pair, event, anna, is_offline):
    pair(page)
    kept_for_later(page)
    page.context.set_offline(is_offline)
    ticket = tickets.ticket_of(anna)
    check(page, f"{ticket[:-5]}AAAA{ticket[-1]}")
    expect(page.locator("#answer-title")).to_have_text("Biglietto falso o rovinato")
    expect(page.locator("#answer-hint")).to_contain_text("documento")
    if not is_offline:
        eventually(page, Scan.objects.count, 1)
        everything_is_said(page)
        expect(page.locator("#answer-title")).to_have_text("Biglietto falso o rovinato")
    expect(page.locator("#answer-name")).to_be_hidden()
    expect(page.locator("#answer")).not_to_contain_text("Verdi")
    page.get_by_role("button", name="Cerca il nome").click()
    expect(page.get_by_label("Nome, cognome o codice")).to_have_value("")


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


def test_place_that_is_kept_is_given_though_no_other_is_free(page, pair, event):
    bruna = make_registration(event, first_name="Bruna", state="pending", held_until=timezone.now())
    event.in_person_capacity = event.in_person_taken = 1
    event.save(update_fields=["in_person_capacity", "in_person_taken"])
    pair(page)
    check(page, bruna.code)
    expect(page.locator("#answer-hint")).to_contain_text("posto riservato")
    expect(page.locator("#answer-hint")).not_to_contain_text("non ci sono posti")
    page.get_by_role("button", name="Dai un posto in sala").click()
    expect(page.locator("#answer-title")).to_have_text("Dentro")
    eventually(page, Scan.objects.count, 2)
    bruna.refresh_from_db()
    assert (bruna.state, bruna.is_inside, bruna.is_extra) == ("confirmed", True, False)


def test_exit_without_an_entrance_is_a_question_no_stop(page, pair, anna):
    pair(page)
    page.get_by_role("radio", name="Uscita").check()
    check(page, anna.code)
    expect(page.locator("#answer")).to_have_attribute("data-look", "again")
    expect(page.locator("#answer-stop")).to_be_hidden()


@pytest.mark.parametrize("size", [(320, 640), (320, 480)])
def test_nothing_is_cut_off_on_the_smallest_phone(page, pair, event, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    long = make_registration(event, first_name="Maria Antonietta", last_name="Bartolomei-Castellani")
    pair(page)
    page.context.route("**/api/**", lambda route: route.abort())
    fits = "() => [document.scrollingElement, document.getElementById('door')].every((one) => one.scrollWidth <= 320)"
    check(page, long.code)
    goes_on(page)
    expect(page.locator("#last-undo")).to_be_in_viewport(ratio=1)
    for tab in ["Cerca", "Aggiungi", "Leggi"]:
        page.get_by_role("button", name=tab).click()
        assert page.evaluate(fits)
    begins_paper_list(page)
    page.get_by_role("button", name="Comincia").click()
    assert page.evaluate(fits)
    expect(page.locator("#paper-end")).to_be_in_viewport(ratio=1)
    expect(page.locator("#paper-time")).to_be_in_viewport(ratio=1)


def test_header_and_menu_count_the_same_people(page, pair, event, anna):
    make_registration(event, mode="online")
    pair(page)
    expect(page.locator(".counts")).to_contain_text("1 attese")
    page.get_by_role("button", name="Menu").click()
    expect(page.locator("#phone")).to_contain_text("1 attese")


def test_walk_in_is_registered_in_half_a_minute_and_undone(page, pair, event, cast):
    pair(page)
    page.get_by_role("button", name="Aggiungi").click()
    page.get_by_label("Nome", exact=True).fill("Bruna")
    page.get_by_label("Cognome", exact=True).fill("Neri")
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


def test_walk_in_beyond_the_places_needs_a_reason(page, pair, event):
    event.in_person_capacity = 0
    event.save(update_fields=["in_person_capacity"])
    pair(page)
    fill_in(page)
    page.get_by_role("button", name="Iscrivi e fai entrare").click()
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
    event.in_person_capacity = 0
    event.save(update_fields=["in_person_capacity"])
    pair(page)
    fill_in(page)
    page.get_by_role("button", name="Iscrivi e fai entrare").click()
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


def begins_paper_list(page):
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Inserisci un elenco di carta").click()


@pytest.mark.parametrize("tab", ["Cerca", "Aggiungi"])
def test_paper_list_is_asked_for_from_every_tab(page, pair, event, tab):
    pair(page)
    page.get_by_role("button", name=tab).click()
    begins_paper_list(page)
    expect(page.get_by_label("Che ora c’è scritta")).to_be_visible()
    page.get_by_role("button", name="Comincia").click()
    expect(page.locator("#paper")).to_be_visible()


def test_paper_list_is_entered_with_the_hour_and_the_way_of_each_row(page, pair, event, anna):
    bruna = make_registration(event, first_name="Bruna", last_name="Neri")
    online = make_registration(event, first_name="Carlo", last_name="Blu", mode="online")
    pair(page)
    begins_paper_list(page)
    begins = timezone.localtime(event.starts_at).replace(second=0, microsecond=0)
    expect(page.get_by_label("Che ora c’è scritta")).to_have_value(f"{begins:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Comincia").click()
    time = page.get_by_label("Ora della prossima riga")
    expect(time).to_have_value(f"{begins:%H:%M}")
    for person in [anna, bruna, online]:
        scans(page, person.code)
    rows = page.locator("#paper-rows li")
    expect(rows).to_have_count(3)
    expect(page.locator("#answer")).to_be_hidden()
    expect(page.locator("#paper-count")).to_have_text("2 persone inserite")
    expect(rows.first).to_contain_text("Iscrizione online")
    page.locator("#paper-rows li", has_text="Bruna Neri").get_by_role("button", name="Annulla").click()
    expect(page.locator("#paper-count")).to_have_text("1 persona inserita")
    later = begins + timedelta(minutes=3)
    time.fill(f"{later:%H:%M}")
    page.get_by_role("radio", name="Uscita").check()
    scans(page, anna.code)
    expect(rows.first).to_contain_text(f"Uscita alle {later:%H:%M}")
    eventually(page, Scan.objects.count, 4)
    told = anna.scans.order_by("at").values_list("source", "direction", "at")
    assert list(told) == [("paper", "in", begins), ("paper", "out", later)]
    bruna.refresh_from_db()
    assert bruna.entered_at is None
    page.get_by_role("button", name="Fine").click()
    expect(page.get_by_role("button", name="Aggiungi")).to_be_visible()
    expect(page.get_by_role("radio", name="Entrata")).to_be_checked()


def test_paper_row_without_a_time_that_has_passed_is_not_entered(page, pair, event, anna):
    pair(page)
    begins_paper_list(page)
    page.get_by_role("button", name="Comincia").click()
    page.get_by_label("Ora della prossima riga").fill("")
    scans(page, anna.code)
    expect(page.locator("#paper-time-note")).to_be_visible()
    expect(page.get_by_label("Ora della prossima riga")).to_be_focused()
    assert not Scan.objects.exists()


def test_every_look_is_accessible_and_fits(page, pair, axe, event):
    pair(page)
    page.evaluate("async () => { window.answers = await import('/static/js/door/answer.js'); }")
    for width, height in [(320, 640), (390, 844), (844, 390)]:
        page.set_viewport_size({"width": width, "height": height})
        for over in LOOKS:
            page.evaluate("answer => answers.show(answer)", ANSWER | over)
            expect(page.get_by_role("button", name="Avanti")).to_be_in_viewport()
            assert page.evaluate("document.getElementById('answer').scrollWidth <= innerWidth")
            if width == 390:
                axe(page)
    expect(page.locator("#answer-sign")).to_have_attribute("href", "#sign-ask")


def test_signs_sounds_and_shakes_of_the_looks_differ(page, programme):
    page.goto(PAGE)
    told = page.evaluate(
        """async (answers) => {
            const { lookOf, signOf, titleOf } = await import("/static/js/door/telling.js");
            return answers.map((one) => [lookOf(one), signOf(one), titleOf(one, null)]);
        }""",
        [ANSWER | over for over in LOOKS],
    )
    assert {look for look, _sign, _title in told} == {"in", "out", "check", "again", "stop", "ask"}
    assert all(page.locator(f"#sign-{sign}").count() == 1 for _look, sign, _title in told)
    assert all(title for _look, _sign, title in told)
    assert len({title for _look, _sign, title in told}) == len(told)
    shakes = "async () => Object.values((await import('/static/js/door/signals.js')).SHAKES).map(String)"
    patterns = page.evaluate(shakes)
    assert len(set(patterns)) == len(patterns)


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


def test_undone_without_network_is_undone_later(page, pair, anna):
    pair(page)
    kept_for_later(page)
    page.context.set_offline(True)
    check(page, anna.code)
    page.locator("[data-action=undo]").click()
    expect(page.locator("#waiting")).to_have_text("2 da inviare")
    page.context.set_offline(False)
    expect(page.locator("#waiting")).to_be_hidden()
    anna.refresh_from_db()
    assert not anna.is_inside
    assert anna.scans.get().corrections.get().kind == Correction.Kind.ANNULLED


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


def test_every_screen_is_accessible(page, pair, axe, event, anna):
    page.goto(PAGE)
    expect(page.get_by_label("Codice di collegamento")).to_be_visible()
    axe(page)
    pair(page)
    axe(page)
    page.get_by_role("button", name="Aggiungi").click()
    axe(page)
    page.get_by_role("button", name="Menu").click()
    axe(page)
    page.get_by_role("button", name="Chiudi").click()
    for code in [anna.code, anna.code, "ABCDEFGH"]:
        check(page, code)
        axe(page)
        page.keyboard.press("Escape")
        expect(page.locator("#answer")).to_be_hidden()
    axe(page)


def test_desks_page_of_phones_is_accessible(page, log_in, axe, cast, event):
    log_in(page, cast.piero)
    page.goto("/gestione/eventi/seminario-pisa/telefoni/")
    page.get_by_label("Nome").fill("Ingresso")
    page.get_by_role("button", name="Crea un codice").click()
    expect(page.get_by_role("heading", name="Collega il telefono")).to_be_visible()
    axe(page)
