"""The pages on which a place changes hands."""

import pytest
from django.test import Client
from django.urls import reverse

from mail.models import Delivery
from registrations.models import Handover, Registration
from registrations.services import handing_over
from tests.make import make_event, make_registration

pytestmark = pytest.mark.django_db
BRUNA = {"first_name": "Bruna", "last_name": "Neri", "email": "bruna@example.org"}


@pytest.fixture
def anna(programme):
    return make_registration(make_event(programme), first_name="Anna", last_name="Verdi", email="anna@example.org")


@pytest.fixture
def offer(anna):
    return handing_over.offer(registration=anna, **BRUNA)


def page_of(registration, name="manage"):
    return reverse(f"registrations:{name}", args=[registration.token])


def test_place_is_offered_and_taken_back_from_the_page(client, anna):
    page = client.post(page_of(anna, "hand-over"), BRUNA, follow=True).content.decode()
    assert "Hai offerto il tuo posto a Bruna Neri" in page
    assert page_of(anna, "hand-over-take-back") in page
    assert client.get(page_of(anna, "hand-over")).url == page_of(anna), "one offer at a time"
    page = client.post(page_of(anna, "hand-over-take-back"), follow=True).content.decode()
    assert "di nuovo soltanto tuo" in page
    assert not Handover.objects.open().exists()


def test_wrong_offer_is_said_at_its_field_and_what_was_typed_stays(client, anna):
    response = client.post(page_of(anna, "hand-over"), BRUNA | {"email": "anna@example.org"})
    assert response.status_code == 409
    page = response.content.decode()
    assert "Questo è il tuo indirizzo." in page
    assert 'value="Bruna"' in page
    assert client.post(page_of(anna, "hand-over"), BRUNA | {"email": "bruna"}).status_code == 422
    assert not Handover.objects.exists()


def test_holder_learns_nothing_about_the_colleagues_address(client, anna):
    make_registration(anna.event, email="bruna@example.org")
    known = client.post(page_of(anna, "hand-over"), BRUNA, follow=True).content.decode()
    assert "Hai offerto il tuo posto" in known
    assert "già un’iscrizione" not in known


def test_colleague_sees_who_offers_what_and_no_secret(client, anna, offer):
    response = client.get(page_of(offer, "handover"))
    page = response.content.decode()
    assert "Anna Verdi ti offre il suo posto" in page
    assert str(anna.event) in page
    assert 'value="Bruna"' in page
    assert "checked" not in page
    for secret in (anna.token, anna.code, anna.email):
        assert secret not in page
    assert "no-store" in response["Cache-Control"]


def test_colleague_takes_the_place_and_is_on_her_page(client, offer):
    page = client.post(page_of(offer, "handover"), BRUNA | {"privacy": "on"}, follow=True)
    bruna = Registration.objects.get(email="bruna@example.org")
    assert page.redirect_chain[-1][0] == page_of(bruna)
    assert "ticket-qr" in page.content.decode()
    assert client.post(page_of(offer, "handover"), BRUNA | {"privacy": "on"}).url == page_of(bruna), "pressed twice"


def test_forwarded_link_opens_nothing_once_it_was_used(client, offer):
    client.post(page_of(offer, "handover"), BRUNA | {"privacy": "on"})
    bruna = Registration.objects.get(email="bruna@example.org")
    former = client.get(page_of(offer.registration)).content.decode()
    assert "Bruna Neri viene al tuo posto" in former
    assert bruna.token not in former
    third = Client()
    for response in (
        third.get(page_of(offer, "handover")),
        third.post(page_of(offer, "handover"), {"first_name": "Terza", "privacy": "on"}),
        third.post(page_of(offer, "handover"), {"decline": "1"}),
    ):
        assert response.status_code == 410
        assert bruna.token not in response.content.decode()
    assert Registration.objects.count() == 2
    bruna.refresh_from_db()
    assert (bruna.first_name, bruna.state) == ("Bruna", "confirmed")


def test_colleague_declines(client, anna, offer):
    page = client.post(page_of(offer, "handover"), {"decline": "1"}).content.decode()
    assert "Grazie di avercelo detto" in page
    assert client.get(page_of(offer, "handover")).status_code == 410
    anna.refresh_from_db()
    assert anna.state == "confirmed"


def test_colleague_who_is_registered_is_told_on_her_page(client, anna, offer):
    make_registration(anna.event, email="bruna@example.org")
    response = client.post(page_of(offer, "handover"), BRUNA | {"privacy": "on"})
    assert response.status_code == 409
    assert "hai già un’iscrizione" in response.content.decode()


def test_without_the_privacy_notice_nothing_happens(client, offer):
    response = client.post(page_of(offer, "handover"), BRUNA)
    assert response.status_code == 422
    assert not Registration.objects.filter(email="bruna@example.org").exists()


def test_offer_of_a_place_that_was_given_up_says_so(client, anna, offer):
    Registration.objects.filter(pk=anna.pk).update(state="cancelled", cancelled_at=anna.created_at)
    response = client.get(page_of(offer, "handover"))
    assert response.status_code == 410
    assert reverse("registrations:lost") in response.content.decode()
    assert 'name="privacy"' not in response.content.decode()


def test_offer_is_the_only_mail_before_she_accepts(offer):
    assert [mail.email for mail in Delivery.objects.all()] == ["bruna@example.org"]
