"""Who reports us as unwanted gets no newsletter any more, until she herself says yes again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import Delivery, Feedback, Suppression
from mail.services import feedback
from newsletters import tasks
from newsletters.models import Subscription
from newsletters.services import complaints, subscriptions
from tests.make import make_consent, make_delivery, make_event, make_registration, make_subscription

pytestmark = pytest.mark.django_db
State = Subscription.State


@pytest.fixture
def giulia(programme):
    return make_subscription(programme, email="giulia@example.org")


def complain(email="giulia@example.org", days=0):
    feedback.record(delivery=make_delivery(email=email), kind="complaint", source="mailbox")
    at = timezone.now() - timedelta(days=days)
    Feedback.objects.filter(email=email).update(received_at=at)
    Suppression.objects.filter(email=email).update(created_at=at)


def state_of(subscription):
    return Subscription.objects.get(pk=subscription.pk).state


def test_complaint_ends_the_subscription_with_its_reason_and_nobody_elses(programme, giulia):
    other = make_subscription(programme)
    complain()
    assert complaints.end_complained() == 1
    assert (state_of(giulia), state_of(other)) == (State.ENDED, State.ACTIVE)
    assert giulia.proofs.get().ended_by == "complained"
    assert complaints.end_complained() == 0


def test_complaint_is_heard_at_once_and_found_again_when_that_was_lost(
    giulia, monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr(tasks.follow_consents, "delay_on_commit", lambda: woken.append(True))
    with django_capture_on_commit_callbacks(execute=True):
        complain()
    assert woken == [True]
    tasks.follow_consents()
    assert state_of(giulia) == State.ENDED


def test_bounce_ends_no_subscription(giulia):
    feedback.record(delivery=make_delivery(email=giulia.email), kind="hard", source="mailbox")
    assert complaints.end_complained() == 0
    assert state_of(giulia) == State.ACTIVE


def test_request_that_was_only_typed_ends_too_when_its_mail_was_reported(programme):
    asked = make_subscription(programme, email="giulia@example.org", state=State.PENDING, confirmed_at=None)
    complain()
    assert complaints.end_complained() == 1
    assert state_of(asked) == State.ENDED


def test_yes_after_the_complaint_stands(programme):
    complain(days=3)
    lately = make_subscription(programme, email="giulia@example.org", asked_at=timezone.now() - timedelta(days=2))
    assert complaints.end_complained() == 0
    assert state_of(lately) == State.ACTIVE


def test_button_pressed_after_the_complaint_is_a_yes_and_frees_the_address(programme, giulia):
    complain(days=1)
    complaints.end_complained()
    subscriptions.subscribe(programme=programme, email=giulia.email, source="site")
    assert Suppression.objects.exists()
    confirm = Delivery.objects.get(message__kind="newsletters.confirm")
    token = confirm.message.text.split("/newsletter/conferma/")[1].split("/")[0]
    subscriptions.confirm(token=token)
    assert complaints.end_complained() == 0
    assert state_of(giulia) == State.ACTIVE
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(("days", "is_freed"), [(1, True), (3, False)])
def test_box_ticked_in_a_confirmed_registration_frees_only_when_it_came_later(programme, days, is_freed):
    complain(days=2)
    registration = make_registration(make_event(programme), email="giulia@example.org")
    given_at = timezone.now() - timedelta(days=days)
    make_consent(registration, at=given_at)
    subscriptions.add_from_registration(registration=registration)
    complaints.end_complained()
    assert Suppression.objects.exists() != is_freed
    assert (Subscription.objects.get().state == State.ACTIVE) == is_freed


def test_list_brought_along_does_not_bring_back_who_complained(programme):
    complain(days=1)
    subscriptions.add_with_proof(
        programme=programme, email="giulia@example.org", consent_text="x", consent_source="foglio",
        consent_at=timezone.now() - timedelta(days=40),
    )  # fmt: skip
    assert complaints.end_complained() == 1
    assert Suppression.objects.exists()
