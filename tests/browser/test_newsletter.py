"""The third journey: a comms person writes, schedules and watches a newsletter; readers subscribe and leave.

Where two people must agree, one writes and the other lets it leave, stops it on its way, and puts a mistake right.
"""

import email
import re
from datetime import timedelta
from email.policy import default

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from mail.models import Delivery, Message
from mail.services import sending as outbox
from newsletters.models import Newsletter, Subscription
from newsletters.services import approving, scheduling, sending
from tests.browser.conftest import BUSY, DESKTOP
from tests.make import make_image, make_newsletter, make_subscription

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


@pytest.fixture
def luglio(programme, pisa, lucca):
    for territory in (pisa, pisa, lucca):
        make_subscription(programme, territory=territory)
    make_subscription(programme, territory=lucca, state="pending", confirmed_at=None)
    return make_newsletter(programme, slug="luglio")


def test_newsletter_from_the_first_word_to_the_last_copy(desktop_page, log_in, cast, luglio, axe):
    page = desktop_page
    log_in(page, cast.nora)
    page.goto("/gestione/")
    page.get_by_role("link", name=re.compile("aspetta di essere programmata")).click()
    phone = page.frame_locator("#preview")
    expect(phone.get_by_role("heading", name="Le notizie di luglio")).to_be_visible()
    axe(page)

    steps_back = page.evaluate("history.length")
    page.get_by_label("Testo").first.fill("Ciao %%first_name%%,\n\n## A Pisa\n\nSiamo in **ottanta**.")
    expect(phone.get_by_role("heading", name="A Pisa")).to_be_visible()
    expect(phone.get_by_text("Ciao Nora,")).to_be_visible()
    assert page.evaluate("history.length") == steps_back

    expect(page.locator("#reach")).to_contain_text("3 persone")
    page.get_by_text("Solo ad alcune persone").click()
    page.get_by_label("Lucca").check()
    expect(page.locator("#reach")).to_contain_text("1 persona")
    expect(page.locator("#reach")).to_contain_text("1 esclusa")

    page.get_by_label("Giorno").fill(f"{timezone.localdate() + timedelta(days=2):%Y-%m-%d}")
    page.get_by_label("Ora", exact=True).fill("09:00")
    page.get_by_role("button", name="Programma", exact=True).click()
    expect(page.locator("#reach")).to_contain_text("alle 9:00 (ora italiana) a 1 persona")
    axe(page)

    page.get_by_text("Invia subito…").click()
    page.get_by_role("button", name="Sì, invia subito").click()
    expect(page.get_by_text("Parte entro mezzo minuto.")).to_be_visible()
    sending.dispatch_due()
    page.reload()
    expect(page.get_by_text("Spedite 0 su 1.")).to_be_visible()
    outbox.drain(seconds=BUSY)
    expect(page.get_by_text("Spedite 1 su 1.")).to_be_visible()
    sending.finish_sent()
    expect(page.locator("[aria-current=step]")).to_have_text("Spedita")
    axe(page)
    assert Delivery.objects.get(state="sent").message.text.count("A Pisa") == 1


def test_newsletter_of_two_people_is_stopped_corrected_and_reaches_everybody(
    browser, open_context, log_in, cast, luglio, axe, sink
):
    approving.set_rules(programme=luglio.programme, needs_approval=True, ask_after_hours=2)
    nora, carla = (open_context(browser, viewport=DESKTOP).new_page() for _person in range(2))
    log_in(nora, cast.nora)
    log_in(carla, cast.carla)
    write_with_a_block_and_a_picture(nora)
    nora.get_by_role("link", name="Che cosa succede, la lista di controllo").click()
    nora.get_by_role("button", name="Segna come controllata").click()
    expect(nora.get_by_text("Controllata: nulla la trattiene.")).to_be_visible()
    expect(nora.get_by_text("Non può essere chi l’ha scritta")).to_be_visible()
    axe(nora)

    carla.goto("/gestione/newsletter/luglio/prima/")
    carla.get_by_role("button", name="L’ho letta: approvo").click()
    carla.get_by_label("Giorno").fill(f"{timezone.localdate() + timedelta(days=2):%Y-%m-%d}")
    carla.get_by_label("Ora", exact=True).fill("09:00")
    carla.get_by_role("button", name="Programma", exact=True).click()
    expect(carla.get_by_text("Programmata: parte da sola.")).to_be_visible()
    axe(carla)

    Newsletter.objects.update(send_at=timezone.now() - timedelta(minutes=1))  # two days later
    sending.dispatch_due()
    sink.seconds = 0.6  # so that one leaves, and the sender looks up
    outbox.drain(seconds=0.1)
    carla.goto("/gestione/newsletter/luglio/invio/")
    expect(carla.get_by_text("Spedite 1 su 3.")).to_be_visible()
    carla.get_by_role("button", name="Metti in pausa").click()
    expect(carla.get_by_text("In pausa.")).to_be_visible()
    sink.seconds = 0
    assert outbox.drain(seconds=1) is False
    put_right(carla, axe)

    last = Delivery.objects.filter(state="pending").order_by("-pk").first()
    sink.answers[last.email] = "552 5.2.2 mailbox full"
    expect(carla.get_by_role("button", name="Riprendi")).to_have_count(0)
    nora.goto("/gestione/newsletter/luglio/invio/")
    expect(nora.locator("[aria-current=step]")).to_have_text("Ferma: correzione da approvare")
    axe(nora)
    nora.get_by_role("button", name="L’ho letta: approvo").click()
    expect(nora.get_by_text("Approvata: ora può riprendere.")).to_be_visible()
    carla.reload()
    carla.get_by_role("button", name="Riprendi").click()
    outbox.drain(seconds=BUSY)
    sending.finish_sent()
    carla.reload()
    expect(carla.get_by_text("Spedite 2 su 3.")).to_be_visible()
    expect(carla.locator("[aria-current=step]")).to_have_text("Spedita")
    expect(carla.get_by_text("mailbox full")).to_be_visible()
    axe(carla)

    sink.answers.clear()
    carla.get_by_role("button", name="Riprova con 1 persona").click()
    outbox.drain(seconds=BUSY)
    sending.finish_sent()
    carla.reload()
    expect(carla.get_by_text("Spedite 3 su 3.")).to_be_visible()
    assert len({mail.to[0] for mail in sink.mails}) == len(sink.mails) == 3
    subjects = [email.message_from_bytes(mail.content, policy=default)["Subject"] for mail in sink.mails]
    assert subjects == ["Le notizie di luglio", "Le notizie, corrette", "Le notizie, corrette"]


