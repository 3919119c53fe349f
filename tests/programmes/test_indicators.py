"""How far a programme is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from programmes.indicators import INDICATORS, progress
from programmes.models import Action, Target
from tests.make import both, make_event, make_registration

pytestmark = pytest.mark.django_db


@pytest.fixture
def action(programme):
    return Action.objects.create(programme=programme, slug="seminars", name=both("Seminari", "Seminars"))


def target(action, slug="a", **over):
    values = {"name": both("Traguardo", "Target"), "goal": 10}
    return Target.objects.create(action=action, slug=slug, **values | over)


def test_rooms_bring_their_indicators():
    assert INDICATORS.keys() >= {"seminars_held", "labs_held", "final_event_held", "newsletters_sent", "participants"}


def test_recorded_figure_is_shown_and_the_share_ends_at_100(programme, action):
    target(action, goal=4, recorded=5)
    [one] = progress(programme)
    assert (one.reached, one.goal, one.share, one.is_met) == (5, 4, 100, True)


def test_counted_figure_leaves_out_events_to_come_and_cancelled_ones(programme, action):
    target(action, indicator="seminars_held", recorded=99)
    past = timezone.now() - timedelta(days=2)
    make_event(programme, starts_at=past)
    make_event(programme, starts_at=past, cancelled_at=past)
    make_event(programme, starts_at=past, kind="lab")
    make_event(programme)
    assert progress(programme)[0].reached == 1


def test_somebody_who_came_twice_is_one_participant(programme, action):
    target(action, indicator="participants")
    now = timezone.now()
    for _number in range(2):
        event = make_event(programme)
        make_registration(event, email="anna@example.org", entered_at=now)
        make_registration(event, email="")
        make_registration(event, email="assente@example.org")
    make_registration(event, email="", entered_at=now)
    assert progress(programme)[0].reached == 2


def test_unknown_indicator_shows_what_was_recorded(programme, action):
    target(action, indicator="gone", recorded=3)
    assert progress(programme)[0].reached == 3


@pytest.mark.parametrize("number", [1, 3])
def test_warm_progress_takes_one_query(programme, action, number, django_assert_num_queries):
    for position in range(number):
        target(action, slug=f"t{position}", indicator="seminars_held")
    progress(programme)
    with django_assert_num_queries(1):
        assert len(progress(programme)) == number
