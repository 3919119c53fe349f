"""What is forgotten about people and phones, and what is kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registrations.models import Device, MonitoringRecord, Needs, Registration, Scan
from registrations.services import devices, retention
from tests.make import make_device, make_event, make_registration, make_scan

pytestmark = pytest.mark.django_db
State = Registration.State
LONG_AGO = timezone.now() - timedelta(days=31)
LATELY = timezone.now() - timedelta(days=29)


def expired(event, held_until=LONG_AGO, **over):
    return make_registration(event, state=State.EXPIRED, email_confirmed_at=None, held_until=held_until, **over)


def test_registration_nobody_confirmed_is_forgotten_after_a_month():
    event = make_event()
    expired(event)
    lately = expired(event, LATELY)
    confirmed = make_registration(event, held_until=LONG_AGO)
    cancelled = make_registration(event, state=State.CANCELLED, cancelled_at=LONG_AGO, held_until=LONG_AGO)
    retention.forget()
    retention.forget()
    assert set(Registration.objects.all()) == {lately, confirmed, cancelled}


def test_registration_seen_at_the_door_is_kept():
    seen = expired(make_event())
    make_scan(seen, status=Scan.Status.REFUSED, reason=Scan.Reason.UNCONFIRMED)
    retention.forget()
    assert Registration.objects.get() == seen


def test_phones_of_no_use_are_forgotten_and_those_that_scanned_are_kept():
    event = make_event()
    unpaired, _code = devices.create_pairing(events=[event])
    Device.objects.filter(pk=unpaired.pk).update(pairing_expires_at=LONG_AGO)
    revoked, _token = make_device(event)
    scanned, _token = make_device(event)
    make_scan(make_registration(event), device=scanned)
    Device.objects.filter(pk__in=[revoked.pk, scanned.pk]).update(revoked_at=LONG_AGO)
    in_use, _token = make_device(event)
    retention.forget()
    assert set(Device.objects.all()) == {scanned, in_use}


def told(event, **over):
    """Somebody who told what she needs, and something for the funder."""
    registration = make_registration(event, **over)
    Needs.objects.create(registration=registration, access="Carrozzina")
    MonitoringRecord.objects.create(registration=registration, profile="participant", values={"sex": "female"})
    return registration


def test_needs_are_forgotten_a_week_after_the_event():
    now = timezone.now()
    past = told(make_event(starts_at=now - timedelta(days=8)), entered_at=now - timedelta(days=8))
    recent = told(make_event(past.event.programme, starts_at=now - timedelta(days=7)))
    retention.forget()
    retention.forget()
    assert [one.registration for one in Needs.objects.all()] == [recent]
    assert MonitoringRecord.objects.filter(registration=past).exists(), "evidence for the funder"


@pytest.mark.parametrize("state", ["cancelled", "expired", "refused"])
def test_registration_that_is_over_needs_nothing(state):
    event = make_event()
    kept = told(event)
    told(event, state=state, cancelled_at=timezone.now(), refused_because="x")
    retention.forget()
    assert [one.registration for one in Needs.objects.all()] == [kept]
    assert [one.registration for one in MonitoringRecord.objects.all()] == [kept]


def test_who_never_came_is_no_participant():
    event = make_event(starts_at=LONG_AGO - timedelta(hours=5))
    there = told(event, entered_at=event.starts_at)
    told(event)
    recent = told(make_event(event.programme, starts_at=LATELY))
    retention.forget()
    assert {one.registration for one in MonitoringRecord.objects.all()} == {there, recent}


def test_event_that_is_cancelled_needs_nothing():
    told(make_event(cancelled_at=timezone.now()))
    retention.forget()
    assert not Needs.objects.exists()
    assert not MonitoringRecord.objects.exists()
