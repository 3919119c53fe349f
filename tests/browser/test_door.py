"""A phone at the door: the camera, the answers, what is said against them, the time without network."""

import io
import re

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from registrations.documents import qr
from registrations.models import Correction, Scan
from registrations.services import tickets
from tests.browser.conftest import eventually
from tests.browser.door import check, everything_is_said, goes_on, holds_back, kept_for_later, lets_in, scans, was_seen
from tests.make import make_registration

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_plain_welcome_goes_by_itself_and_can_still_be_taken_back(page, pair, event, anna):
    pair(page, stays=False)
    check(page, anna.code)
    expect(page.locator("#answer")).to_be_hidden()
    page.locator("#last-undo").click()
    eventually(page, Correction.objects.count, 1)
    anna.refresh_from_db()
    assert not anna.is_inside
    expect(page.locator("#last-words")).to_have_text("Entrata di Anna Verdi tolta")
    expect(page.locator("#said")).to_have_text("Entrata di Anna Verdi tolta")
    page.get_by_role("button", name="Rimetti").click()
    expect(page.locator("#answer-title")).to_have_text("Dentro")
    eventually(page, event.scans.filter(status="ok").count, 2)
    anna.refresh_from_db()
    assert anna.is_inside


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
