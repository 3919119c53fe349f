"""The staff's mail pages on a bad day: a stopped relay, messages in doubt, a sender that is not in order."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from mail.models import Delivery, Route
from mail.services import routes
from tests.browser.conftest import DESKTOP, PHONE
from tests.mail.test_deliverability import DOMAIN, names  # noqa: F401 (a fixture)
from tests.mail.test_doubts import in_doubt

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


@pytest.fixture
def bad_day(programme, cast, names):  # noqa: F811
    in_doubt(1)
    in_doubt(2, reason="timed out")
    names.text(DOMAIN, "v=spf1 -all")
    names.zone[f"_dmarc.{DOMAIN}", "TXT"] = []
    names.zone[f"convivio2026._domainkey.{DOMAIN}", "TXT"] = []
    now = timezone.now()
    for domain in ("", "libero.it"):
        routes.set_rate(domain=domain, per_minute=120)
    hold = {"held_since": now - timedelta(minutes=20), "held_until": now + timedelta(minutes=3)}
    Route.objects.update(reason="450 4.2.1 The user you are trying to contact is receiving mail too quickly", **hold)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_mail_pages_on_a_bad_day(open_context, browser, axe, log_in, cast, bad_day, viewport):
    page = open_context(browser, viewport=viewport).new_page()
    log_in(page, cast.nora)
    page.goto("/gestione/")
    axe(page)
    page.get_by_role("link", name="Guarda che cosa succede").click()
    expect(page.get_by_text("Ferma dalle")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Il mittente").click()
    page.get_by_role("button", name="Controlla adesso").click()
    expect(page.get_by_text(f"_dmarc.{DOMAIN}.")).to_be_visible()
    axe(page)
    page.goto("/gestione/posta/in-dubbio/")
    page.get_by_text("La stessa decisione per tutti…").click()
    axe(page)
    page.get_by_role("button", name="Sì, rispediscili tutti").click()
    expect(page.get_by_text("Deciso per 2 messaggi.")).to_be_visible()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"pending"}
