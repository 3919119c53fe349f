"""The staff's pages on a phone and on a desk: nothing that axe finds, nothing that scrolls sideways, and the way in."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from mail.models import Delivery
from mail.services import outbox
from registrations.models import Consent, Scan
from tests.make import make_event, make_registration, make_venue

pytestmark = pytest.mark.django_db(transaction=True)
SHOTS = os.environ.get("CONVIVIO_SHOTS")
"""A folder for pictures of every page seen here, for who designs them."""


@pytest.fixture
def world(programme, pisa, lucca, cast):
    now = timezone.now()
    venue = make_venue(programme, territory=pisa)
    event = make_event(
        programme, slug="lab-pisa", kind="lab", territory=pisa, venue=venue, starts_at=now - timedelta(hours=1)
    )
    make_event(programme, slug="seminario-lucca", territory=lucca, published_at=None)
    people = [make_registration(event, organisation="Conad Toscana", entered_at=now) for _ in range(3)]
    make_registration(event, state="waiting", mode="online")
    Scan.objects.create(event=event, registration=people[0], nonce="n", direction="in", status="ok", at=now)
    Consent.objects.create(registration=people[0], purpose="privacy", text="Ho letto l'informativa.")
    message = outbox.add_message(
        kind="registrations.ticket", language="it", subject="Il tuo biglietto", text="Ciao", html="<p>Ciao</p>"
    )
    outbox.add_delivery(key=f"registrations.ticket:{people[0].pk}:1", message=message, to=people[0].email)
    return people[0]


def pages(person) -> list[str]:
    slug = person.event.slug
    addresses = [
        ("accounts:desk",), ("accounts:people",), ("accounts:person-add",), ("events:staff-list",),
        ("events:staff-create",), ("events:staff-event", slug), ("events:staff-edit", slug),
        ("events:staff-parts", slug, "materials"), ("events:staff-cancel", slug), ("registrations:staff-list", slug),
        ("registrations:staff-detail", slug, person.pk), ("registrations:staff-create", slug),
        ("registrations:staff-signatures", slug), ("mail:preview",), ("mail:mailbox",),
        ("mail:mailbox-message", Delivery.objects.get().pk), ("mfa_index",), ("account_logout",),
    ]  # fmt: skip
    paths = [reverse(name, args=arguments) for name, *arguments in addresses]
    return [*paths, reverse("accounts:search") + "?q=verdi", reverse("mail:preview") + "?kind=accounts.login_code"]


def photograph(page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}-{page.viewport_size['width']}.png", full_page=True)


@pytest.mark.parametrize("size", ["page", "desktop_page"])
def test_every_page_of_the_desk_is_accessible(request, size, world, cast, log_in, axe):
    page = request.getfixturevalue(size)
    log_in(page, cast.carla)
    problems = []
    for path in pages(world):
        page.goto(path)
        photograph(page, re.sub(r"\W+", "-", path).strip("-"))
        try:
            axe(page)
        except AssertionError as error:
            problems.append((path, str(error).splitlines()[0]))
    assert problems == []


def test_log_in_by_code_from_a_phone(page, cast, axe):
    page.goto("/gestione/")
    axe(page)
    photograph(page, "login")
    page.get_by_label("Indirizzo e-mail").fill("carla@vlt.example")
    page.get_by_role("button", name="Mandami il codice").click()
    expect(page.get_by_role("heading", name="Scrivi il codice")).to_be_visible()
    axe(page)
    photograph(page, "code")
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
    photograph(page, "passkey")
    expect(page.get_by_role("checkbox")).to_be_checked()
    page.get_by_role("button", name="Aggiungi").click()
    page.wait_for_url(lambda address: "add" not in address)
    page.context.clear_cookies()
    page.goto("/gestione/")
    page.get_by_role("button", name="Entra con una passkey").click()
    expect(page.get_by_role("heading", name="Ciao Carla")).to_be_visible()
