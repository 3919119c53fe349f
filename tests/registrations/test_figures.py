"""What events may know of the people."""

import pytest

from events.models import Event
from events.services import EventError, editing
from tests.make import make_event, make_registration

pytestmark = pytest.mark.django_db


def test_mode_that_people_wait_for_is_not_given_up():
    event = make_event(online_capacity=0)
    make_registration(event, mode="online", state="waiting")
    make_registration(event, mode="online", state="waiting", email_confirmed_at=None)
    with pytest.raises(EventError) as refusal:
        editing.update_event(event=event, changes={"online_capacity": None})
    assert (refusal.value.code, list(refusal.value.fields)) == ("has_waiting", ["online_capacity"])
    assert "1 persona" in refusal.value.message
    assert Event.objects.get().online_capacity == 0


def test_mode_that_nobody_waits_for_can_be_given_up():
    event = make_event(in_person_capacity=0)
    make_registration(event, state="waiting")
    assert editing.update_event(event=event, changes={"online_capacity": None}).online_capacity is None
