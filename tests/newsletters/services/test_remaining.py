"""To exactly those who did not get it: counted, never twice, never against somebody's will."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from mail.models import Delivery, Suppression
from mail.services import doubts
from mail.services import sending as outbox
from newsletters import tasks
from newsletters.models import Newsletter
from newsletters.services import NewsletterError, remaining, scheduling, sending, steering, subscriptions
from newsletters.services import progress as counting
from tests.make import make_newsletter, make_subscription
from tests.threads import all_at_once

State = Newsletter.State
STATES = {"sent": "sent", "refused": "failed", "doubt": "uncertain"}


@pytest.fixture
def people(programme):
    names = ["sent", "refused", "doubt", "stopped", "other", "left", "dead"]
    return {name: make_subscription(programme, email=f"{name}@example.org") for name in names}


@pytest.fixture
def stopped(programme, people):
    """Stopped in the middle: one has it, one was refused, one is in doubt; since then one left and one bounced."""
    newsletter = make_newsletter(programme, slug="luglio")
    scheduling.send_now(newsletter=newsletter)
    sending.dispatch_due()
    for name, state in STATES.items():
        Delivery.objects.filter(email=f"{name}@example.org").update(state=state, sent_at=timezone.now())
    newsletter.refresh_from_db()
    steering.cancel(newsletter=newsletter)
    subscriptions.unsubscribe(subscription=people["left"])
    Suppression.objects.create(email="dead@example.org", reason=Suppression.Reason.BOUNCED)
    return newsletter


def states():
    return {row.email.partition("@")[0]: row.state for row in Delivery.objects.all()}


def test_remaining_counts_who_could_get_it_and_why_others_not(stopped):
    counted = remaining.of(stopped)
    assert (counted.stopped, counted.refused, counted.both, counted.uncertain) == (2, 1, 3, 1)
    assert counted.left_out == {"suppressed": 1, "unsubscribed": 1}


def test_rest_goes_to_exactly_those_who_were_stopped(stopped, settings):
    ids = dict(Delivery.objects.values_list("email", "mail_id"))
    assert remaining.send(newsletter=stopped) == 2
    assert stopped.state == State.SENDING
    outbox.drain(seconds=5)
    sending.finish_sent()
    stopped.refresh_from_db()
    assert stopped.state == State.SENT
    assert states() == {
        "sent": "sent", "refused": "failed", "doubt": "uncertain", "stopped": "sent", "other": "sent",
        "left": "excluded", "dead": "excluded",
    }  # fmt: skip
    assert len(list(settings.MAIL_DIR.rglob("*.eml"))) == 2
    assert dict(Delivery.objects.values_list("email", "mail_id")) == ids
    assert counting.adds_up(stopped)
    assert counting.of(stopped).left_out == {"suppressed": 1, "unsubscribed": 1}


def test_rest_with_the_refused_goes_to_them_too(stopped):
    assert remaining.send(newsletter=stopped, with_refused=True) == 3
    assert states()["refused"] == "pending"


def test_rest_of_what_was_sent_is_only_the_refused(programme, stopped):
    remaining.send(newsletter=stopped)
    outbox.drain(seconds=5)
    sending.finish_sent()
    with pytest.raises(NewsletterError) as refusal:
        remaining.send(newsletter=stopped)
    assert refusal.value.code == "nobody_left"
    assert remaining.send(newsletter=stopped, with_refused=True) == 1


def test_rest_while_it_is_leaving_is_refused(stopped):
    remaining.send(newsletter=stopped)
    before = states()
    with pytest.raises(NewsletterError) as refusal:
        remaining.send(newsletter=stopped)
    assert (refusal.value.code, states()) == ("not_over", before)


def test_rest_can_be_stopped_again(stopped):
    remaining.send(newsletter=stopped)
    steering.cancel(newsletter=stopped)
    assert (stopped.state, remaining.of(stopped).stopped) == (State.CANCELLED, 2)


def test_whose_data_is_forgotten_gets_nothing(stopped):
    Delivery.objects.update(personal={}, name="")
    assert remaining.of(stopped).left_out["forgotten"] == 3
    with pytest.raises(NewsletterError):
        remaining.send(newsletter=stopped, with_refused=True)


def test_rest_of_a_draft_is_refused(programme):
    with pytest.raises(NewsletterError) as refusal:
        remaining.send(newsletter=make_newsletter(programme))
    assert refusal.value.code == "not_over"


def test_rest_from_a_script(stopped, capsys):
    call_command("newsletter", "luglio", "rest", "--json")
    assert '"pending": 2' in capsys.readouterr().out
    with pytest.raises(CommandError, match="not_over"):
        call_command("newsletter", "luglio", "rest")


@pytest.fixture
def doubt(stopped):
    """All but the refused have it; one is in doubt, and a person has it sent again."""
    remaining.send(newsletter=stopped)
    outbox.drain(seconds=5)
    sending.finish_sent()
    return doubts.send_again(delivery=Delivery.objects.get(email="doubt@example.org"), by="Nora")


def test_sent_newsletter_is_on_its_way_again_while_a_doubt_is_sent_again(stopped, doubt, settings):
    sending.reopen_owed()
    sending.finish_sent()
    stopped.refresh_from_db()
    assert stopped.state == State.SENDING
    outbox.drain(seconds=5)
    assert (sending.finish_sent(), states()["doubt"]) == (1, "sent")
    assert sending.reopen_owed() == 0
    letters = [one.read_text() for one in settings.MAIL_DIR.rglob("*.eml")]
    assert sum(doubt.mail_id in letter for letter in letters) == 1


def test_doubt_that_is_sent_again_wakes_who_opens_the_newsletter(stopped, doubt, monkeypatch):
    woken = []
    monkeypatch.setattr(tasks.dispatch, "delay_on_commit", lambda: woken.append(True))
    Delivery.objects.filter(pk=doubt.pk).update(state="uncertain")
    doubts.send_again(delivery=doubt, by="Nora")
    assert woken == [True]
    tasks.dispatch()
    stopped.refresh_from_db()
    assert stopped.state == State.SENDING


def test_rest_never_includes_who_was_in_doubt(stopped, doubt):
    sending.reopen_owed()
    stopped.refresh_from_db()
    steering.cancel(newsletter=stopped)
    assert states()["doubt"] == "uncertain"
    assert (remaining.of(stopped).stopped, remaining.of(stopped).uncertain) == (0, 1)
    Delivery.objects.filter(pk=doubt.pk).update(state="failed")
    assert remaining.of(stopped).refused == 1
    remaining.send(newsletter=stopped, with_refused=True)
    assert (states()["refused"], states()["doubt"]) == ("pending", "failed")
    assert counting.adds_up(stopped)


@pytest.mark.django_db(transaction=True)
def test_unsubscribe_while_the_rest_is_taken_up_gets_nothing(programme, people, stopped):
    def act(number):
        if number == 0:
            remaining.send(newsletter=Newsletter.objects.get(pk=stopped.pk))
        else:
            subscriptions.unsubscribe(subscription=people["other"])

    all_at_once(act, 2)
    assert Delivery.objects.get(email="other@example.org").state == "excluded"
    assert Delivery.objects.get(email="stopped@example.org").state == "pending"


@pytest.mark.django_db(transaction=True)
def test_many_press_the_button_at_once_and_it_leaves_once(programme, stopped):
    def press(_number):
        try:
            return remaining.send(newsletter=Newsletter.objects.get(pk=stopped.pk))
        except NewsletterError as error:
            return error.code

    assert sorted(map(str, all_at_once(press, 4))) == ["2", "not_over", "not_over", "not_over"]


@pytest.mark.django_db(transaction=True)
def test_cancel_while_it_is_being_frozen_lets_nothing_leave(programme, people):
    newsletter = make_newsletter(programme)
    scheduling.send_now(newsletter=newsletter)

    def act(number):
        if number == 0:
            sending.dispatch_due()
        else:
            steering.cancel(newsletter=Newsletter.objects.get(pk=newsletter.pk))

    all_at_once(act, 2)
    newsletter.refresh_from_db()
    assert newsletter.state in (State.DRAFT, State.CANCELLED)
    assert not Delivery.objects.exclude(state="excluded").exists()
    assert sending.dispatch_due() == []


def test_sums_that_do_not_add_up_are_seen(stopped):
    assert counting.adds_up(stopped)
    Delivery.objects.filter(email="other@example.org").delete()
    assert not counting.adds_up(stopped)
