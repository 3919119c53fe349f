"""The desk's page of the phones at the door."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from registrations.models import Device
from registrations.services import devices
from tests.make import make_device, make_event, make_running_event

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
    with django_assert_num_queries(8):
        client.get("/gestione/eventi/seminario-pisa/telefoni/")


LIST = "/gestione/eventi/seminario-pisa/telefoni/elenco/"


def test_one_phone_for_several_doors_of_the_same_days(client, event, cast, pisa, lucca):
    now = timezone.now()
    make_event(slug="lab-pisa", territory=pisa, starts_at=now + timedelta(hours=20))
    make_event(slug="lab-lucca", territory=lucca, starts_at=now + timedelta(hours=20))
    make_event(slug="lontano-pisa", territory=pisa, starts_at=now + timedelta(days=20))
    client.force_login(cast.piero)
    page = client.get("/gestione/eventi/seminario-pisa/telefoni/").content.decode()
    assert 'value="lab-pisa"' in page
    assert "lab-lucca" not in page
    assert "lontano-pisa" not in page
    client.post("/gestione/eventi/seminario-pisa/telefoni/", {"event": ["lab-pisa", "lab-lucca", "lontano-pisa"]})
    assert set(Device.objects.get().events.values_list("slug", flat=True)) == {"seminario-pisa", "lab-pisa"}


def test_list_tells_what_is_new_and_nothing_otherwise(client, event, cast):
    _device, code = devices.create_pairing(events=[event], name="Ingresso")
    client.force_login(cast.piero)
    first = client.get(LIST)
    assert "in attesa del codice" in first.content.decode()
    assert client.get(LIST, headers={"if-none-match": first["ETag"]}).status_code == 304
    devices.pair(code=code)
    then = client.get(LIST, headers={"if-none-match": first["ETag"]})
    assert then.status_code == 200
    assert "in attesa del codice" not in then.content.decode()


def test_phone_that_keeps_scans_and_one_that_is_silent_are_pointed_out(client, event, cast):
    device, _token = make_device(event)
    client.force_login(cast.piero)
    assert "desk-note-warning" not in client.get(LIST).content.decode()
    devices.note_contact(device=device, unsent=3)
    assert "aveva ancora 3 letture da mandare" in client.get(LIST).content.decode()
    Device.objects.update(unsent=0, seen_at=timezone.now() - timedelta(minutes=25))
    assert "Non si fa sentire da 25" in client.get(LIST).content.decode()


def test_renaming_a_phone(client, event, cast):
    device, _token = make_device(event)
    client.force_login(cast.dora)
    address = f"/gestione/eventi/seminario-pisa/telefoni/{device.pk}/"
    assert client.post(address, {"name": "  Ingresso\tnord "}).status_code == 302
    device.refresh_from_db()
    assert device.name == "Ingresso nord"
    for wrong in ("", "x" * 81):
        response = client.post(address, {"name": wrong})
        assert response.status_code == 422
        assert "Dagli un nome" in response.content.decode()
    device.refresh_from_db()
    assert device.name == "Ingresso nord"


def test_before_revoking_one_is_told_what_happens(client, event, cast, pisa):
    other = make_event(slug="lab-pisa", territory=pisa, title="Laboratorio di Pisa")
    device, _token = make_device(event, other)
    devices.note_contact(device=device, unsent=2)
    client.force_login(cast.piero)
    page = client.get(f"/gestione/eventi/seminario-pisa/telefoni/{device.pk}/").content.decode()
    assert "2 letture, per quanto ne sappiamo" in page
    assert "Laboratorio di Pisa" in page
    device.refresh_from_db()
    assert device.revoked_at is None


def test_phone_of_another_event_has_no_page_here(client, event, cast, pisa):
    device, _token = make_device(make_event(territory=pisa))
    client.force_login(cast.piero)
    assert client.get(f"/gestione/eventi/seminario-pisa/telefoni/{device.pk}/").status_code == 404
    assert client.post(f"/gestione/eventi/seminario-pisa/telefoni/{device.pk}/", {"name": "X"}).status_code == 404


def test_event_that_nobody_announced_is_not_named(client, event, cast, lucca):
    draft = make_event(slug="bozza", territory=lucca, title="Segreto", published_at=None)
    make_device(event, draft)
    client.force_login(cast.piero)
    page = client.get(LIST).content.decode()
    assert "Segreto" not in page
    assert "un evento non ancora annunciato" in page


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_the_list(client, event, cast, pisa, number, django_assert_num_queries):
    for _ in range(number):
        make_device(event, make_event(territory=pisa))
    client.force_login(cast.piero)
    with django_assert_num_queries(6):
        client.get(LIST)


def test_code_that_was_used_makes_place_for_the_next(client, event, cast):
    client.force_login(cast.piero)
    page = client.post("/gestione/eventi/seminario-pisa/telefoni/", {"name": "Ingresso"}).content.decode()
    device = event.devices.get()
    for state in ("waiting", "paired", "former"):
        assert f'data-shown-with="#{state}-{device.pk}"' in page
    assert f'id="waiting-{device.pk}"' in client.get(LIST).content.decode()
    devices.pair(code=re.search(r"\b([A-Z2-9]{4}-[A-Z2-9]{4})\b", page).group(1))
    listed = client.get(LIST).content.decode()
    assert (f'id="waiting-{device.pk}"' in listed, f'id="paired-{device.pk}"' in listed) == (False, True)
    devices.revoke(device=device)
    assert f'id="former-{device.pk}"' in client.get(LIST).content.decode()


def test_revoked_phone_says_whether_it_was_told(client, event, cast):
    device, token = make_device(event)
    devices.note_contact(device=device, unsent=0)
    client.force_login(cast.piero)
    devices.revoke(device=device)
    page = client.get(LIST).content.decode()
    assert "da allora non si è fatto sentire" in page
    assert "Ancora nessun telefono" not in page
    with pytest.raises(devices.DeviceError):
        devices.recognise(token)
    page = client.get(LIST).content.decode()
    assert "da allora non si è fatto sentire" not in page
    assert "l’ha saputo il" in page


def test_closed_door_offers_no_code_and_says_since_when(client, cast, pisa):
    end = timezone.now() - timedelta(hours=13)
    event = make_event(slug="seminario-ieri", territory=pisa, starts_at=end - timedelta(hours=3), ends_at=end)
    client.force_login(cast.piero)
    for address in ("/gestione/eventi/seminario-ieri/", "/gestione/eventi/seminario-ieri/telefoni/"):
        page = client.get(address).content.decode()
        assert "Il check-in è chiuso dal" in page
        assert "?event=seminario-ieri" not in page.replace("messaggi/nuovo/?event=", "")
    assert "Crea un codice" not in page
    client.post("/gestione/eventi/seminario-ieri/telefoni/", {"name": "Ingresso"})
    assert not event.devices.exists()
