"""The outbox against a real SMTP server: nobody twice, nobody lost, what is in doubt has a name."""

import email
import threading
from datetime import timedelta
from email.policy import default

import pytest
from django.core.mail import send_mail
from django.db import connection
from django.utils import timezone

from mail.composing import compose
from mail.models import Delivery, Mailing, Route, Suppression
from mail.services import outbox, sending
from mail.transports import transport

pytestmark = pytest.mark.django_db
State = Delivery.State


def owe(key="one", to="anna@example.org", mailing=None, **fields):
    message = outbox.add_message(
        kind="test", language="it", subject="Ciao %%name%%", text="Ciao %%name%%,\n.\nè ora.\n",
        html="<p>Ciao %%name%%</p>", mailing=mailing, headers={"X-Place": "<%%name%%>"},
    )  # fmt: skip
    return outbox.add_delivery(key=key, message=message, to=to, personal={"name": "D’Angelo & Co"}, **fields)


def new_sender(name=""):
    return sending.Sender(transport(), name)


def no_more_waiting():
    Delivery.objects.update(not_before=timezone.now())
    Route.objects.all().delete()


def read(content: bytes):
    return email.message_from_bytes(content, policy=default)


def test_message_arrives_whole_and_is_marked_sent(sink):
    delivery = owe(name="Niccolò D’Angelo")
    assert sending.drain(seconds=5) is False
    delivery.refresh_from_db()
    assert (delivery.state, len(sink.mails)) == (State.SENT, 1)
    mail = read(sink.mails[0].content)
    assert mail["Message-ID"] == delivery.mail_id
    assert mail["To"] == "Niccolò D’Angelo <anna@example.org>"
    assert mail["Subject"] == "Ciao D’Angelo & Co"
    assert mail["X-Place"] == "<D’Angelo & Co>"
    assert mail.get_body(("plain",)).get_content().splitlines() == ["Ciao D’Angelo & Co,", ".", "è ora."]
    assert "<p>Ciao D’Angelo &amp; Co</p>" in mail.get_body(("html",)).get_content()


def test_same_key_twice_is_one_message(sink):
    assert owe().pk == owe().pk
    sending.drain(seconds=5)
    sending.drain(seconds=5)
    assert len(sink.mails) == 1


def test_composing_again_gives_the_same_bytes():
    delivery = owe()
    assert compose(delivery) == compose(Delivery.objects.get(pk=delivery.pk))


def test_later_from_the_server_keeps_the_message_owed(sink):
    sink.answers["anna@example.org"] = "451 greylisted"
    delivery = owe()
    sending.drain(seconds=5)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.reason) == (State.PENDING, 1, "451 greylisted")
    assert delivery.not_before > timezone.now()
    sink.answers.clear()
    no_more_waiting()
    sending.drain(seconds=5)
    delivery.refresh_from_db()
    assert (delivery.state, len(sink.mails)) == (State.SENT, 1)


def test_never_from_the_server_fails_one_and_sends_the_next(sink):
    sink.answers["anna@example.org"] = "550 no such user"
    refused, other = owe(), owe(key="two", to="bea@example.org")
    sending.drain(seconds=5)
    refused.refresh_from_db()
    other.refresh_from_db()
    assert (refused.state, refused.reason) == (State.FAILED, "550 no such user")
    assert other.state == State.SENT


def test_connection_lost_after_the_dot_repeats_service_mail_under_the_same_id(sink):
    delivery = owe()
    sink.dot = None
    sending.drain(seconds=5)
    delivery.refresh_from_db()
    assert delivery.state == State.PENDING
    sink.dot = "250 taken"
    no_more_waiting()
    sending.drain(seconds=5)
    first, second = (read(mail.content)["Message-ID"] for mail in sink.mails)
    assert first == second == delivery.mail_id


def test_connection_lost_after_the_dot_leaves_a_newsletter_in_doubt(sink):
    mailing, _ = outbox.open_mailing(key="newsletter:1")
    delivery = owe(mailing=mailing)
    sink.dot = None
    sending.drain(seconds=5)
    sink.dot = "250 taken"
    no_more_waiting()
    sending.drain(seconds=5)
    delivery.refresh_from_db()
    assert (delivery.state, len(sink.mails)) == (State.UNCERTAIN, 1)


@pytest.mark.parametrize("state", [Mailing.State.PAUSED, Mailing.State.CANCELLED])
def test_pausing_acts_up_to_the_last_byte(sink, state):
    mailing, _ = outbox.open_mailing(key="newsletter:1")
    owe(mailing=mailing)
    sender = new_sender()
    claim = sender.claim()
    outbox.set_mailing_state(mailing, state)
    sender.send_all(claim)
    sender.close()
    assert sink.mails == []
    assert Delivery.objects.get().state == State.PENDING


