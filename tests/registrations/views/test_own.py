"""A participant's own data on her pages: mended, taken along, erased; and the whole page about her registration."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mail.models import Delivery
from registrations.models import Registration
from registrations.services import agreeing, erasing, own_details, signup
from tests.make import make_certificate, make_consent, make_event, make_registration, make_running_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(programme):
    event = make_event(programme, in_person_capacity=1)
    return make_registration(event, first_name="Anna", last_name="Verdi", email="anna@example.org")


def page_of(registration, name="manage"):
    return reverse(f"registrations:{name}", args=[registration.token])


def typed(registration, **over):
    values = {"first_name": "Anna", "last_name": "Verdi", "organisation": "CNA", "language": "it"}
    return values | {"version": own_details.version_of(registration)} | over


@pytest.mark.parametrize("name", ["details", "hand-over", "erase", "own-data"])
def test_own_page_is_kept_by_nobody(client, anna, name):
    response = client.get(page_of(anna, name))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"].startswith("noindex")


def test_page_shows_everything_in_its_sections(client, anna):
    make_consent(anna, "privacy", text="Ho letto l’informativa.")
    page = client.get(page_of(anna)).content.decode()
    for section in ("who", "plans", "agreed", "data"):
        assert f'id="{section}"' in page
    assert "anna@example.org" in page
    for name in ("details", "hand-over", "cancel", "own-data", "erase"):
        assert page_of(anna, name) in page


def test_page_shows_each_consent_with_its_words_version_and_history(client, anna):
    agreeing.record(registration=anna, purposes=["privacy", "photos"])
    agreeing.choose(registration=anna, agreed={"photos": False})
    page = client.get(page_of(anna)).content.decode()
    given = anna.consents.first()
    assert given.text in page
    assert f"Versione {given.version}" in page
    assert given.fingerprint in page
    assert "con il modulo di iscrizione" in page
    assert "dalla pagina dell’iscrizione" in page
    assert page.count("<time") == 3


@pytest.mark.parametrize("changes", [1, 3])
def test_page_asks_a_fixed_number_of_queries(client, anna, django_assert_num_queries, changes):
    for yes in [True, False, True][:changes]:
        agreeing.choose(registration=anna, agreed={"photos": yes})
    client.get(page_of(anna))
    with django_assert_num_queries(7):
        client.get(page_of(anna))


def test_details_are_changed_from_the_page(client, anna):
    response = client.post(page_of(anna, "details"), typed(anna, language="en"), follow=True)
    assert "Salvato." in response.content.decode()
    anna.refresh_from_db()
    assert (anna.organisation, anna.language) == ("CNA", "en")


def test_two_tabs_lose_nothing(client, anna):
    seen = typed(anna, organisation="Arci")
    client.post(page_of(anna, "details"), typed(anna, organisation="CNA"))
    response = client.post(page_of(anna, "details"), seen)
    page = response.content.decode()
    assert response.status_code == 409
    assert "cambiata altrove" in page
    assert 'value="Arci"' in page
    assert "<dd>CNA</dd>" in page
    version = response.context["form"]["version"].value()
    client.post(page_of(anna, "details"), seen | {"version": version})
    anna.refresh_from_db()
    assert anna.organisation == "Arci"


def test_wrong_name_is_said_at_its_field_and_what_was_typed_stays(client, anna):
    response = client.post(page_of(anna, "details"), typed(anna, first_name="", organisation="CNA"))
    assert response.status_code == 422
    assert 'value="CNA"' in response.content.decode()
    response = client.post(page_of(anna, "details"), typed(anna, first_name="a@b.it"))
    assert response.status_code == 409
    assert 'id="id_first_name_error"' in response.content.decode()


def test_after_the_deadline_the_page_says_only_what_is(client, anna):
    type(anna.event).objects.update(changes_close_at=timezone.now() - timedelta(hours=1))
    assert client.get(page_of(anna, "details")).url == page_of(anna)
    assert page_of(anna, "details") not in client.get(page_of(anna)).content.decode()


def test_data_are_a_file_that_programs_read(client, anna):
    response = client.get(page_of(anna, "own-data"))
    assert response["Content-Type"] == "application/json"
    assert "attachment" in response["Content-Disposition"]
    assert json.loads(response.content)["registration"]["first_name"] == "Anna"


def test_erasure_says_first_what_goes_and_what_stays(client, anna):
    page = client.get(page_of(anna, "erase")).content.decode()
    assert "Che cosa si cancella" in page
    assert "art. 82" not in page
    anna.refresh_from_db()
    assert anna.erased_at is None
    page = client.post(page_of(anna, "erase"), follow=True).content.decode()
    assert "I tuoi dati sono cancellati" in page
    for secret in ("Anna", "Verdi", "anna@example.org"):
        assert secret not in page
    assert client.post(page_of(anna, "erase")).status_code == 302
    for name in ("details", "hand-over", "cancel"):
        assert client.get(page_of(anna, name)).status_code == 302


def test_erasure_of_who_was_present_is_a_request_with_a_date(client, programme):
    anna = make_registration(make_running_event(programme), entered_at=timezone.now(), minutes=9)
    assert "art. 82" in client.get(page_of(anna, "erase")).content.decode()
    page = client.post(page_of(anna, "erase"), follow=True).content.decode()
    assert "Ci hai chiesto di cancellare i tuoi dati." in page
    anna.refresh_from_db()
    assert anna.is_erasure_open
    assert anna.first_name


def test_certificate_is_still_had_after_the_erasure(client, programme):
    anna = make_registration(make_running_event(programme), entered_at=timezone.now(), minutes=240)
    make_certificate(anna, minutes=240, pdf="x.pdf", sha256="0" * 64)
    erasing.grant(registration=anna)
    assert page_of(anna, "own-certificate") in client.get(page_of(anna)).content.decode()


def test_unconfirmed_person_can_have_her_data_erased_too(client, programme):
    bea = signup.register(
        event=make_event(programme),
        first_name="Bea",
        email="bea@example.org",
        mode="online",
        consents={"privacy": True},
    )
    client.post(page_of(bea, "erase"))
    bea.refresh_from_db()
    assert bea.email == ""
    assert Registration.objects.get().state == Registration.State.CANCELLED
    assert Delivery.objects.exclude(email="").get().message.kind == "registrations.erased"
