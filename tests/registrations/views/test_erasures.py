"""The staff decide about the data of who took part."""

import pytest
from auditlog.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from mail.models import Delivery
from registrations.services import erasing
from tests.make import make_event, make_registration, make_running_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(programme, pisa):
    event = make_running_event(programme, territory=pisa)
    anna = make_registration(event, entered_at=timezone.now(), email="anna@example.org")
    return erasing.ask(registration=anna)


@pytest.fixture
def page(anna):
    return reverse("registrations:staff-erasure", args=[anna.event.slug, anna.pk])


def test_request_stands_on_the_desk_of_who_decides_with_its_date(client, cast, anna, page):
    for who, sees in [(cast.piero, True), (cast.lucia, False), (cast.dora, False)]:
        client.force_login(who)
        assert (page in client.get(reverse("accounts:desk")).content.decode()) == sees, who


def test_page_says_what_goes_what_stays_and_until_when(client, cast, page):
    client.force_login(cast.piero)
    content = client.get(page).content.decode()
    for words in ("Che cosa si cancella", "Che cosa resta", "art. 82", "la legge vuole una risposta entro"):
        assert words in content


def test_granted_request_is_done_and_noted(client, cast, anna, page):
    client.force_login(cast.piero)
    client.post(page, {"grant": "1"}, follow=True)
    anna.refresh_from_db()
    assert anna.erased_at
    assert LogEntry.objects.filter(additional_data__act="registrations.erased").count() == 1
    assert page not in client.get(reverse("accounts:desk")).content.decode()
    assert client.get(page).status_code == 200


def test_nothing_is_written_anew_about_who_was_erased(client, cast, anna):
    erasing.grant(registration=anna)
    client.force_login(cast.piero)
    page = reverse("registrations:staff-detail", args=[anna.event.slug, anna.pk])
    values = {"first_name": "Anna", "last_name": "", "email": "anna@example.org", "organisation": ""}
    client.post(page, values)
    anna.refresh_from_db()
    assert anna.email == ""


def test_list_names_who_was_erased_as_such(client, cast, programme, pisa):
    gone = erasing.ask(registration=make_registration(make_event(programme, territory=pisa)))
    client.force_login(cast.piero)
    page = client.get(reverse("registrations:staff-list", args=[gone.event.slug]), {"state": "all"}).content.decode()
    assert "dati cancellati" in page


def test_refused_request_is_mailed_with_its_reason_and_noted_without_it(client, cast, anna, page):
    client.force_login(cast.piero)
    client.post(page, {"refuse": "1", "reason": "Un reclamo è aperto."})
    anna.refresh_from_db()
    assert anna.erasure_refused_because == "Un reclamo è aperto."
    assert Delivery.objects.get().message.kind == "registrations.erasure_refused"
    entry = LogEntry.objects.get(additional_data__act="registrations.kept_data")
    assert entry.additional_data["detail"] == ""


def test_refusal_without_a_reason_is_said_at_its_field(client, cast, anna, page):
    client.force_login(cast.piero)
    response = client.post(page, {"refuse": "1", "reason": " "})
    assert response.status_code == 422
    assert 'id="id_reason_error"' in response.content.decode()
    anna.refresh_from_db()
    assert anna.is_erasure_open
