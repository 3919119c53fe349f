import email
import re
from datetime import timedelta
from email import policy

import pytest
import time_machine
from django.utils import timezone
from icalendar import Calendar

from events.services import editing
from mail import composing
from mail.models import Delivery
from registrations import tasks
from registrations.services import changing, notices, signup, tickets, waiting_list
from tests.make import make_event, make_registration, make_running_event, make_venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme):
    return make_event(programme, venue=make_venue(programme), in_person_capacity=1)


def register(event, **over):
    values = {"first_name": "Anna", "email": "anna@example.org", "mode": "in_person", "consents": {"privacy": True}}
    return signup.register(event=event, **values | over)


def told(kind: str, to: str = "anna@example.org") -> list[Delivery]:
    return list(Delivery.objects.filter(message__kind=f"registrations.{kind}", email=to).order_by("pk"))


def parts(delivery: Delivery) -> dict[str, email.message.EmailMessage]:
    """The message as a mail program reads it, one part a type."""
    message = email.message_from_bytes(composing.compose(delivery), policy=policy.default)
    return {part.get_content_type(): part for part in message.walk()} | {"message": message}


def entry(delivery: Delivery):
    calendar = Calendar.from_ical(parts(delivery)["text/calendar"].get_content())
    return calendar["METHOD"], calendar.walk("VEVENT")[0]


def test_ticket_mail_holds_qr_address_and_appointment(event):
    registration = signup.confirm(registration=register(event))
    (delivery,) = told("ticket")
    read = parts(delivery)
    text, html = read["text/plain"].get_content(), read["text/html"].get_content()
    assert tickets.ticket_url(registration) in text
    assert tickets.ticket_url(registration) in html
    assert re.search(r'src="cid:ticket"', html)
    assert read["image/png"]["Content-ID"] == "<ticket>"
    assert read["image/png"].get_content_disposition() == "inline"
    assert registration.token in text
    assert "&#" not in text
    method, appointment = entry(delivery)
    assert (method, appointment["SEQUENCE"]) == ("REQUEST", 0)
    assert appointment["ATTENDEE"] == "mailto:anna@example.org"
    names = [part.get_filename() for part in read["message"].iter_attachments()]
    assert "invito.ics" in names


def test_online_ticket_mail_holds_the_personal_link_and_no_qr(event):
    registration = signup.confirm(registration=register(event, mode="online"))
    read = parts(told("ticket")[0])
    assert f"/iscrizioni/{registration.token}/online/" in read["text/plain"].get_content()
    assert "image/png" not in read
    assert entry(told("ticket")[0])[1]["LOCATION"] == "Online"


def test_mail_speaks_the_language_of_the_registration(event):
    signup.confirm(registration=register(event, language="en"))
    message = told("ticket")[0].message
    assert message.subject.startswith("See you on ")
    assert "/en/registrations/" in message.text
    assert message.language == "en"


def test_cancelling_takes_the_appointment_out_of_the_calendar(event):
    registration = signup.confirm(registration=register(event))
    changing.cancel(registration=registration)
    before, after = entry(told("ticket")[0]), entry(told("cancelled")[0])
    assert (after[0], after[1]["STATUS"]) == ("CANCEL", "CANCELLED")
    assert after[1]["UID"] == before[1]["UID"]
    assert after[1]["SEQUENCE"] > before[1]["SEQUENCE"]


def test_cancelling_before_confirming_writes_to_nobody(event):
    changing.cancel(registration=register(event))
    assert told("cancelled") == []


def test_change_of_mode_sends_a_newer_appointment(event):
    registration = signup.confirm(registration=register(event))
    changing.change_mode(registration=registration, mode="online")
    first, second = told("ticket")
    assert entry(second)[1]["SEQUENCE"] > entry(first)[1]["SEQUENCE"]


def test_waiting_person_hears_her_position_and_then_of_her_place(event):
    holder = make_registration(event)
    signup.confirm(registration=register(event))
    assert "numero 1" in told("waiting")[0].message.text
    changing.cancel(registration=holder)
    (offer,) = told("place_offered")
    assert "/offerta/" in offer.message.text
    assert "text/calendar" not in parts(offer)
    waiting_list.accept(registration=event.registrations.get(email="anna@example.org"))
    (ticket,) = told("ticket")
    assert "image/png" in parts(ticket)
    assert entry(ticket)[0] == "REQUEST"


