"""The staff's way in, from a phone: by a code in the mail, and by a passkey. The pages themselves: `test_pages.py`."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from mail.models import Delivery

pytestmark = pytest.mark.django_db(transaction=True)


def test_log_in_by_code_from_a_phone(page, cast, axe):
    page.goto("/gestione/")
    axe(page)
    page.get_by_label("Indirizzo e-mail").fill("carla@vlt.example")
    page.get_by_role("button", name="Mandami il codice").click()
    expect(page.get_by_role("heading", name="Scrivi il codice")).to_be_visible()
    axe(page)
    text = Delivery.objects.select_related("message").get().message.text
    page.get_by_label("Codice").fill(re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", text).group())
    page.get_by_role("button", name="Entra").click()
    expect(page.get_by_role("heading", name="Ciao Carla")).to_be_visible()


def test_passkey_is_added_and_used_to_log_in(page, cast, log_in, axe):
    """allauth's own script under the strict content policy, with the browser's virtual authenticator."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
           "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    log_in(page, cast.carla)
    page.goto(reverse("mfa_add_webauthn"))
    axe(page)
    expect(page.get_by_role("checkbox")).to_be_checked()
    page.get_by_role("button", name="Aggiungi").click()
    page.wait_for_url(lambda address: "add" not in address)
    page.context.clear_cookies()
    page.goto("/gestione/")
    page.get_by_role("button", name="Entra con una passkey").click()
    expect(page.get_by_role("heading", name="Ciao Carla")).to_be_visible()