def write_with_a_block_and_a_picture(page):
    page.goto("/gestione/newsletter/luglio/")
    phone = page.frame_locator("#preview")
    page.get_by_label("Testo").first.fill("Ciao %%first_name%%, eravamo in **ottanta**.\n\n")
    page.get_by_role("button", name="Partner", exact=True).first.click()
    expect(phone.get_by_text("Confartigianato Imprese Toscana").first).to_be_visible()
    page.get_by_role("link", name="Immagine", exact=True).first.click()
    page.get_by_label("Immagine", exact=True).set_input_files(
        {"name": "tavolo.jpg", "mimeType": "image/jpeg", "buffer": make_image()}
    )
    page.get_by_label("Che cosa mostra l’immagine").fill("Un tavolo a Pisa")
    page.get_by_role("button", name="Aggiungi", exact=True).click()
    page.get_by_role("button", name="Metti nel testo").click()
    expect(phone.get_by_role("img", name="Un tavolo a Pisa")).to_be_visible()
    page.get_by_role("button", name="Salva", exact=True).click()
    expect(page.get_by_text("Salvato.")).to_be_visible()


def put_right(page, axe):
    page.get_by_role("link", name="Correggi un errore").click()
    axe(page)
    page.get_by_label("Che cosa hai corretto").fill("Il seminario è a Lucca.")
    page.get_by_label("Oggetto (Italiano)").fill("Le notizie, corrette")
    page.get_by_role("button", name="Correggi", exact=True).click()
    expect(page.get_by_text("hanno il testo dopo la correzione 1")).to_be_visible()
    axe(page)


def test_newsletter_on_a_phone_without_scripts(browser, open_context, log_in, cast, luglio):
    page = open_context(browser, java_script_enabled=False).new_page()
    log_in(page, cast.nora)
    page.goto("/gestione/newsletter/luglio/")
    page.get_by_label("Oggetto").first.fill("Senza script")
    page.get_by_role("button", name="Aggiorna").click()
    expect(page.frame_locator("#preview").get_by_role("heading", name="Senza script")).to_be_visible()
    page.get_by_role("button", name="Salva", exact=True).click()
    expect(page.get_by_text("Salvato.")).to_be_visible()
    assert str(Newsletter.objects.get().subject) == "Senza script"


@pytest.mark.parametrize("scripts", [True, False])
def test_reader_subscribes_confirms_and_leaves(browser, open_context, programme, axe, scripts):
    page = open_context(browser, java_script_enabled=scripts).new_page()

    def check():
        if scripts:
            axe(page)

    page.goto("/newsletter/iscriviti/")
    check()
    page.get_by_label("Indirizzo e-mail").fill("anna@example.org")
    page.get_by_role("button", name="Iscriviti").click()
    expect(page.get_by_role("heading", name="Controlla la posta")).to_be_visible()
    check()
    subscription = Subscription.objects.get()
    page.goto(re.search(r"/newsletter/conferma/\S+/", Message.objects.get().text).group())
    check()
    page.get_by_role("button", name="Conferma").click()
    page.get_by_role("link", name="Scegli la tua provincia").click()
    check()
    page.get_by_role("button", name="Disiscriviti").click()
    expect(page.get_by_role("heading", name=re.compile("Fatto"))).to_be_visible()
    check()
    subscription.refresh_from_db()
    assert subscription.state == "ended"


def test_newsletter_pages_are_accessible(page, programme, luglio, axe, log_in, cast):
    make_subscription(programme, language="en")
    scheduling.send_now(newsletter=luglio)
    sending.dispatch_due()
    for address in ("/newsletter/", "/newsletter/luglio/", "/en/newsletter/luglio/"):
        page.goto(address)
        axe(page)
    log_in(page, cast.nora)
    make_newsletter(programme, slug="agosto")
    for address in ("", "nuova/", "agosto/", "luglio/invio/"):
        page.goto("/gestione/newsletter/" + address)
        axe(page)