def test_walk_in_without_address_is_written_to_nowhere(programme):
    signup.register_walk_in(event=make_event(programme), first_name="Ugo", consents={"privacy": True})
    assert not Delivery.objects.exists()


def test_walk_in_with_address_gets_her_ticket_without_see_you_soon(programme):
    event = make_running_event(programme)
    signup.register_walk_in(event=event, first_name="Ada", email="anna@example.org", consents={"privacy": True})
    assert told("ticket")[0].message.subject.startswith("Il tuo biglietto: ")


def test_moved_event_is_told_once_to_whoever_is_registered(programme, event):
    coming = signup.confirm(registration=register(event))
    waiting = signup.confirm(registration=register(event, email="bea@example.org"))
    register(event, email="carlo@example.org", mode="online")
    editing.update_event(
        event=event,
        changes={"starts_at": event.starts_at + timedelta(days=1), "ends_at": event.ends_at + timedelta(days=1)},
    )
    for _ in range(2):
        tasks.tell_changes()
    (moved,) = told("event_moved")
    method, appointment = entry(moved)
    assert method == "REQUEST"
    assert appointment["SEQUENCE"] > entry(told("ticket")[0])[1]["SEQUENCE"]
    assert appointment["UID"] == entry(told("ticket")[0])[1]["UID"]
    assert "text/calendar" not in parts(told("event_moved", "bea@example.org")[0])
    assert told("event_moved", "carlo@example.org") == []
    coming.refresh_from_db()
    waiting.refresh_from_db()
    assert coming.told_sequence == waiting.told_sequence == 1


def test_who_registers_after_the_move_is_not_told_of_it(programme, event):
    editing.update_event(event=event, changes={"venue": make_venue(programme, name="Palazzo Blu")})
    signup.confirm(registration=register(event))
    assert notices.tell_changes_of_events() == 0


def test_cancelled_event_is_told_with_a_cancellation(event):
    signup.confirm(registration=register(event))
    editing.cancel_event(event=event)
    tasks.tell_changes(event.pk)
    (delivery,) = told("event_cancelled")
    assert entry(delivery)[0] == "CANCEL"
    assert entry(delivery)[1]["SEQUENCE"] > entry(told("ticket")[0])[1]["SEQUENCE"]


def test_change_is_told_in_bounded_batches(event):
    for _ in range(3):
        make_registration(event, mode="online")
    editing.update_event(event=event, changes={"ends_at": event.ends_at + timedelta(hours=1)})
    assert [notices.tell_changes_of_events(limit=2), notices.tell_changes_of_events(limit=2)] == [2, 1]


def test_link_asked_for_again_and_again_floods_nobody(event):
    start = timezone.now().replace(second=0, minute=0, microsecond=0) + timedelta(seconds=110)
    with time_machine.travel(start, tick=False) as clock:
        registration = register(event)
        for seconds in (1, 15, 100, 10):  # over the border between two pairs of minutes
            clock.shift(seconds)
            signup.resend(registration=registration)
            signup.resend(registration=registration)
    written = list(Delivery.objects.order_by("pk").values_list("created_at", flat=True))
    assert [(moment - start).total_seconds() for moment in written] == [0, 126]


def test_confirm_mail_says_until_when_in_words(event):
    registration = register(event)
    message = told("confirm")[0].message
    until = timezone.localtime(registration.held_until)
    assert f"{until:%-H:%M}" in message.text
    assert registration.first_name in message.text
    assert message.reply_to == "info@vlt.example"


def test_cancelled_event_is_told_plainly_to_whoever_has_no_invitation(event):
    signup.confirm(registration=register(event))
    register(event, email="bea@example.org")
    register(event, email="carlo@example.org", mode="online")
    editing.cancel_event(event=event)
    for _ in range(2):
        tasks.tell_changes(event.pk)
    for to in ("bea@example.org", "carlo@example.org"):
        (delivery,) = told("event_cancelled", to)
        assert "text/calendar" not in parts(delivery)
        assert "calendario" not in delivery.message.text
    assert len(told("event_cancelled")) == 1
