"""What is forgotten about readers, and what is kept so that nobody is written to against her will."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletters.models import Subscription
from newsletters.services import retention, subscriptions
from tests.make import make_subscription

pytestmark = pytest.mark.django_db
State = Subscription.State
LONG_AGO = timezone.now() - timedelta(days=31)
LATELY = timezone.now() - timedelta(days=29)


def test_subscription_nobody_confirmed_is_forgotten_after_a_month(programme):
    make_subscription(programme, state=State.PENDING, confirmed_at=None, asked_at=LONG_AGO)
    lately = make_subscription(programme, state=State.PENDING, confirmed_at=None, asked_at=LATELY)
    active = make_subscription(programme, asked_at=LONG_AGO)
    retention.forget()
    retention.forget()
    assert set(Subscription.objects.all()) == {lately, active}


def test_who_left_loses_her_name_and_is_still_not_written_to(programme, pisa):
    told = {"territory": pisa, "topics": ["events"], "organisation_kind": "union"}
    gone = make_subscription(programme, state=State.ENDED, ended_at=LONG_AGO, **told)
    only = make_subscription(programme, state=State.ENDED, ended_at=LONG_AGO, first_name="", topics=["events"])
    retention.forget()
    gone.refresh_from_db()
    only.refresh_from_db()
    assert (gone.name, gone.territory, gone.state) == ("", None, State.ENDED)
    assert (gone.topics, gone.organisation_kind, only.topics) == ([], "", [])
    before = gone.ended_at - timedelta(days=1)
    subscriptions.add_with_proof(
        programme=programme, email=gone.email, consent_text="Sì", consent_source="lista", consent_at=before
    )
    gone.refresh_from_db()
    assert gone.state == State.ENDED


def test_who_left_and_did_not_answer_when_asked_again_has_left_and_keeps_the_older_proof(programme):
    gone = make_subscription(programme, state=State.ENDED, asked_at=LONG_AGO, ended_at=LONG_AGO)
    subscriptions.ask_again(subscription=gone, source="site:preferences")
    gone.proofs.unanswered().update(recorded_at=LONG_AGO)
    retention.forget()
    gone.refresh_from_db()
    assert gone.state == State.ENDED
    assert gone.proofs.get().source == "site:subscribe"
