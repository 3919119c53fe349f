"""Each reader's own next step: what she is registered for, what her province offers, or the list."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from mail.models import Delivery
from newsletters.services import composing, next_steps, scheduling, sending
from tests.make import both, make_event, make_newsletter, make_registration, make_subscription, make_venue

ROME = ZoneInfo("Europe/Rome")


@pytest.fixture(autouse=True)
def _september():
    with time_machine.travel(datetime(2024, 9, 2, 10, tzinfo=ROME), tick=False):
        yield


@pytest.fixture
def seminar(programme, pisa):
    return make_event(
        programme, slug="seminario-pisa", territory=pisa, venue=make_venue(programme),
        starts_at=datetime(2024, 9, 12, 9, 30, tzinfo=ROME), title=both("Vita e lavoro", "Life and work"),
    )  # fmt: skip


def step_of(programme, **reader):
    subscription = make_subscription(programme, **reader)
    newsletter = make_newsletter(programme, body=both("Ciao\n\n[[prossimo-passo]]", ""))
    scheduling.send_now(newsletter=newsletter)
    sending.dispatch_due()
    delivery = Delivery.objects.get(email=subscription.email)
    same = composing.as_read_by(newsletter, subscription).text
    known = next_steps.known_of(newsletter, subscription)
    assert {name: delivery.personal.get(name) for name in known} == known
    assert delivery.personal["first_name"] == "Giulia"
    return same


def test_who_is_registered_is_awaited(programme, seminar):
    make_registration(seminar, email="anna@example.org")
    assert "Ti aspettiamo giovedì 12 settembre a Pisa, alle 9:30." in step_of(programme, email="anna@example.org")


def test_the_soonest_of_two_wins_over_the_province(programme, seminar, lucca):
    later = make_event(programme, territory=lucca, starts_at=datetime(2024, 10, 3, 15, tzinfo=ROME))
    for event in (later, seminar):
        make_registration(event, email="anna@example.org", mode="online")
    said = step_of(programme, email="anna@example.org", territory=lucca)
    assert "Ti aspettiamo online giovedì 12 settembre, alle 9:30." in said
    assert "http://testserver/eventi/seminario-pisa/" in said


def test_who_is_not_registered_is_shown_her_province_in_her_language(programme, seminar, pisa):
    said = step_of(programme, territory=pisa, language="en")
    assert "Near you: “Life and work”, Thursday 12 September, at 9:30." in said
    assert "Register: http://testserver/en/events/seminario-pisa/" in said


@pytest.mark.parametrize("state", ["cancelled", "waiting", "pending"])
def test_who_holds_no_confirmed_place_is_told_of_the_list(programme, seminar, lucca, state):
    now = timezone.now()
    make_registration(seminar, email="anna@example.org", state=state, cancelled_at=now, held_until=now)
    said = step_of(programme, email="anna@example.org", territory=lucca)
    assert "Trova l’incontro più vicino a te." in said
    assert "Tutti gli incontri: http://testserver/eventi/" in said


def test_who_gets_nothing_has_nothing_written_about_her(programme, seminar, pisa):
    make_registration(seminar, email="anna@example.org")
    make_subscription(programme, email="anna@example.org", state="pending", confirmed_at=None)
    newsletter = make_newsletter(programme, body=both("[[next-step]]", ""))
    scheduling.send_now(newsletter=newsletter)
    sending.dispatch_due()
    assert Delivery.objects.get().personal == {}


def test_without_the_block_nothing_is_asked(programme, seminar, django_assert_num_queries):
    newsletter = make_newsletter(programme)
    with django_assert_num_queries(0):
        next_steps.write(newsletter)


@pytest.mark.parametrize("number", [1, 3])
def test_steps_ask_as_much_for_one_reader_as_for_many(programme, seminar, pisa, number, django_assert_num_queries):
    for _one in range(number):
        make_registration(seminar, email=make_subscription(programme, territory=pisa).email)
    newsletter = make_newsletter(programme, body=both("[[next-step]]", ""))
    with django_assert_num_queries(7):
        next_steps.write(newsletter)
