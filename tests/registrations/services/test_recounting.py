"""Minutes follow the event's hours, agenda and rule, also where the message to the worker was lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Event
from events.services import editing
from events.services import recounting as owed
from registrations import tasks
from registrations.services import attendance, certificates, recounting
from registrations.services.certificate_overview import overview
from tests.make import both, make_event, make_registration, make_scan

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme):
    """Four hours in two halves, over since two hours."""
    ends_at = timezone.now().replace(microsecond=0) - timedelta(hours=2)
    event = make_event(programme, starts_at=ends_at - timedelta(hours=4), ends_at=ends_at)
    for half in (0, 2):
        starts_at = event.starts_at + timedelta(hours=half)
        event.sessions.create(starts_at=starts_at, minutes=120, title=both("Parte", "Part"))
    return event


@pytest.fixture
def anna(event):
    """In at the start, never seen going out."""
    anna = make_registration(event)
    make_scan(anna, at=event.starts_at)
    return attendance.recompute(anna)


@pytest.fixture
def worker(monkeypatch, django_capture_on_commit_callbacks):
    """What is rung for inside is done at its end."""
    monkeypatch.setattr(tasks.recount, "delay", tasks.recount.run)
    return lambda: django_capture_on_commit_callbacks(execute=True)


def minutes(registration):
    registration.refresh_from_db()
    return registration.minutes


@pytest.mark.parametrize(("rule", "expected"), [("nothing", 0), ("session", 120), ("end", 240)])
def test_another_rule_counts_everybody_anew(event, anna, rule, expected, worker):
    Event.objects.filter(pk=event.pk).update(missing_exit="session" if rule == "end" else "end")
    with worker():
        editing.update_event(event=event, changes={"missing_exit": rule})
    assert minutes(anna) == expected
    assert Event.objects.get(pk=event.pk).recount_owed_at is None


def test_hours_that_turned_out_otherwise_count_anew(event, anna, worker):
    event.sessions.last().delete()
    with worker():
        editing.update_event(event=event, changes={"ends_at": event.ends_at - timedelta(hours=1)})
    assert minutes(anna) == 180


def test_a_lost_message_is_found_again(event, anna):
    editing.update_event(event=event, changes={"missing_exit": "nothing"})
    assert minutes(anna) == 240
    tasks.recount()
    assert minutes(anna) == 0
    assert Event.objects.get(pk=event.pk).recount_owed_at is None


def test_what_changed_while_it_was_counted_stays_owed(event, anna):
    editing.update_event(event=event, changes={"missing_exit": "nothing"})
    as_counted = Event.objects.get(pk=event.pk)
    editing.update_event(event=event, changes={"missing_exit": "session"})
    owed.is_done(as_counted)
    assert Event.objects.get(pk=event.pk).recount_owed_at
    assert recounting.count_owed() == 1
    assert minutes(anna) == 120


def test_what_does_not_matter_for_minutes_owes_nothing(event, anna):
    editing.update_event(event=event, changes={"title": both("Altro", "Other"), "threshold": 50})
    assert Event.objects.get(pk=event.pk).recount_owed_at is None


def test_certificates_are_issued_by_the_rule_as_it_is_now(event, anna):
    editing.update_event(event=event, changes={"missing_exit": "nothing"})
    assert certificates.issue(event=event) == []
    editing.update_event(event=event, changes={"missing_exit": "end"})
    assert [one.minutes for one in certificates.issue(event=event)] == [240]


def test_a_certificate_that_was_issued_is_shown_as_different(event, anna):
    certificates.issue(event=event)
    editing.update_event(event=event, changes={"missing_exit": "session"})
    recounting.count_owed(event.pk)
    (row,) = overview(event=event).rows
    assert (row.is_outdated, row.certificate.minutes, row.registration.minutes) == (True, 240, 120)
