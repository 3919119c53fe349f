"""Asking, confirming, leaving, coming back; and what a registration's ticked box does."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import Delivery
from newsletters.models import Subscription
from newsletters.services import NewsletterError, subscriptions
from registrations.models import Registration
from registrations.services import agreeing
from registrations.signals import registration_confirmed
from tests.make import make_consent, make_event, make_registration, make_subscription

State = Subscription.State


def ask(programme, email="anna.verdi@example.org", **over):
    subscriptions.subscribe(programme=programme, email=email, source="site:subscribe", **over)
    return Subscription.objects.get(programme=programme)


def link_in(delivery):
    """The address to confirm at, and the token in it."""
    link = re.search(r"http://testserver/newsletter/conferma/(\S+)/", delivery.message.text)
    return link.group(0), link.group(1)


def history(subscription):
    """What is proved of her, oldest first."""
    return [
        (proof.text, proof.source, proof.asked_at, proof.confirmed_at, proof.ended_at, proof.ended_by)
        for proof in subscription.proofs.all()
    ]


def refused(code, act, **arguments):
    with pytest.raises(NewsletterError) as refusal:
        act(**arguments)
    assert refusal.value.code == code


def test_subscribe_waits_for_the_link_and_keeps_the_proof(programme, pisa):
    subscription = ask(programme, first_name="Anna", territory=pisa)
    assert subscription.state == State.PENDING
    proof = subscription.proofs.get()
    assert "Vita Lavoro Toscana" in proof.text
    assert (proof.source, proof.confirmed_at) == ("site:subscribe", None)
    delivery = Delivery.objects.get()
    assert delivery.email == "anna.verdi@example.org"
    assert subscription.token not in delivery.message.text
    assert link_in(delivery)[1] not in str(vars(proof))


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
    proved = history(make_subscription(programme, email="anna.verdi@example.org"))
    subscription = ask(programme, first_name="Somebody else")
    assert (subscription.state, subscription.first_name) == (State.ACTIVE, "Giulia")
    assert history(subscription) == proved
    assert Delivery.objects.get().message.kind == "newsletters.already"


@pytest.mark.parametrize("state", [State.ENDED, State.ACTIVE])
def test_subscribe_by_anybody_leaves_what_is_proved_of_her_as_it_was(programme, state):
    long_ago = timezone.now() - timedelta(days=300)
    ended_at = long_ago if state == State.ENDED else None
    anna = make_subscription(programme, email="anna.verdi@example.org", state=state, ended_at=ended_at)
    row, proved = Subscription.objects.values().get(), history(anna)
    ask(programme, first_name="Somebody else", language="en")
    assert Subscription.objects.values().get() == row
    assert history(anna)[:1] == proved
    assert not anna.proofs.unanswered().filter(confirmed_at__isnull=False).exists()


def test_confirm_makes_active_and_twice_is_once(programme, pisa):
    ask(programme, first_name="Anna", territory=pisa)
    _link, token = link_in(Delivery.objects.get())
    subscription = subscriptions.confirm(token=token)
    assert (subscription.state, subscription.first_name, subscription.territory) == (State.ACTIVE, "Anna", pisa)
    assert subscription.proofs.standing().count() == 1
    assert subscriptions.confirm(token=token).confirmed_at == subscription.confirmed_at


def test_confirm_after_leaving_is_refused(programme):
    subscription = ask(programme)
    _link, token = link_in(Delivery.objects.get())
    subscriptions.unsubscribe(subscription=subscription)
    refused("over", subscriptions.confirm, token=token)
    subscription.refresh_from_db()
    assert subscription.state == State.ENDED


def test_confirm_once_used_does_not_bring_back_who_left_later(programme):
    ask(programme)
    _link, token = link_in(Delivery.objects.get())
    subscription = subscriptions.confirm(token=token)
    subscriptions.unsubscribe(subscription=subscription)
    refused("over", subscriptions.confirm, token=token)
    assert not Subscription.objects.active().exists()


def test_confirm_after_thirty_days_is_refused(programme):
    subscription = ask(programme)
    _link, token = link_in(Delivery.objects.get())
    subscription.proofs.update(recorded_at=timezone.now() - timedelta(days=31))
    refused("over", subscriptions.confirm, token=token)
    assert not Subscription.objects.active().exists()


def test_confirm_with_the_token_of_every_newsletter_is_refused(programme):
    subscription = ask(programme)
    refused("over", subscriptions.confirm, token=subscription.token)
    assert not Subscription.objects.active().exists()


def test_unsubscribe_on_her_behalf_says_who_did_it_and_how_it_was_asked(programme, cast):
    subscription = make_subscription(programme)
    refused("no_note", subscriptions.unsubscribe_for_her, subscription=subscription, by=cast.nora, note=" \n")
    assert subscription.state == State.ACTIVE
    subscriptions.unsubscribe_for_her(subscription=subscription, by=cast.nora, note="Per telefono,\r\nil 3 luglio")
    proof = subscription.proofs.get()
    assert (subscription.state, proof.ended_by) == (State.ENDED, "staff")
    assert proof.ended_note == f"Per telefono, il 3 luglio ({cast.nora})"


def test_unsubscribe_twice_keeps_the_first_time(programme):
    subscription = make_subscription(programme)
    subscriptions.unsubscribe(subscription=subscription)
    first = subscription.ended_at
    subscriptions.unsubscribe(subscription=subscription)
    assert subscription.ended_at == first


def test_history_keeps_every_yes_and_every_no(programme):
    anna = make_subscription(programme)
    subscriptions.unsubscribe(subscription=anna)
    (first,) = history(anna)
    assert first[-2:] == (anna.ended_at, "unsubscribed")
    subscriptions.ask_again(subscription=anna, source="site:preferences")
    assert history(anna)[0] == first
    back = subscriptions.confirm(token=link_in(Delivery.objects.get())[1])
    assert (back.state, back.ended_at) == (State.ACTIVE, None)
    prove(programme, anna.email, timezone.now())
    subscriptions.unsubscribe(subscription=back)
    assert history(anna)[0] == first
    assert [(proof[1], proof[-1]) for proof in history(anna)] == [
        ("site:subscribe", "unsubscribed"), ("site:preferences", "unsubscribed")
    ]  # fmt: skip
    assert not anna.proofs.standing().exists()


def test_ask_again_from_her_page_waits_for_the_link(programme):
    anna = make_subscription(programme)
    subscriptions.unsubscribe(subscription=anna)
    subscriptions.ask_again(subscription=anna, source="site:preferences")
    anna.refresh_from_db()
    assert anna.state == State.ENDED


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
    make_consent(registration, text="Voglio la newsletter.")
    return registration


def test_registration_with_the_box_ticked_subscribes_with_its_words_and_province(ticked, pisa):
    subscription = subscriptions.add_from_registration(registration=ticked)
    assert subscription.state == State.ACTIVE
    assert (subscription.first_name, subscription.territory) == ("Anna", pisa)
    proof = subscription.proofs.get()
    assert (proof.text, proof.source) == ("Voglio la newsletter.", f"registration:{ticked.pk}")
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
    assert subscription.state == State.ACTIVE
    assert [proof.text for proof in subscription.proofs.standing()] == ["Voglio la newsletter."]
    assert subscription.proofs.count() == 2


@pytest.mark.parametrize("change", [{"state": Registration.State.WAITING}, {"email": ""}])
def test_registration_not_confirmed_or_without_address_subscribes_nobody(ticked, change):
    Registration.objects.filter(pk=ticked.pk).update(**change)
    ticked.refresh_from_db()
    assert subscriptions.add_from_registration(registration=ticked) is None
    assert not Subscription.objects.exists()


def test_registration_with_consent_withdrawn_subscribes_nobody(ticked):
    make_consent(ticked, act="withdrawn", how="page")
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
    assert subscription.proofs.get().ended_by == "withdrawn"


def test_consent_taken_back_does_not_undo_a_later_one(programme):
    registration = make_registration(make_event(programme))
    agreeing.choose(registration=registration, agreed={"newsletter": True})
    agreeing.choose(registration=registration, agreed={"newsletter": False})
    later = make_subscription(programme, email=registration.email, asked_at=timezone.now())
    assert subscriptions.end_withdrawn() == 0
    later.refresh_from_db()
    assert later.state == State.ACTIVE
