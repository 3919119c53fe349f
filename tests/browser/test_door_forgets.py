"""What the phone forgets and when, how it goes on after an interruption, and a new version of its page."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from registrations.models import Registration
from registrations.services import devices, roster
from registrations.views import door
from tests.browser.door import LOSE_DATABASE, SCANS, facts, kept_at_all
from tests.make import make_registration

pytestmark = pytest.mark.django_db(transaction=True)


def test_database_that_the_browser_lost_is_made_up_for_by_the_copies(phone, event, anna):
    bruna = make_registration(event)
    phone.let_in(anna.code)
    phone.sync()
    phone.cut()
    phone.let_in(bruna.code)
    phone.page.evaluate(LOSE_DATABASE)
    phone.page.reload()
    assert phone.waiting == 1
    phone.mend()
    phone.sync()
    assert (phone.waiting, event.scans.count()) == (0, 2)
    bruna.refresh_from_db()
    assert bruna.is_inside


def test_revoked_phone_sends_once_more_and_forgets_everything(phone, event, anna):
    phone.do('window.gone = []; book.addEventListener("gone", ({ detail }) => window.gone.push(detail))')
    phone.cut()
    phone.let_in(anna.code)
    phone.let_in("ABCDEFGH")
    phone.do("await book.walkIn({ first_name: 'Bruna', last_name: 'Neri', consents: { privacy: true } })")
    devices.revoke(device=phone.device)
    phone.mend()
    phone.do("await book.refresh()")
    assert phone.page.evaluate("window.gone") == ["revoked.sent"]
    assert set(event.scans.values_list("status", "reason")) == {("review", "revoked")}
    assert set(event.scans.values_list("code", "note")) == {("", ""), ("ABCDEFGH", ""), ("", "Bruna Neri")}
    assert kept_at_all(phone) == [None, 0, 0, False]


def test_portal_of_a_hotel_that_says_401_makes_nobody_forget(phone, event, anna):
    phone.page.route("**/api/**", lambda route: route.fulfill(status=401, json={"code": "login"}))
    phone.let_in(anna.code)
    phone.sync()
    assert phone.waiting == 1
    phone.page.unroute("**/api/**")
    phone.sync()
    assert facts(event) == [("ok", "", False)]


def test_event_that_is_over_is_forgotten_once_everything_is_sent(phone, event, anna):
    phone.page.route(SCANS, lambda route: route.abort())
    phone.let_in(anna.code)
    event.starts_at, event.ends_at = timezone.now() - timedelta(days=2), timezone.now() - timedelta(days=1)
    event.save()
    phone.do("await book.lookAround()")
    assert phone.waiting == 1
    phone.page.unroute(SCANS)
    phone.do("await book.lookAround()")
    assert kept_at_all(phone) == [None, 0, 0, False]
    assert event.scans.count() == 1


def test_first_sync_goes_on_where_it_was_interrupted(phone, event, monkeypatch):
    monkeypatch.setitem(roster.changes.__kwdefaults__, "page", 2)
    for _ in range(6):
        make_registration(event)
    asked = []

    def interrupt(route):
        asked.append(route.request.url)
        route.abort() if len(asked) == 3 else route.continue_()

    phone.do("const store = await import('/static/js/door/store.js'); await store.wipe(['people'])")
    phone.do("book.roster.cursor = ''; book.people.clear()")
    phone.page.route("**/checkin/roster*", interrupt)
    phone.do("await book.refresh()")
    assert phone.do("return book.people.size") == 4
    phone.page.reload()
    phone.sync()
    assert phone.do("return book.people.size") == 7
    since = [re.search(r"since=([^&]*)", url)[1] for url in asked]
    assert since[0] == ""
    assert since[2] == since[3]


def test_list_that_comes_before_the_scans_are_sent_knows_less_than_the_phone(phone, event, anna):
    phone.page.route(SCANS, lambda route: route.abort())
    phone.let_in(anna.code)
    Registration.objects.filter(pk=anna.pk).update(changed_at=timezone.now(), organisation="Altra")
    phone.do("await book.refresh()")
    entry = phone.do("return book.people.get(it)", anna.code)
    assert (entry["organisation"], entry["is_inside"]) == ("Altra", True)


def test_new_version_of_the_page_takes_over_when_it_is_opened_anew(phone, monkeypatch):
    page = phone.page
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("async () => navigator.serviceWorker.controller !== null")
    monkeypatch.setattr(door, "_version", lambda: "a-newer-one")
    page.reload()
    page.wait_for_function("async () => Boolean((await navigator.serviceWorker.getRegistration()).waiting)")
    assert phone.do("return book.phone.name") == "Porta A"
    page.reload()
    page.wait_for_function(
        "async () => { const kept = (await caches.keys()).filter((name) => name.startsWith('door /'));"
        " return kept.length === 1 && kept[0].endsWith('a-newer-one') }"
    )
    assert phone.do("return book.phone.name") == "Porta A"
