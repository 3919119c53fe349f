"""What must hold while a long newsletter is on its way: pausing, overtaking, correcting, a sender or database gone."""

import socket
import threading
from datetime import timedelta
from time import monotonic, sleep

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from mail.models import Delivery, Mailing
from mail.services import outbox, sending
from mail.transports import transport

State = Delivery.State


def owe_newsletter(number, **fields):
    mailing, _is_new = outbox.open_mailing(key="newsletter:1")
    message = outbox.add_message(kind="test", language="it", subject="s", text="t", mailing=mailing)
    Delivery.objects.bulk_create(
        Delivery(
            key=f"n{n}", message=message, email=f"p{n}@d{n % 7}.example", mail_id=f"<{n}@x.example>",
            priority=Delivery.Priority.BULK, **fields,
        )
        for n in range(number)
    )  # fmt: skip
    return mailing


def owe_code(to="carla@vlt.example"):
    message = outbox.add_message(kind="accounts.code", language="it", subject="Codice", text="ABCD")
    return outbox.add_delivery(key="code", message=message, to=to, priority=Delivery.Priority.URGENT)


@pytest.fixture
def quick(monkeypatch):
    """However busy this machine is, no message counts as slow."""
    monkeypatch.setattr(sending, "SLOW_SECONDS", 60)
    monkeypatch.setattr(sending, "BATCH_SECONDS", 60)


def in_threads(number, work):
    def run():
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    [thread.start() for thread in threads]
    return threads


def wait_until(condition, seconds=20):
    until = monotonic() + seconds
    while not condition():
        assert monotonic() < until, "it took too long"
        sleep(0.005)


@pytest.mark.django_db
def test_body_and_dot_are_not_held_back_by_the_network_stack(sink):
    relay = transport()
    owe_newsletter(1)
    sender = sending.Sender(relay)
    sender.send_all(sender.claim())
    assert relay.connection.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    sender.close()


@pytest.mark.django_db(transaction=True)
def test_pause_lets_at_most_one_message_a_connection_through(sink):
    mailing = owe_newsletter(600)
    threads = in_threads(3, lambda: sending.drain(seconds=20))
    wait_until(lambda: len(sink.mails) > 30)
    Mailing.objects.filter(pk=mailing.pk).update(state=Mailing.State.PAUSED)
    when_paused = len(sink.mails)
    [thread.join() for thread in threads]
    assert len(sink.mails) - when_paused <= 3
    assert Delivery.objects.filter(state=State.SENT).count() == len(sink.mails)
    assert not Delivery.objects.exclude(state__in=[State.SENT, State.PENDING]).exists()
    outbox.set_mailing_state(mailing, Mailing.State.RUNNING)
    sending.drain(seconds=30)
    assert sorted(mail.to[0] for mail in sink.mails) == sorted(Delivery.objects.values_list("email", flat=True))


@pytest.mark.django_db(transaction=True)
def test_login_code_overtakes_a_newsletter_that_one_sender_is_sending_slowly(sink):
    sink.seconds = 0.05
    owe_newsletter(500)
    threads = in_threads(1, lambda: sending.drain(seconds=3))
    wait_until(lambda: len(sink.mails) > 3)
    before, began = len(sink.mails), monotonic()
    owe_code()
    wait_until(lambda: ["carla@vlt.example"] in [mail.to for mail in sink.mails])
    assert len(sink.mails) - before <= 20  # a second's worth, on however slow a machine
    assert monotonic() - began < 5
    [thread.join() for thread in threads]


@pytest.mark.django_db
def test_answer_waits_for_the_next_intent_and_no_longer(sink, quick):
    owe_newsletter(3)
    sender = sending.Sender(transport())
    claim = sender.claim()
    for delivery in claim.batch[:2]:
        sender.send(delivery)
    assert [d.state for d in Delivery.objects.order_by("pk")] == [State.SENT, State.SENDING, State.LEASED]
    sender.ledger.flush()
    sent = Delivery.objects.order_by("pk")[1]
    assert (sent.state, sent.reply, sent.reason) == (State.SENT, "250 taken", "")
    assert sent.handed_at <= sent.sent_at
    sender.close()


@pytest.mark.django_db
def test_message_costs_one_statement(sink, quick, django_assert_max_num_queries):
    owe_newsletter(50)
    sender = sending.Sender(transport())
    claim = sender.claim()
    with django_assert_max_num_queries(51):
        sender.send_all(claim)
    assert Delivery.objects.filter(state=State.SENT).count() == 50
    sender.close()


@pytest.mark.django_db
def test_copy_of_a_message_that_was_corrected_meanwhile_does_not_go(sink):
    mailing = owe_newsletter(2)
    sender = sending.Sender(transport())
    claim = sender.claim()
    corrected = outbox.add_message(kind="test", language="it", subject="corrected", text="t", mailing=mailing)
    Delivery.objects.update(message=corrected)
    sender.send_all(claim)
    sender.close()
    assert sink.mails == []
    sending.drain(seconds=5)
    assert [b"Subject: corrected" in mail.content for mail in sink.mails] == [True, True]


@pytest.mark.django_db
def test_sender_whose_lease_was_taken_over_hands_nothing_over(sink):
    owe_newsletter(1)
    slow, quick = sending.Sender(transport()), sending.Sender(transport())
    claim = slow.claim()
    Delivery.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    quick.send_all(quick.claim())
    slow.send_all(claim)
    assert len(sink.mails) == 1
    slow.close()
    quick.close()
    assert Delivery.objects.get().state == State.SENT


@pytest.mark.django_db
def test_late_answer_ends_the_doubt(sink, quick):
    owe_newsletter(1)
    sender = sending.Sender(transport())
    sender.send(sender.claim().batch[0])
    assert sending.settle_interrupted() == 0
    assert sending.settle_interrupted(handed_before=timezone.now()) == 1
    assert Delivery.objects.get().state == State.UNCERTAIN
    sender.close()
    assert Delivery.objects.get().state == State.SENT


@pytest.mark.django_db(transaction=True)
def test_database_that_is_away_for_a_moment_leaves_no_doubt(sink):
    owe_newsletter(4)
    away = iter([True, True, False])

    def refuse(execute, sql, params, many, context):
        if "handed_at = CASE" in sql and len(sink.mails) == 2 and next(away, False):
            raise OperationalError("the server is restarting")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        sending.drain(seconds=10)
    sending.drain(seconds=10)
    assert [d.state for d in Delivery.objects.all()] == [State.SENT] * 4
    assert len(sink.mails) == 4


@pytest.mark.django_db
def test_relay_that_breaks_off_at_every_dot_puts_two_messages_in_doubt_and_waits(sink):
    owe_newsletter(5)
    sink.dot = None
    sending.drain(seconds=5)
    sending.drain(seconds=5)
    states = list(Delivery.objects.order_by("pk").values_list("state", flat=True))
    assert states == [State.UNCERTAIN] * 2 + [State.PENDING] * 3
