"""What a calendar program gets about one registration, in the order in which it gets it: through the whole house, from
the service to the mail server."""

import email
import threading
from datetime import timedelta
from email import policy

import pytest
from django.db import connection
from icalendar import Calendar

from events.services import editing, venues
from mail.models import Delivery
from mail.services import sending
from registrations import tasks
from registrations.models import Registration
from registrations.services import changing, notices, signup
from tests.mail.conftest import sink as sink
from tests.make import make_event, make_registration, make_venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme):
    return make_event(programme, venue=make_venue(programme))


def registered(event, address: str) -> Registration:
    person = {"first_name": "Anna", "email": address, "mode": "in_person", "consents": {"privacy": True}}
    return signup.confirm(registration=signup.register(event=event, **person))


def appointments(sink, address: str) -> list[tuple[str, int, str]]:
    """Method, SEQUENCE and UID of what arrived at the server for one address, in order."""
    found = []
    for mail in sink.mails:
        message = email.message_from_bytes(mail.content, policy=policy.default)
        for part in message.walk():
            if mail.to == [address] and part.get_content_type() == "text/calendar" and not part.get_filename():
                calendar = Calendar.from_ical(part.get_content())
                entry = calendar.walk("VEVENT")[0]
                assert part.get_content_charset() == "utf-8"
                assert part.get_param("method") == str(calendar["METHOD"])
                assert str(entry["ATTENDEE"]) == f"mailto:{address}"
                found.append((str(calendar["METHOD"]), int(entry["SEQUENCE"]), str(entry["UID"])))
    return found


def move(event, days: int = 1) -> None:
    event.refresh_from_db()
    by = timedelta(days=days)
    editing.update_event(event=event, changes={"starts_at": event.starts_at + by, "ends_at": event.ends_at + by})
    tasks.tell_changes(event.pk)


def run_two_senders(seconds: float) -> None:
    def drain():
        sending.drain(seconds=seconds)
        connection.close()

    senders = [threading.Thread(target=drain) for _ in range(2)]
    [sender.start() for sender in senders]
    [sender.join() for sender in senders]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_hand_over_each_persons_appointments_in_order(sink, event):
    people = {f"p{number}@example.org": registered(event, f"p{number}@example.org") for number in range(6)}
    move(event)
    venues.update_venue(venue=event.venue, changes={"name": "Palazzo Blu"})
    tasks.tell_changes(event.pk)
    for registration in people.values():
        changing.cancel(registration=Registration.objects.get(pk=registration.pk))
    run_two_senders(20)
    for address in people:
        found = appointments(sink, address)
        assert [method for method, _sequence, _uid in found] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]
        assert [sequence for _method, sequence, _uid in found] == sorted({sequence for _m, sequence, _u in found})
        assert len({uid for _method, _sequence, uid in found}) == 1


@pytest.mark.django_db(transaction=True)
def test_cancel_waits_for_a_request_that_the_server_put_off(sink, event):
    address = "anna@example.org"
    registration = registered(event, address)
    sink.answers[address] = "451 greylisted"
    sending.drain(seconds=5)
    changing.cancel(registration=registration)
    sink.answers.clear()
    run_two_senders(2)
    assert appointments(sink, address) == []
    Delivery.objects.filter(attempts__gt=0).update(not_before="2024-01-01T00:00:00Z")
    run_two_senders(10)
    assert [method for method, _sequence, _uid in appointments(sink, address)] == ["REQUEST", "CANCEL"]


@pytest.mark.django_db(transaction=True)
def test_cancel_leaves_after_a_request_that_was_refused_for_good(sink, event):
    address = "anna@example.org"
    registration = registered(event, address)
    sink.answers[address] = "552 mailbox full"
    sending.drain(seconds=5)
    sink.answers.clear()
    changing.cancel(registration=registration)
    run_two_senders(10)
    assert [method for method, _sequence, _uid in appointments(sink, address)] == ["CANCEL"]


def test_who_cancels_in_this_moment_gets_no_new_date_behind_her_cancellation(event, monkeypatch):
    """The list of who is to be told was read before she cancelled."""
    anna, bea = make_registration(event), make_registration(event)
    told, real = [], notices.tell_change_of_event

    def tell(registration):
        told.append(registration.pk)
        real(registration)
        if registration.pk == anna.pk:
            changing.cancel(registration=Registration.objects.select_related("event").get(pk=bea.pk))

    monkeypatch.setattr(notices, "tell_change_of_event", tell)
    move(event)
    assert told == [anna.pk]
    to_bea = Delivery.objects.filter(email=bea.email).values_list("message__kind", flat=True)
    assert list(to_bea) == ["registrations.cancelled"]


def test_event_that_is_cancelled_takes_itself_out_with_a_higher_sequence(sink, event):
    address = "anna@example.org"
    registered(event, address)
    move(event)
    event.refresh_from_db()
    editing.cancel_event(event=event)
    tasks.tell_changes(event.pk)
    while sending.drain(seconds=2) or Delivery.objects.due().exists():
        pass
    assert [(method, sequence) for method, sequence, _uid in appointments(sink, address)] == [
        ("REQUEST", 0),
        ("REQUEST", 1),
        ("CANCEL", 2),
    ]
