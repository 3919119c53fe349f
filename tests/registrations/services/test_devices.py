from datetime import timedelta

import pytest
from django.utils import timezone

from registrations.models import Device
from registrations.services import RegistrationError, devices
from tests.make import make_device, make_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme):
    return make_event(slug="seminario-pisa")


def test_code_pairs_once_and_the_token_opens_its_events(event):
    device, code = devices.create_pairing(events=[event], name="Ingresso")
    _device, token = devices.pair(code=f" {code[:4].lower()}-{code[4:]}", name="Telefono di Dora")
    known = devices.recognise(token)
    assert (known.device, list(known.events)) == (device, ["seminario-pisa"])
    assert known.device.name == "Telefono di Dora"
    with pytest.raises(RegistrationError) as refused:
        devices.pair(code=code)
    assert refused.value.code == "unknown_pairing_code"


def test_phone_begins_at_the_door_where_its_code_was_made(event, programme):
    others = [make_event(slug=f"altro-{number}") for number in range(3)]
    chosen = [others[2], event, others[0], others[1]]
    device, code = devices.create_pairing(events=chosen)
    devices.pair(code=code)
    assert devices.events_of(device) == chosen


def test_neither_code_nor_token_is_kept(event):
    device, code = devices.create_pairing(events=[event])
    _device, token = devices.pair(code=code)
    kept = str(Device.objects.values().get())
    assert code not in kept
    assert token not in kept


@pytest.mark.parametrize(
    "over", [{"pairing_expires_at": timezone.now() - timedelta(1)}, {"revoked_at": timezone.now()}]
)
def test_expired_and_revoked_codes_do_not_pair(event, over):
    device, code = devices.create_pairing(events=[event])
    Device.objects.update(**over)
    with pytest.raises(RegistrationError) as refused:
        devices.pair(code=code)
    assert refused.value.code == "unknown_pairing_code"
    assert Device.objects.get().paired_at is None


def test_wrong_codes_from_one_client_have_to_wait_and_a_right_one_passes(event):
    _device, code = devices.create_pairing(events=[event])
    for _ in range(devices.WRONG_CODES.most):
        with pytest.raises(RegistrationError) as refused:
            devices.pair(code="AAAAAAAA", client="one")
        assert refused.value.code == "unknown_pairing_code"
    with pytest.raises(RegistrationError) as refused:
        devices.pair(code="AAAAAAAA", client="one")
    assert (refused.value.code, refused.value.status) == ("too_many_attempts", 429)
    assert devices.pair(code=code, client="one")


def test_revoked_phone_is_told(event):
    device, token = make_device(event)
    devices.revoke(device=device)
    with pytest.raises(RegistrationError) as refused:
        devices.recognise(token)
    assert (refused.value.code, refused.value.status) == ("revoked", 401)


def test_unknown_token_is_nobody(event):
    make_device(event)
    assert devices.recognise("") is None
    assert devices.recognise("something") is None


def test_pairing_without_event_is_refused(db):
    with pytest.raises(RegistrationError) as refused:
        devices.create_pairing(events=[])
    assert refused.value.code == "invalid"
    assert not Device.objects.exists()
