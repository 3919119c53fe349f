"""The mail page says in words whether mail leaves, and lets those who may decide try again and set rates."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mail.models import Delivery, Route
from mail.services import office, outbox, routes

pytestmark = pytest.mark.django_db
PAGE = "/gestione/posta/"


@pytest.fixture
def nora(client, cast, settings):
    settings.EMAIL_URL = "smtp+tls://relay.example:587"
    client.force_login(cast.nora)
    return client


def written(number=1, to="anna@example.org", kind="registrations.ticket", **over) -> Delivery:
    message = outbox.add_message(kind=kind, language="it", subject="Biglietto", text="t")
    delivery = outbox.add_delivery(key=f"{kind}:{number}", message=message, to=to)
    Delivery.objects.filter(pk=delivery.pk).update(**over)
    return delivery


def test_says_that_mail_leaves_and_what_waits(nora):
    written(1)
    written(2, state="sent", sent_at=timezone.now())
    written(3, state="sent", sent_at=timezone.now() - timedelta(hours=2))
    written(4, state="failed")
    now = office.now()
    assert (now.sent, now.waiting, now.refused, now.in_doubt, now.is_held) == (1, 1, 1, 0, False)
    assert "La posta parte:</strong> 1 messaggio nell’ultima ora" in nora.get(PAGE).content.decode()


@pytest.mark.parametrize("last", [None, timedelta(minutes=20)])
def test_says_that_nothing_leaves_where_mail_is_due_and_none_left(nora, last):
    written(1, not_before=timezone.now() - timedelta(minutes=11))
    if last:
        written(2, state="sent", sent_at=timezone.now() - last)
    page = nora.get(PAGE).content.decode()
    assert "Adesso non parte posta:</strong> 1 messaggio" in page
    assert "La posta parte" not in page
    written(3, state="sent", sent_at=timezone.now() - timedelta(minutes=2))
    assert "La posta parte" in nora.get(PAGE).content.decode()


def test_what_a_domain_holds_back_is_not_called_stuck(nora):
    written(1, to="anna@slow.example", not_before=timezone.now() - timedelta(minutes=11))
    for _again in range(3):
        routes.put_off(routes.relay_state().relay, "slow.example", "451 later")
    assert not office.now().is_stuck


def test_paused_newsletters_wait_apart(nora):
    mailing, _ = outbox.open_mailing(key="newsletter:1")
    outbox.set_mailing_state(mailing, "paused")
    message = outbox.add_message(kind="newsletters.newsletter", language="it", subject="s", text="t", mailing=mailing)
    outbox.add_delivery(key="one", message=message, to="anna@example.org")
    assert (office.now().waiting, office.now().paused) == (0, 1)


def test_relay_that_does_not_answer_is_said_and_tried_again_on_a_word(nora):
    now = timezone.now()
    relay = routes.set_rate(per_minute=None)
    Route.objects.update(held_since=now, held_until=now + timedelta(minutes=3), reason="535 wrong password", failures=3)
    page = nora.get(PAGE).content.decode()
    assert "Ferma dalle" in page
    assert "relay.example:587" in page
    assert "535 wrong password" in page
    assert "Ferma dalle" not in nora.post(f"{PAGE}riprova/", {"route": relay.pk}, follow=True).content.decode()
    relay.refresh_from_db()
    assert relay.held_until is None
    nora.post(f"{PAGE}riprova/", {"route": "nonsense"})


def test_held_domain_is_named_with_the_servers_words(nora):
    now = timezone.now()
    routes.set_rate(domain="gmail.com", per_minute=None)
    Route.objects.update(held_since=now, held_until=now + timedelta(minutes=3), reason="421 too fast")
    page = nora.get(PAGE).content.decode()
    assert "gmail.com" in page
    assert "421 too fast" in page
    assert "La posta parte" in page


def test_rates_are_set_for_all_and_for_a_domain_and_taken_away(nora):
    assert nora.post(f"{PAGE}ritmo/", {"relay-per_minute": "120"}).status_code == 302
    nora.post(f"{PAGE}ritmo/", {"for": "domain", "domain-domain": "@GMail.com ", "domain-per_minute": "30"})
    rates = {route.domain: route.per_minute for route in Route.objects.all()}
    assert rates == {"": 120, "gmail.com": 30}
    assert "30 messaggi al minuto" in nora.get(PAGE).content.decode()
    nora.post(f"{PAGE}ritmo/", {"for": "domain", "domain-domain": "gmail.com", "domain-per_minute": ""})
    assert Route.objects.get(domain="gmail.com").per_minute is None


@pytest.mark.parametrize(
    "data",
    [
        {"relay-per_minute": "0"},
        {"relay-per_minute": "fast"},
        {"for": "domain", "domain-domain": "not a domain", "domain-per_minute": "3"},
        {"for": "domain", "domain-domain": "", "domain-per_minute": "3"},
    ],
)
def test_wrong_rate_is_refused_at_its_field_and_changes_nothing(nora, data):
    response = nora.post(f"{PAGE}ritmo/", data)
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert not Route.objects.exists()


def test_somebodys_mail_is_found_by_address(nora):
    written(1)
    newest = written(2, state="failed", reason="550 no such user")
    written(3, to="other@example.org")
    found = nora.post(f"{PAGE}indirizzo/", {"address": " ANNA@example.org"})
    assert found["Location"] == reverse("mail:history", args=[newest.pk])
    page = nora.post(f"{PAGE}indirizzo/", {"address": "nobody@example.org"}, follow=True).content.decode()
    assert "non è stato scritto nulla" in page
    assert nora.post(f"{PAGE}indirizzo/", {"address": "no address"}).status_code == 422
    assert nora.get(f"{PAGE}indirizzo/").status_code == 405


def test_who_only_looks_changes_nothing(client, cast):
    client.force_login(cast.vito)
    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}ritmo/", {"relay-per_minute": "1"}).status_code == 403
    assert not Route.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_page_asks_a_fixed_number_of_queries(nora, number, django_assert_num_queries):
    for one in range(number):
        written(one)
        routes.set_rate(domain=f"d{one}.example", per_minute=5)
    with django_assert_num_queries(11):
        nora.get(PAGE)
