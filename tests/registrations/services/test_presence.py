from datetime import timedelta

import pytest
from django.utils import timezone

from registrations.services import RegistrationError, presence
from tests.make import make_event, make_registration

pytestmark = pytest.mark.django_db


@pytest.fixture
def start():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def bea(programme, start):
    return make_registration(make_event(programme, starts_at=start), mode="online")


def after(start, minutes):
    return start + timedelta(minutes=minutes)


def test_signs_of_life_make_one_stretch(bea, start):
    for minutes in (0, 20, 40, 60):
        presence.stay(registration=bea, now=after(start, minutes))
    presence.leave(registration=bea, now=after(start, 75))
    bea.refresh_from_db()
    assert bea.minutes == 75
    assert bea.scans.count() == 2


def test_silence_is_not_counted(bea, start):
    presence.stay(registration=bea, now=start)
    presence.stay(registration=bea, now=after(start, 120))
    presence.leave(registration=bea, now=after(start, 130))
    bea.refresh_from_db()
    assert bea.minutes == 30 + 10
    assert bea.scans.count() == 4


def test_minutes_before_and_after_the_event_are_not_counted(bea, start):
    presence.stay(registration=bea, now=after(start, -20))
    presence.stay(registration=bea, now=after(start, 5))
    presence.leave(registration=bea, now=after(start, 10))
    presence.stay(registration=bea, now=after(start, 235))
    bea.refresh_from_db()
    assert bea.minutes == 10 + 5


@pytest.mark.parametrize("minutes", [-31, 240, 500])
def test_room_outside_its_hours_is_closed(bea, start, minutes):
    with pytest.raises(RegistrationError) as refusal:
        presence.stay(registration=bea, now=after(start, minutes))
    assert refusal.value.code == "closed"
    assert not bea.scans.exists()


@pytest.mark.parametrize("over", [{"mode": "in_person"}, {"state": "waiting"}])
def test_room_is_only_for_who_is_registered_online(programme, start, over):
    registration = make_registration(make_event(programme, starts_at=start), **{"mode": "online"} | over)
    with pytest.raises(RegistrationError) as refusal:
        presence.stay(registration=registration, now=start)
    assert refusal.value.code == "invalid"
    assert not registration.scans.exists()


def test_leaving_twice_or_without_coming_in_is_harmless(bea, start):
    presence.leave(registration=bea, now=start)
    presence.stay(registration=bea, now=start)
    for minutes in (10, 25):
        presence.leave(registration=bea, now=after(start, minutes))
    bea.refresh_from_db()
    assert bea.minutes == 10
