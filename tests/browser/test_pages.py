"""Every page there is, on a phone and on a desk: axe finds nothing, nothing scrolls sideways, no other host is asked.

A new page without a line here fails. With `CONVIVIO_SHOTS=DIR` a picture of each page is kept, for who designs them.
"""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from mail.models import Message
from mail.services import outbox
from newsletters.services import subscriptions
from registrations.models import Group, Registration, Scan
from registrations.services import correcting_presence, tickets
from tests.browser.conftest import DESKTOP, PHONE
from tests.make import (
    both,
    make_announcement,
    make_attendance_file,
    make_certificate,
    make_device,
    make_event,
    make_newsletter,
    make_picture,
    make_question,
    make_registration,
    make_scan,
    make_venue,
)
from tests.test_access import ADDRESSES, BY_TOKEN, OWN_ACCOUNT, PUBLIC, STAFF, UNNAMED

pytestmark = pytest.mark.once
SHOTS = os.environ.get("CONVIVIO_SHOTS")
NO_PAGE = {
    "newsletters:feed", "newsletters:picture", "newsletters:staff-figures-export", "newsletters:staff-share-picture",
    "newsletters:staff-reader-proof", "events:picture", "events:home-picture",
    "events:calendar", "events:event-calendar", "programmes:robots", "programmes:favicon", "programmes:colour",
    "registrations:own-calendar", "registrations:own-certificate", "registrations:certificate-download",
    "registrations:attendance-file-download",
    "uploads", "registrations:export", "registrations:checkin-worker", "mail:preview-html", "mail:mailbox-html",
    "mail:mailbox-file", "mfa_download_recovery_codes", "newsletters:staff-preview", "newsletters:staff-reach",
    "healthz", "readyz", "metrics", "registrations:change-mode", "registrations:consents", "registrations:resend",
    "mail-webhook", "registrations:own-data", "registrations:hand-over-take-back", "registrations:wait-for",
    "registrations:monitoring-export", "registrations:staff-mail-preview-html",
    "registrations:staff-announcement-preview", "registrations:sealed-pdf", "registrations:sealed-xlsx",
    "registrations:checkin-manifest", "registrations:hall-figures", "registrations:devices-list",
    "registrations:paper-register", "registrations:paper-list", "registrations:evidence-file",
}  # fmt: skip
"""Calendars, files, probes, parts of pages, and addresses that only take what a form sends."""

OTHERWISE = {
    "account_inactive", "account_signup", "account_confirm_login_code", "account_reauthenticate", "accounts:login-link",
    "mfa_authenticate", "mfa_login_webauthn", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
    "mfa_deactivate_totp", "mfa_edit_webauthn", "mfa_remove_webauthn", "mfa_generate_recovery_codes",
    "mfa_view_recovery_codes", "accounts:local-codes",
    "registrations:sent", "registrations:together-sent",
}  # fmt: skip
"""Steps that need the step before; the tests of their rooms open them."""
ATTENDANCE = ["registrations:attendance-file", "registrations:attendance-file-result"]
ABOUT_A_MESSAGE = [name for name in STAFF if name.startswith("registrations:staff-announcement")]


