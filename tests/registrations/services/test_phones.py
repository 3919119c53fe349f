"""What an organiser knows of the phones at the door."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registrations.models import Device
from registrations.services import devices, phones
from registrations.services.door_table import closes_at
from tests.make import make_device, make_event, make_registration, make_running_event, make_scan

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme, pisa):
    return make_running_event(programme, territory=pisa)


def state_of(event, **over):
    return phones.of_event(event=event, **over)[0].state


def test_states_of_a_phone(event):
    device, code = devices.create_pairing(events=[event])
    assert state_of(event) == "waiting"
    assert state_of(event, now=timezone.now() + timedelta(minutes=16)) == "expired"
    devices.pair(code=code)
    assert state_of(event) == "paired"
    assert state_of(event, now=closes_at(event)) == "over"
    devices.revoke(device=device)
    assert state_of(event) == "revoked"


def test_rights_end_with_the_last_of_its_events(event, pisa):
    later = make_event(territory=pisa, starts_at=event.starts_at + timedelta(hours=24))
    make_device(event, later)
    found = phones.of_event(event=event)[0]
    assert (found.until, found.others) == (closes_at(later), [later])


def test_scans_are_those_of_this_event(event, pisa):
    other = make_event(territory=pisa)
    device, _token = make_device(event, other)
    for where in (event, event, other):
        make_scan(make_registration(where), device=device)
    assert phones.of_event(event=event)[0].read == 2


def test_silence_worries_only_while_people_come(event, pisa):
    tomorrow = make_event(territory=pisa, starts_at=timezone.now() + timedelta(hours=20))
    make_device(event, tomorrow)
    Device.objects.update(seen_at=timezone.now() - timedelta(minutes=11))
    assert phones.of_event(event=event)[0].is_quiet
    assert not phones.of_event(event=tomorrow)[0].is_quiet
    Device.objects.update(seen_at=timezone.now() - timedelta(minutes=9))
    assert not phones.of_event(event=event)[0].is_quiet


def test_near_events_are_hers_announced_and_held(event, cast, pisa, lucca):
    soon = timezone.now() + timedelta(hours=10)
    near = make_event(territory=pisa, starts_at=soon)
    make_event(territory=lucca, starts_at=soon)
    make_event(territory=pisa, starts_at=soon, published_at=None)
    make_event(territory=pisa, starts_at=soon, cancelled_at=timezone.now())
    make_event(territory=pisa, starts_at=soon + timedelta(days=5))
    assert list(phones.near(user=cast.dora, event=event)) == [near]
    assert list(phones.near(user=cast.fabio, event=event)) == []
