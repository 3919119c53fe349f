"""The third journey: a comms person writes, schedules and watches a newsletter; readers subscribe and leave."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from mail.models import Delivery, Message
from mail.services import sending as outbox
from newsletters.models import Newsletter, Subscription
from newsletters.services import scheduling, sending
from tests.make import make_newsletter, make_subscription

pytestmark = pytest.mark.django_db(transaction=True)


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
    outbox.drain(seconds=5)
    expect(page.get_by_text("Spedite 1 su 1.")).to_be_visible()
    sending.finish_sent()
    expect(page.locator("[aria-current=step]")).to_have_text("Spedita")
    axe(page)
    assert Delivery.objects.get(state="sent").message.text.count("A Pisa") == 1


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
