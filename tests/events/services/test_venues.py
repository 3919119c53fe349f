import time
from datetime import timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from events import calendars
from events.models import Event
from events.services import venues
from mail.models import Delivery
from registrations import tasks
from tests.make import both, make_event, make_registration, make_running_event, make_venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue(programme):
    return make_venue(programme, name="Stazione Leopolda")


def told() -> list[str]:
    return list(Delivery.objects.filter(message__kind="registrations.event_moved").values_list("email", flat=True))


def test_new_address_moves_the_events_to_come_and_tells_their_people(programme, venue):
    event = make_event(programme, venue=venue)
    anna = make_registration(event)
    before = Calendar.from_ical(calendars.single(event=event)).walk("VEVENT")[0]
    time.sleep(1)  # a calendar stamps seconds
    venues.update_venue(venue=venue, changes={"address": "Via Nuova 1", "name": "Palazzo Blu"})
    tasks.tell_changes(event.pk)
    event = Event.objects.select_related("programme", "venue").get(pk=event.pk)
    after = Calendar.from_ical(calendars.single(event=event)).walk("VEVENT")[0]
    assert int(after["SEQUENCE"]) == int(before["SEQUENCE"]) + 1
    assert after["DTSTAMP"].dt > before["DTSTAMP"].dt
    assert str(after["LOCATION"]) == "Palazzo Blu, Via Nuova 1, Pisa"
    assert told() == [anna.email]
    assert "Palazzo Blu, Via Nuova 1, Pisa" in Delivery.objects.get().message.text


def test_how_to_reach_it_moves_nobody(programme, venue):
    event = make_event(programme, venue=venue)
    make_registration(event)
    venues.update_venue(venue=venue, changes={"by_train": both("Dalla stazione a piedi", ""), "address": venue.address})
    tasks.tell_changes(event.pk)
    venue.refresh_from_db()
    event.refresh_from_db()
    assert (str(venue.by_train), event.sequence, told()) == ("Dalla stazione a piedi", 0, [])


def test_events_that_are_over_cancelled_elsewhere_or_drafts_tell_nobody(programme, venue):
    now = timezone.now()
    ended = make_event(programme, venue=venue, starts_at=now - timedelta(days=2))
    events = [
        ended,
        make_event(programme, venue=venue, cancelled_at=now),
        make_event(programme, venue=make_venue(programme)),
        make_event(programme, venue=venue, published_at=None),
    ]
    for event in events:
        make_registration(event)
    assert venues.people_going(venue) == 0
    venues.update_venue(venue=venue, changes={"town": "Cascina"})
    assert list(Event.objects.filter(sequence=1)) == [events[-1]]
    tasks.tell_changes(ended.pk)
    assert told() == []


def test_running_event_counts_among_those_to_come(programme, venue):
    event = make_running_event(programme, venue=venue)
    make_registration(event)
    make_registration(event, mode="online")
    assert venues.people_going(venue) == 2


def test_moving_takes_the_same_queries_with_1_and_3_events(programme, venue, django_assert_num_queries):
    for number in (1, 2):
        for _ in range(number):
            make_event(programme, venue=venue, published_at=None)
        with django_assert_num_queries(8):
            venues.update_venue(venue=venue, changes={"name": f"Sala {number}"})
