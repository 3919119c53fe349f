"""`pair_device` prints a code, and nothing else, for scripts."""

import pytest
from django.core.management import CommandError, call_command

from registrations.models import Device
from registrations.services import devices
from tests.make import make_event

pytestmark = pytest.mark.django_db


def test_pair_device_prints_a_code_that_pairs_for_its_events(programme, capsys):
    make_event(slug="seminario-pisa")
    make_event(slug="laboratorio-pisa")
    call_command("pair_device", "seminario-pisa", "laboratorio-pisa", "--name", "Ingresso")
    device, _token = devices.pair(code=capsys.readouterr().out)
    assert device.name == "Ingresso"
    assert device.events.count() == 2


def test_pair_device_names_the_event_that_is_not_there(programme):
    make_event(slug="seminario-pisa")
    with pytest.raises(CommandError, match="seminario-roma"):
        call_command("pair_device", "seminario-pisa", "seminario-roma")
    assert not Device.objects.exists()