@pytest.fixture
def town(programme, pisa, cast):
    """The arguments of every address, in a programme that has something of everything."""
    now = timezone.now()
    venue = make_venue(programme, by_train=both("Dalla stazione a piedi.", "A walk from the station."))
    event = make_event(
        programme, slug="laboratorio-pisa", kind="lab", territory=pisa, venue=venue, online_url="https://sala.example",
        starts_at=now - timedelta(hours=5), ends_at=now - timedelta(hours=1), description=both("**Testo**", "**Text**"),
    )  # fmt: skip
    event.sessions.create(starts_at=event.starts_at, minutes=60, title=both("Apertura", "Opening"))
    event.speakers.create(session=event.sessions.get(), name="Relatrice da confermare", title=both("Regione", "Region"))
    programme.monitoring = {"seminar": "participant"}
    programme.save()
    coming = make_event(
        programme, slug="seminario-pisa", territory=pisa, venue=venue, online_url="https://sala.example",
        asks_dietary_needs=True,
    )  # fmt: skip
    question = make_question(event, choices={"treno": "In treno", "auto": "In auto"})
    for kind in ("choices", "number", "date", "yes_no", "text"):
        make_question(coming, choices={"treno": "In treno", "auto": "In auto"}, kind=kind)
    make_event(programme, slug="seminario-pieno", territory=pisa, in_person_capacity=0, online_capacity=0)
    group = Group.objects.create(event=event, number=1, facilitator=cast.fabio)
    person = make_registration(event, group=group, entered_at=event.starts_at, minutes=240)
    make_registration(event, last_name="", first_name="Niccolò", organisation="D’Angelo & figli", minutes=10)
    future = make_registration(coming)
    pending = make_registration(coming, state=Registration.State.PENDING, held_until=now + timedelta(hours=1))
    offer = make_registration(coming).handovers.create(first_name="Bruna", email="bruna@example.org")
    certificate = make_certificate(person, code="ABCDEFGHJKLMNPQR", sha256="0" * 64)
    message = outbox.add_message(kind="registrations.ticket", language="it", subject="Biglietto", text="Ciao")
    mail = outbox.add_delivery(key=f"registrations.ticket:{person.pk}:1", message=message, to="x@example.org")
    newsletter = make_newsletter(programme)
    make_picture(programme)
    for number, body in enumerate(("Ciao\n\nA Pisa.", "Ciao\n\nA Lucca."), start=1):
        newsletter.versions.create(number=number, subject=newsletter.subject, body=both(body, ""), saved_by=cast.nora)
    told = make_newsletter(programme, state="sent", sent_at=now, mailing=outbox.open_mailing(key="newsletter:told")[0])
    told.visits.create(day=timezone.localdate(), page="/eventi/", number=7)
    subscriptions.subscribe(programme=programme, email="lettrice@example.org", source="test")
    subscription = programme.subscriptions.get()
    asked = Message.objects.get(kind="newsletters.confirm").text
    return {
        "slug": {
            "events": event.slug, "registrations:create": coming.slug,
            "newsletters": newsletter.slug, "newsletters:detail": told.slug,
            "newsletters:staff-figures": told.slug,
        },
        "pk": {
            "events:staff-venue": venue.pk, "events:staff-question": question.pk,
            "registrations:scan-whose": to_look_at(person, cast.piero).pk,
            "registrations:device": event.devices.first().pk,
            "registrations": person.pk, "certificate": certificate.pk, "mail": mail.pk,
            "newsletters": subscription.pk,
            **dict.fromkeys(ATTENDANCE, make_attendance_file(event, "Anna Verdi", "Niccolò D’Angelo").pk),
            **dict.fromkeys(ABOUT_A_MESSAGE, make_announcement(event).pk),
        },
        "token": {
            "registrations": future.token, "registrations:sent": pending.token, "registrations:confirm": pending.token,
            "registrations:handover": offer.token,
            "newsletters": subscription.token,
            "newsletters:confirm": re.search(r"/newsletter/conferma/(\S+)/", asked).group(1),
        },
        "ticket": tickets.ticket_of(future), "code": certificate.code, "part": "sessions", "action": "cancel",
        "number": 2, "kind": "day_before", "moment": "start",
    }  # fmt: skip


