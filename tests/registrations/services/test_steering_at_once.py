"""Holder, colleague, door and robots press at the same moment: one thing happens, and the counters stay true."""

import pytest
from django.utils import timezone

from registrations.models import Handover, LinkRequest, Registration
from registrations.services import (
    RegistrationError,
    agreeing,
    changing,
    erasing,
    handing_over,
    lost_links,
    places,
)
from tests.make import make_event, make_registration
from tests.threads import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)
State = Registration.State


def told(work):
    try:
        work()
    except RegistrationError as error:
        return error.code
    return "done"


def again(row):
    return type(row).objects.get(pk=row.pk)


@pytest.fixture
def event():
    return make_event(in_person_capacity=1, online_capacity=None)


def test_one_of_many_clicks_takes_the_place(event):
    offer = handing_over.offer(registration=make_registration(event), first_name="Bruna", email="b@example.org")

    def accept(n):
        return told(lambda: handing_over.accept(handover=again(offer), first_name=f"B{n}", consents={"privacy": True}))

    assert sorted(all_at_once(accept, 8)) == ["done"] + ["over"] * 7
    assert event.registrations.count() == 2
    assert places.miscounted(event) == {}


def test_taking_over_taking_back_cancelling_and_erasing_leave_one_place_for_one_person(event):
    anna = make_registration(event)
    offer = handing_over.offer(registration=anna, first_name="Bruna", email="b@example.org")
    waiting = make_registration(event, state=State.WAITING, queued_at=timezone.now())
    acts = [
        lambda: handing_over.accept(handover=again(offer), first_name="Bruna", consents={"privacy": True}),
        lambda: handing_over.take_back(registration=again(anna)),
        lambda: changing.cancel(registration=again(anna)),
        lambda: erasing.ask(registration=again(anna)),
        lambda: handing_over.decline(handover=again(offer)),
    ]
    all_at_once(lambda n: told(acts[n]), len(acts))
    assert places.miscounted(event) == {}
    assert event.registrations.holding_places().count() <= 1
    anna.refresh_from_db()
    assert anna.erased_at
    has_successor = Handover.objects.filter(successor__isnull=False).exists()
    waiting.refresh_from_db()
    assert has_successor == (waiting.state == State.WAITING), "nobody waits while the place is free, or gets in between"


def test_one_offer_of_many(event):
    anna = make_registration(event)

    def offer(n):
        return told(lambda: handing_over.offer(registration=again(anna), first_name="B", email=f"b{n}@example.org"))

    assert sorted(all_at_once(offer, 6)) == ["done"] + ["offered"] * 5
    assert Handover.objects.count() == 1


def test_ledger_alternates_whatever_is_pressed_at_once(event):
    anna = make_registration(event)
    all_at_once(lambda n: agreeing.choose(registration=again(anna), agreed={"photos": n % 2 == 0}), 10)
    acts = [one.act for one in anna.consents.all()]
    assert acts == ["given", "withdrawn"] * (len(acts) // 2) + ["given"] * (len(acts) % 2)


def test_links_are_asked_for_many_times_and_mailed_once(event):
    make_registration(event, email="anna@example.org")
    all_at_once(lambda n: lost_links.ask(email="anna@example.org"), 8)
    assert LinkRequest.objects.count() == 1
    all_at_once(lambda n: lost_links.answer_owed(), 4)
    assert LinkRequest.objects.filter(answered_at__isnull=False).count() == 1
