"""The roster in pages: nothing is lost between two of them, and nothing told for ever."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registrations.models import Registration
from registrations.services import RegistrationError, roster
from tests.make import make_event, make_registration

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme):
    return make_event()


def long_ago(*people):
    """All changed in the same moment, a minute ago."""
    Registration.objects.filter(pk__in=[one.pk for one in people]).update(
        changed_at=timezone.now() - timedelta(minutes=1)
    )


def test_pages_together_are_everybody_once(event):
    people = [make_registration(event) for _ in range(5)]
    long_ago(*people)
    pages = [roster.changes(event=event, page=2)]
    while pages[-1].has_more:
        pages.append(roster.changes(event=event, cursor=pages[-1].cursor, page=2))
    assert [one for page in pages for one in page.entries] == people
    assert len(pages) == 3


def test_change_committed_a_little_later_than_stamped_is_told(event):
    cursor = roster.changes(event=event).cursor
    person = make_registration(event)
    Registration.objects.filter(pk=person.pk).update(changed_at=timezone.now() - timedelta(seconds=5))
    assert roster.changes(event=event, cursor=cursor).entries == [person]


def test_nothing_new_is_an_empty_page(event):
    long_ago(make_registration(event))
    cursor = roster.changes(event=event).cursor
    part = roster.changes(event=event, cursor=cursor)
    assert (part.entries, part.removed, part.has_more) == ([], [], False)


def test_other_events_people_are_not_told(event, programme):
    make_registration(make_event())
    assert roster.changes(event=event).entries == []


def test_wrong_cursor_is_refused(event):
    with pytest.raises(RegistrationError) as refused:
        roster.changes(event=event, cursor="yesterday")
    assert refused.value.code == "invalid"