def to_look_at(person: Registration, organiser) -> Scan:
    """A ticket that nobody knows; one person came by two doors, went out by hand, and something was taken back."""
    event, doors = person.event, [make_device(person.event, name=name)[0] for name in ("Ingresso", "Laterale")]
    at = event.starts_at
    for door, seconds in zip(doors, (0, 40), strict=True):
        twice = {"is_forced": True, "reason": "already_in"} if seconds else {}
        make_scan(person, at=at + timedelta(seconds=seconds), device=door, device_at=at - timedelta(hours=2), **twice)
    wrong = make_scan(person, at=at + timedelta(hours=1), direction="out", device=doors[0])
    correcting_presence.annul(scan=wrong, reason="Era la sorella", by=organiser)
    by_hand = {"mode": "in_person", "direction": "out", "at": at + timedelta(minutes=150), "reason": "Vista uscire"}
    correcting_presence.add(registration=person, by=organiser, **by_hand)
    make_scan(person, at=at + timedelta(minutes=170), mode="online", source="page", direction="here")
    make_scan(person, at=at + timedelta(minutes=200))
    gone = make_registration(event, state=Registration.State.CANCELLED, cancelled_at=at)
    make_scan(gone, at=at, is_forced=True, reason="cancelled", device=doors[1])
    unknown = {"direction": "in", "at": at, "status": "review", "reason": "unknown", "code": "ZZZZ-9999"}
    return Scan.objects.create(event=event, nonce="unknown", device=doors[1], **unknown)


def paths(town: dict, names: set[str]) -> dict[str, str]:
    """The address of every page of `names`, by its name."""
    found = {}
    for name in sorted(names):
        room = name.partition(":")[0]
        kwargs = {}
        for key in ADDRESSES[name].pattern.converters:
            value = town[key]
            if isinstance(value, dict):
                value = value.get(name) or value.get(room) or value.get("events")
            kwargs[key] = value
        found[name] = reverse(name, kwargs=kwargs)
    return found


PAGES = {name for name in PUBLIC | BY_TOKEN | OWN_ACCOUNT if not name.startswith("api:")} - NO_PAGE - OTHERWISE
DESK = {name for name, page in STAFF.items() if page.method == "get"} - NO_PAGE


def test_every_page_is_looked_at():
    posts = {name for name, page in STAFF.items() if page.method == "post"}
    api = {name for name in ADDRESSES if name.startswith("api:")}
    assert set(ADDRESSES) - UNNAMED - PAGES - DESK - posts - api - NO_PAGE - OTHERWISE == set()


def look(page, axe, addresses: dict[str, str]) -> dict[str, str]:
    """What is wrong on each page that is not right."""
    wrong = {}
    for name, address in addresses.items():
        errors: list[str] = []
        page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
        response = page.goto(address)
        try:
            assert response.status == 200, response.status
            page.locator("main:visible").first.wait_for()
            axe(page)
            assert errors == []
            if SHOTS:
                file = f"{name.replace(':', '-')}-{page.viewport_size['width']}.png"
                page.screenshot(path=Path(SHOTS, file), full_page=True)
        except AssertionError as error:
            wrong[f"{name} {address}"] = str(error)[:600]
    return wrong


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_public_pages_are_accessible(open_context, browser, axe, town, viewport):
    page = open_context(browser, viewport=viewport).new_page()
    mine = PAGES - OWN_ACCOUNT
    assert look(page, axe, paths(town, mine)) == {}


def test_public_pages_in_english_are_accessible_on_the_smallest_screen(open_context, browser, axe, town):
    page = open_context(browser, viewport={"width": 320, "height": 640}).new_page()
    with override("en"):
        english = paths(town, {name for name in PAGES - OWN_ACCOUNT if name.startswith(("events", "registrations"))})
    assert look(page, axe, english) == {}


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_staff_pages_are_accessible(open_context, browser, axe, log_in, cast, town, viewport):
    page = open_context(browser, viewport=viewport).new_page()
    log_in(page, cast.carla)
    assert look(page, axe, paths(town, DESK | (PAGES & OWN_ACCOUNT))) == {}


def test_facilitators_pages_are_accessible(page, axe, log_in, cast, town):
    log_in(page, cast.fabio)
    assert look(page, axe, paths(town, {"accounts:desk", "registrations:my-groups"})) == {}
