"""A phone at the door: pairing, the camera, the answers, the time without network."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from registrations.documents import qr
from registrations.models import Registration, Scan
from registrations.services import devices, tickets
from tests.make import make_registration, make_running_event

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/gestione/checkin/"


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
        frames.append(frame.getvalue() * 40)
    path.write_bytes(b"".join(frames))
    return path


@pytest.fixture
def pair(event):
    """`pair(page)`: the page as the phone of this event's door."""

    def type_code(page):
        _device, code = devices.create_pairing(events=[event])
        page.goto(PAGE, timeout=30_000)  # the first page of a run wakes everything up
        page.get_by_label("Codice di collegamento").fill(code)
        page.get_by_label("Nome di questo telefono").fill("Ingresso")
        page.get_by_role("button", name="Collega").click()
        expect(page.get_by_role("heading", name="Seminario di prova")).to_be_visible()
        page.wait_for_load_state("networkidle")

    return type_code


def check(page, code):
    """Type a code; the answer stays on the screen."""
    page.get_by_role("button", name="Cerca").click()
    field = page.get_by_label("Nome, cognome o codice")
    field.fill(code)
    field.press("Enter")
    expect(page.locator("#answer")).to_be_visible()


def goes_on(page):
    page.get_by_role("button", name="Avanti").click()
    expect(page.locator("#answer")).to_be_hidden()


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
    anna.refresh_from_db()
    assert not anna.is_inside


@pytest.mark.parametrize(
    ("over", "title"),
    [
        ({"state": "cancelled", "cancelled_at": timezone.now()}, "Biglietto annullato"),
        ({"state": "waiting", "held_until": timezone.now()}, "In lista d"),
        ({"mode": "online"}, "Iscrizione online"),
    ],
)
def test_refusal_is_said_and_may_be_overruled(page, pair, event, over, title):
    person = make_registration(event, **over)
    pair(page)
    check(page, person.code)
    expect(page.locator("#answer-title")).to_contain_text(title)
    assert page.locator("#answer").get_attribute("data-status") == "refused"
    page.get_by_role("button", name="Fai entrare lo stesso").click()
    expect(page.locator("#answer-title")).to_have_text("Dentro")
    person.refresh_from_db()
    assert person.is_inside


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


def test_forged_ticket_is_known_without_network(page, pair, anna):
    pair(page)
    kept_for_later(page)
    page.context.set_offline(True)
    ticket = tickets.ticket_of(anna)
    check(page, f"{ticket[:-5]}AAAA{ticket[-1]}")
    expect(page.locator("#answer-title")).to_have_text("Biglietto sconosciuto")


def test_walk_in_is_registered_in_half_a_minute_and_undone(page, pair, event, cast):
    pair(page)
    page.get_by_role("button", name="Aggiungi").click()
    page.get_by_label("Nome", exact=True).fill("Bruna")
    page.get_by_label("Cognome", exact=True).fill("Neri")
    page.get_by_role("button", name="Iscrivi e fai entrare").click()
    expect(page.locator("#walk-in-note")).to_contain_text("informativa")
    assert not Registration.objects.exists()
    page.get_by_label("Ho letto").check()
    page.get_by_role("button", name="Iscrivi e fai entrare").click()
    expect(page.locator("#answer-name")).to_have_text("Bruna Neri")
    bruna = Registration.objects.get()
    assert bruna.is_inside
    page.locator("#answer-undo").click()
    expect(page.locator("#inside")).to_have_text("0")
    expect(page.locator("#waiting")).to_be_hidden()
    bruna.refresh_from_db()
    assert not bruna.is_inside


def test_revoked_phone_forgets_everything(page, pair, event, anna):
    pair(page)
    devices.revoke(device=event.devices.get())
    page.get_by_role("button", name="Cerca").click()
    page.get_by_label("Nome, cognome o codice").fill(anna.code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Questo telefono è stato scollegato")
    page.reload()
    expect(page.get_by_label("Codice di collegamento")).to_be_visible()
    assert list(Scan.objects.values_list("status", "reason")) == [("review", "revoked")]


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
    page.locator("#answer-undo").click()
    expect(page.locator("#waiting")).to_have_text("2 da inviare")
    page.context.set_offline(False)
    expect(page.locator("#waiting")).to_be_hidden()
    anna.refresh_from_db()
    assert not anna.is_inside
    assert anna.scans.get().corrections.get().kind == "annulled"


def test_one_tap_pairs_the_phone_of_who_is_logged_in(page, log_in, cast, event):
    log_in(page, cast.dora)
    page.goto(PAGE)
    page.get_by_role("button", name="Usa questo telefono all’ingresso").click()
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
        goes_on(page)
    axe(page)


def test_desks_page_of_phones_is_accessible(page, log_in, axe, cast, event):
    log_in(page, cast.piero)
    page.goto("/gestione/eventi/seminario-pisa/telefoni/")
    page.get_by_label("Nome").fill("Ingresso")
    page.get_by_role("button", name="Crea un codice").click()
    expect(page.get_by_role("heading", name="Collega il telefono")).to_be_visible()
    axe(page)
