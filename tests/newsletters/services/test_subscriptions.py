"""Asking, confirming, leaving, coming back; and what a registration's ticked box does."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import Delivery
from newsletters.models import Subscription
from newsletters.services import NewsletterError, subscriptions
from registrations.models import Consent, Registration
from registrations.services import agreeing
from registrations.signals import registration_confirmed
from tests.make import make_event, make_registration, make_subscription

State = Subscription.State


def ask(programme, email="anna.verdi@example.org", **over):
    subscriptions.subscribe(programme=programme, email=email, source="site:subscribe", **over)
    return Subscription.objects.get(programme=programme)


def test_subscribe_waits_for_the_link_and_keeps_the_proof(programme, pisa):
    subscription = ask(programme, first_name="Anna", territory=pisa)
    assert subscription.state == State.PENDING
    assert "Vita Lavoro Toscana" in subscription.consent_text
    assert subscription.consent_source == "site:subscribe"
    delivery = Delivery.objects.get()
    assert delivery.email == "anna.verdi@example.org"
    assert subscription.link("confirm") in delivery.message.text


def test_subscribe_thirty_spellings_is_one_person(programme):
    spellings = {
        change(f"{lead}{address}{tail}")
        for change in (str, str.upper, str.title)
        for lead in ("", " ", "\u200b")
        for tail in ("", " ", ".", "\ufeff")
        for address in ("anna@bücher.example", "anna@xn--bcher-kva.example", "ａｎｎａ@bücher.example")
    }
    assert len(spellings) >= 30
    for spelling in spellings:
        ask(programme, spelling)
    assert Subscription.objects.get().email == "anna@xn--bcher-kva.example"
    assert Delivery.objects.count() == 1


def test_subscribe_twice_within_the_hour_is_one_mail(programme):
    ask(programme)
    ask(programme)
    assert Delivery.objects.count() == 1


def test_subscribe_who_is_subscribed_changes_nothing_and_tells_her_by_mail(programme):
    before = make_subscription(programme, email="anna.verdi@example.org")
    subscription = ask(programme, first_name="Somebody else")
    assert (subscription.state, subscription.first_name) == (State.ACTIVE, "Giulia")
    assert subscription.consent_at == before.consent_at
    assert Delivery.objects.get().message.kind == "newsletters.already"


def test_confirm_makes_active_and_twice_is_once(programme):
    subscription = subscriptions.confirm(subscription=ask(programme))
    again = subscriptions.confirm(subscription=subscription)
    assert again.state == State.ACTIVE
    assert again.confirmed_at == subscription.confirmed_at


def test_confirm_after_leaving_is_refused(programme):
    subscription = ask(programme)
    subscriptions.unsubscribe(subscription=subscription)
    with pytest.raises(NewsletterError) as refusal:
        subscriptions.confirm(subscription=subscription)
    assert refusal.value.code == "ended"
    subscription.refresh_from_db()
    assert subscription.state == State.ENDED


def test_unsubscribe_twice_keeps_the_first_time(programme):
    subscription = make_subscription(programme)
    subscriptions.unsubscribe(subscription=subscription)
    first = subscription.ended_at
    subscriptions.unsubscribe(subscription=subscription)
    assert subscription.ended_at == first


def test_resubscribe_is_active_with_a_new_proof(programme):
    subscription = make_subscription(programme)
    subscriptions.unsubscribe(subscription=subscription)
    back = subscriptions.resubscribe(subscription=subscription, source="site:preferences")
    assert (back.state, back.consent_source, back.ended_at) == (State.ACTIVE, "site:preferences", None)
    assert back.consent_at > subscription.consent_at


def prove(programme, email, consent_at):
    return subscriptions.add_with_proof(
        programme=programme, email=email, consent_text="Sì.", consent_source="list", consent_at=consent_at
    )


def test_add_with_proof_older_than_leaving_stays_away(programme):
    left = make_subscription(programme)
    subscriptions.unsubscribe(subscription=left)
    assert prove(programme, left.email, timezone.now() - timedelta(days=1)).state == State.ENDED
    assert prove(programme, left.email, timezone.now()).state == State.ACTIVE


@pytest.fixture
def ticked(programme, pisa):
    """A confirmed registration in Pisa with the newsletter ticked."""
    registration = make_registration(make_event(programme, territory=pisa), first_name="Anna", email="anna@example.org")
    Consent.objects.create(registration=registration, purpose="newsletter", text="Voglio la newsletter.")
    return registration


def test_registration_with_the_box_ticked_subscribes_with_its_words_and_province(ticked, pisa):
    subscription = subscriptions.add_from_registration(registration=ticked)
    assert subscription.state == State.ACTIVE
    assert (subscription.first_name, subscription.territory) == ("Anna", pisa)
    assert subscription.consent_text == "Voglio la newsletter."
    assert subscription.consent_source == f"registration:{ticked.pk}"
    assert not Delivery.objects.exists()


def test_registration_twice_is_once_and_leaving_later_is_respected(ticked):
    subscription = subscriptions.add_from_registration(registration=ticked)
    subscriptions.unsubscribe(subscription=subscription)
    again = subscriptions.add_from_registration(registration=ticked)
    assert again.state == State.ENDED
    assert subscriptions.add_owed() == 0


def test_registration_after_leaving_brings_back_with_the_new_proof(programme, ticked):
    long_ago = timezone.now() - timedelta(days=300)
    make_subscription(programme, email="anna@example.org", state=State.ENDED, ended_at=long_ago)
    subscription = subscriptions.add_from_registration(registration=ticked)
    assert (subscription.state, subscription.consent_text) == (State.ACTIVE, "Voglio la newsletter.")


@pytest.mark.parametrize("change", [{"state": Registration.State.WAITING}, {"email": ""}])
def test_registration_not_confirmed_or_without_address_subscribes_nobody(ticked, change):
    Registration.objects.filter(pk=ticked.pk).update(**change)
    ticked.refresh_from_db()
    assert subscriptions.add_from_registration(registration=ticked) is None
    assert not Subscription.objects.exists()


def test_registration_with_consent_withdrawn_subscribes_nobody(ticked):
    ticked.consents.update(withdrawn_at=timezone.now())
    assert subscriptions.add_from_registration(registration=ticked) is None
    assert not Subscription.objects.exists()


def test_registration_at_the_door_is_asked_by_mail_once(ticked):
    ticked.email_confirmed_at = None
    ticked.save()
    subscriptions.add_from_registration(registration=ticked)
    subscriptions.add_from_registration(registration=ticked)
    assert Subscription.objects.get().state == State.PENDING
    assert Delivery.objects.get().message.kind == "newsletters.confirm"


def test_registration_whose_message_was_lost_is_found_by_the_timetable(ticked):
    assert subscriptions.add_owed() == 1
    assert Subscription.objects.get().state == State.ACTIVE
    assert subscriptions.add_owed() == 0


def test_registration_confirmed_rings_the_worker_after_commit(ticked, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        registration_confirmed.send(sender=Registration, registration=ticked)
    assert len(callbacks) == 1
    assert not Subscription.objects.exists()


def test_consent_taken_back_on_the_registration_ends_the_subscription(programme, django_capture_on_commit_callbacks):
    registration = make_registration(make_event(programme))
    subscription = make_subscription(programme, email=registration.email)
    with django_capture_on_commit_callbacks(execute=True):
        agreeing.choose(registration=registration, agreed={"newsletter": True})
        agreeing.choose(registration=registration, agreed={"newsletter": False})
    subscriptions.end_withdrawn()
    subscription.refresh_from_db()
    assert subscription.state == State.ENDED
    assert subscription.ended_at


def test_consent_taken_back_does_not_undo_a_later_one(programme):
    registration = make_registration(make_event(programme))
    agreeing.choose(registration=registration, agreed={"newsletter": True})
    agreeing.choose(registration=registration, agreed={"newsletter": False})
    later = make_subscription(programme, email=registration.email, consent_at=timezone.now())
    assert subscriptions.end_withdrawn() == 0
    later.refresh_from_db()
    assert later.state == State.ACTIVE