def test_suppression_acts_up_to_the_last_byte_for_newsletters_only(sink):
    mailing, _ = outbox.open_mailing(key="newsletter:1")
    owe(mailing=mailing)
    owe(key="login", to="anna@example.org")
    Suppression.objects.create(email="Anna@example.org", reason="complained")
    sending.drain(seconds=3)
    assert [mail.to for mail in sink.mails] == [["anna@example.org"]]
    assert Delivery.objects.get(key="login").state == State.SENT
    left_out = Delivery.objects.get(key="one")
    assert (left_out.state, left_out.reason) == (State.EXCLUDED, "suppressed")


def test_lease_of_a_dead_sender_is_taken_over_but_not_before_its_end(sink):
    owe()
    new_sender("dead").claim()
    sending.drain(seconds=1)
    assert sink.mails == []
    Delivery.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    sending.drain(seconds=5)
    assert len(sink.mails) == 1


def test_sender_that_died_after_its_intent_leaves_a_named_doubt():
    mailing, _ = outbox.open_mailing(key="newsletter:1")
    bulk, service = owe(mailing=mailing), owe(key="two")
    new_sender("dead").claim()
    Delivery.objects.update(state=State.SENDING, leased_until=timezone.now() - timedelta(seconds=1))
    assert sending.settle_interrupted() == 2
    bulk.refresh_from_db()
    service.refresh_from_db()
    assert (bulk.state, service.state) == (State.UNCERTAIN, State.PENDING)
    assert sending.settle_interrupted() == 0


def test_unreachable_relay_changes_nothing(settings):
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    delivery = owe()
    assert sending.drain(seconds=5) is False
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.PENDING, 0)


def test_without_a_relay_each_message_is_one_file(settings):
    delivery = owe()
    sending.drain(seconds=5)
    (path,) = settings.MAIL_DIR.iterdir()
    assert read(path.read_bytes())["Message-ID"] == delivery.mail_id


def test_login_code_overtakes_a_newsletter(sink, settings):
    settings.EMAIL_BACKEND = "mail.backend.OutboxBackend"  # the test runner puts its own in its place
    mailing, _ = outbox.open_mailing(key="newsletter:1")
    owe(mailing=mailing, priority=Delivery.Priority.BULK)
    send_mail("Codice", "ABCD", None, ["carla@vlt.example"])
    sending.drain(seconds=5)
    assert [mail.to for mail in sink.mails] == [["carla@vlt.example"], ["anna@example.org"]]


def test_header_injection_is_refused_and_stops_nobody_else(sink):
    bad = owe(name="Anna\r\nBcc: everybody@example.org")
    owe(key="two", to="bea@example.org")
    sending.drain(seconds=5)
    assert len(sink.mails) == 2
    bad.refresh_from_db()
    assert "Bcc" not in read(sink.mails[0].content)


def keys(batch):
    return [delivery.key for delivery in batch]


def test_later_mail_to_one_address_waits_until_the_earlier_has_left(sink):
    owe("invitation")
    owe("cancellation")
    owe("other", to="bea@example.org")
    owe("code", priority=Delivery.Priority.URGENT)
    one, two = new_sender("one"), new_sender("two")
    first = one.claim().batch
    assert keys(first) == ["code", "invitation", "other"]
    assert two.claim().batch == []
    one.send(first[1])
    one.ledger.flush()
    assert keys(two.claim().batch) == ["cancellation"]
    one.close()


def test_later_mail_waits_for_the_earlier_that_a_server_put_off_and_not_for_one_of_another_day(sink):
    owe("reminder", not_before=timezone.now() + timedelta(days=2))
    owe("invitation")
    sink.answers["anna@example.org"] = "451 greylisted"
    sending.drain(seconds=5)
    owe("cancellation")
    put_off = Delivery.objects.get(key="invitation")
    assert put_off.attempts == 1
    assert new_sender().claim().batch == []


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_keep_the_order_of_each_address(sink):
    for person in range(6):
        for number in range(5):
            message = outbox.add_message(kind="test", language="it", subject=str(number), text="t")
            outbox.add_delivery(key=f"{person}:{number}", message=message, to=f"p{person}@example.org")

    def run(name):
        sender = new_sender(name)
        sender.size = 2
        while Delivery.objects.exclude(state=State.SENT).exists():
            sender.send_all(sender.claim())
        sender.close()
        connection.close()

    threads = [threading.Thread(target=run, args=[sender]) for sender in ("one", "two")]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    for person in range(6):
        mails = [read(mail.content) for mail in sink.mails if mail.to == [f"p{person}@example.org"]]
        assert [mail["Subject"] for mail in mails] == ["0", "1", "2", "3", "4"]


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_each_message_once(sink):
    message = outbox.add_message(kind="test", language="it", subject="s", text="t")
    Delivery.objects.bulk_create(
        Delivery(key=f"k{n}", message=message, email=f"p{n}@example.org", mail_id=Delivery.new_mail_id())
        for n in range(120)
    )

    def run():
        sending.drain(seconds=20)
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(mail.to[0] for mail in sink.mails) == sorted(f"p{n}@example.org" for n in range(120))
    assert not Delivery.objects.exclude(state=State.SENT).exists()
