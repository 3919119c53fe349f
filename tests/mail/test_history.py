"""The page about one address: what was sent and came back, how it is freed, and nothing that is not hers to see."""

import pytest

from mail.models import Delivery, Feedback, Suppression
from mail.services import feedback
from tests.make import make_delivery

pytestmark = pytest.mark.django_db


def page_of(delivery) -> str:
    return f"/gestione/posta/storia/{delivery.pk}/"


@pytest.fixture
def nora(client, cast):
    client.force_login(cast.nora)
    return client


def test_history_shows_what_was_sent_and_what_came_back(nora):
    refused = make_delivery("newsletter:1", state=Delivery.State.FAILED, reason="550 5.1.1 unknown")
    feedback.refused(delivery=refused, reply="550 5.1.1 unknown")
    make_delivery("newsletter:2", email="bea@example.org", subject="Di Bea")
    page = nora.get(page_of(refused)).content.decode()
    for words in ("anna@example.org", "Le notizie di luglio", "550 5.1.1 unknown", "L’indirizzo non esiste"):
        assert words in page
    assert "Di Bea" not in page
    assert "anna" not in page_of(refused)


def test_subjects_of_other_rooms_and_of_login_mails_are_never_shown(nora):
    ticket = make_delivery(subject="Laboratorio di Pisa")
    make_delivery(kind="accounts.login_code", subject="Codice 123456")
    page = nora.get(page_of(ticket)).content.decode()
    assert "Laboratorio di Pisa" not in page
    assert "123456" not in page
    assert "registrations.ticket" in page


def test_address_that_bounced_is_freed_with_a_reason_and_her_name(nora, cast):
    delivery = make_delivery("newsletter:1")
    feedback.record(delivery=delivery, kind="hard", source="mailbox")
    response = nora.post(f"{page_of(delivery)}libera/", {"reason": "Ci ha scritto da lì"}, follow=True)
    assert response.redirect_chain[0][0] == page_of(delivery)
    assert not Suppression.objects.exists()
    row = Feedback.objects.get(kind="freed")
    assert (row.by, row.detail) == (str(cast.nora), "Ci ha scritto da lì")
    assert "Ci ha scritto da lì" in response.content.decode()


@pytest.mark.parametrize(("reason", "why"), [("complained", "perché sì"), ("bounced", "  ")])
def test_own_word_or_no_reason_frees_nothing_and_says_why(nora, reason, why):
    delivery = make_delivery("newsletter:1")
    Suppression.objects.create(email=delivery.email, reason=reason)
    response = nora.post(f"{page_of(delivery)}libera/", {"reason": why}, follow=True)
    assert Suppression.objects.exists()
    assert "iscrivendosi di nuovo" in response.content.decode() or "Scrivi perché" in response.content.decode()


def test_page_of_who_complained_offers_no_button(nora):
    delivery = make_delivery("newsletter:1")
    feedback.record(delivery=delivery, kind="complaint", source="mailbox")
    assert "libera/" not in nora.get(page_of(delivery)).content.decode()


def test_forgotten_address_has_no_history(nora):
    delivery = make_delivery("newsletter:1", email="")
    assert nora.get(page_of(delivery)).status_code == 404
    assert nora.post(f"{page_of(delivery)}libera/").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_history_asks_a_fixed_number_of_queries(nora, number, django_assert_num_queries):
    for one in range(number):
        delivery = make_delivery(f"newsletter:{one}")
        feedback.record(delivery=delivery, kind="soft", source="mailbox")
        feedback.record(delivery=delivery, kind="arrived", source="mailbox")
    with django_assert_num_queries(9):
        nora.get(page_of(delivery))
