"""Taking back a copy whose last byte is on its way: it may arrive, but it is not tried again, and the truth is kept."""

import contextlib
import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from mail.models import Delivery
from mail.services import MailError, doubts, feedback
from mail.services import sending as outbox
from mail.transports import Deferred, InDoubt
from newsletters.services import correcting, remaining, steering, subscriptions
from newsletters.services import progress as counting
from tests.make import both, make_subscription
from tests.newsletters.services.test_sending import started

ANNA = "anna@example.org"


@pytest.fixture
def anna(programme):
    return make_subscription(programme, email=ANNA, topics=["results"])


@pytest.fixture
def leaving(programme, anna):
    return started(programme, topic="results")


def while_leaving(settings, act, answer):
    """Send what there is; in the moment between the intent and the server's `answer`, `act`."""

    class SlowRelay(type(outbox.transport())):
        def hand_over(self):
            act()
            raise answer

    worker = outbox.Sender(SlowRelay(settings.MAIL_DIR))
    with contextlib.suppress(outbox.Unreachable):
        worker.send_all(worker.claim())
    worker.close()
    return Delivery.objects.get(email=ANNA)


def leave(newsletter, anna):
    subscriptions.unsubscribe(subscription=anna)


def bounce(newsletter, anna):
    feedback.record(delivery=Delivery.objects.get(email=ANNA), kind="complaint", source="webhook")


def choose(newsletter, anna):
    about = {"first_name": "", "last_name": "", "territory": None, "language": "it", "organisation_kind": ""}
    subscriptions.update_preferences(subscription=anna, topics=["events"], **about)


def stop(newsletter, anna):
    steering.cancel(newsletter=newsletter)


ACTS = [(leave, "unsubscribed"), (bounce, "suppressed"), (choose, "other_topics"), (stop, "cancelled")]


@pytest.mark.parametrize(("act", "reason"), ACTS)
def test_copy_that_did_not_arrive_is_left_out(leaving, anna, settings, act, reason):
    delivery = while_leaving(settings, lambda: act(leaving, anna), Deferred("451 later"))
    assert (delivery.state, delivery.reason, delivery.leased_by) == ("excluded", reason, "")
    assert counting.of(leaving).left_out == {reason: 1}
    assert counting.adds_up(leaving)


def test_copy_of_what_was_stopped_is_still_owed_to_her(leaving, anna, settings):
    while_leaving(settings, lambda: stop(leaving, anna), Deferred("451 later"))
    assert remaining.of(leaving).stopped == 1
    assert remaining.send(newsletter=leaving) == 1


@pytest.mark.parametrize(("act", "reason"), [ACTS[0], ACTS[2]])
def test_copy_in_doubt_that_she_took_back_waits_for_nobody(leaving, anna, settings, act, reason):
    delivery = while_leaving(settings, lambda: act(leaving, anna), InDoubt("gone"))
    assert delivery.state == "uncertain"
    assert not doubts.open_doubts().exists()
    with pytest.raises(MailError) as refusal:
        doubts.send_again(delivery=delivery, by="Nora")
    assert refusal.value.code == "decided"
    assert Delivery.objects.get().state == "uncertain"


def test_copy_in_doubt_of_what_was_stopped_waits_for_a_word(leaving, anna, settings):
    delivery = while_leaving(settings, lambda: stop(leaving, anna), InDoubt("gone"))
    assert (delivery.state, delivery.reason) == ("uncertain", "gone")
    assert list(doubts.open_doubts()) == [delivery]


def test_copy_whose_sender_died_after_she_left_waits_for_nobody(leaving, anna):
    Delivery.objects.update(state="sending", leased_by="dead", leased_until=timezone.now())
    leave(leaving, anna)
    outbox.settle_interrupted()
    assert Delivery.objects.get().state == "uncertain"
    assert not doubts.open_doubts().exists()


def test_copy_put_off_while_it_was_corrected_goes_with_the_new_words(leaving, anna, settings):
    def put_right():
        steering.pause(newsletter=leaving)
        words = {"subject": both("Corretta", "Corrected"), "body": both("A Lucca.", "In Lucca.")}
        correcting.correct(newsletter=leaving, note="A Lucca.", version=leaving.version, **words)

    delivery = while_leaving(settings, put_right, Deferred("451 later"))
    assert (delivery.state, delivery.reason, delivery.message.subject) == ("pending", "451 later", "Corretta")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("act", "_reason"), ACTS)
def test_copy_that_begins_to_leave_in_the_same_moment_is_not_called_left_out(leaving, anna, act, _reason):
    """A worker's intent is being written while somebody takes the copy back: who has it must not count as without."""
    written, may_end = threading.Event(), threading.Event()

    def worker():
        try:
            with transaction.atomic():
                Delivery.objects.update(state="sending", leased_by="w", leased_until=timezone.now())
                written.set()
                may_end.wait(1)
        finally:
            connection.close()

    intent = threading.Thread(target=worker)
    intent.start()
    written.wait(5)
    threading.Timer(0.3, may_end.set).start()
    act(leaving, anna)
    intent.join()
    assert Delivery.objects.get().state == "sending"
