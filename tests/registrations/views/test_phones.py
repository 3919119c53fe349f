"""The desk's page of the phones at the door."""

import re

import pytest
from django.utils import timezone

from registrations.services import devices
from tests.make import make_event, make_running_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme, pisa):
    return make_running_event(slug="seminario-pisa", territory=pisa)


def test_organiser_makes_a_code_that_pairs(client, event, cast):
    client.force_login(cast.piero)
    page = client.post("/gestione/eventi/seminario-pisa/telefoni/", {"name": "Ingresso"}).content.decode()
    code = re.search(r"\b([A-Z2-9]{4}-[A-Z2-9]{4})\b", page).group(1)
    device, _token = devices.pair(code=code)
    assert (device.name, device.created_by) == ("Ingresso", cast.piero)


def test_organiser_revokes_a_phone_at_once(client, event, cast):
    device, code = devices.create_pairing(events=[event])
    devices.pair(code=code)
    client.force_login(cast.piero)
    response = client.post(f"/gestione/eventi/seminario-pisa/telefoni/{device.pk}/revoca/")
    assert response.status_code == 302
    device.refresh_from_db()
    assert device.revoked_at <= timezone.now()


@pytest.mark.parametrize(("name", "status"), [("lucia", 404), ("vito", 403), ("nora", 403), ("fabio", 403)])
def test_phones_of_another_province_are_not_shown(client, event, cast, name, status):
    device, _code = devices.create_pairing(events=[event])
    client.force_login(getattr(cast, name))
    assert client.get("/gestione/eventi/seminario-pisa/telefoni/").status_code == status
    assert client.post(f"/gestione/eventi/seminario-pisa/telefoni/{device.pk}/revoca/").status_code == status
    device.refresh_from_db()
    assert device.revoked_at is None


def test_phone_of_another_event_is_not_revoked_here(client, event, cast, pisa):
    device, _code = devices.create_pairing(events=[make_event(territory=pisa)])
    client.force_login(cast.piero)
    assert client.post(f"/gestione/eventi/seminario-pisa/telefoni/{device.pk}/revoca/").status_code == 404
    device.refresh_from_db()
    assert device.revoked_at is None


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_the_phones_page(client, event, cast, number, django_assert_num_queries):
    for _ in range(number):
        devices.create_pairing(events=[event], created_by=cast.dora)
    client.force_login(cast.piero)
    with django_assert_num_queries(6):
        client.get("/gestione/eventi/seminario-pisa/telefoni/")
