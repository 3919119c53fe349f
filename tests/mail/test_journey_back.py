"""From the last byte of a newsletter to the silence that follows its bounce, with real servers on both sides."""

import pytest

from mail.models import Delivery, Feedback, Mailing, Suppression
from mail.services import outbox, returns, sending
from tests.mail.reports import complaint, delivery_status, failed

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(sink, settings):
    """A newsletter that left with its signed sender, as the relay saw it."""
    settings.BOUNCE_ADDRESS = "rimbalzi@vlt.example.org"
    mailing = Mailing.objects.create(key="newsletter:1")
    message = outbox.add_message(kind="newsletters.newsletter", language="it", subject="s", text="t", mailing=mailing)
    outbox.add_delivery(key="one", message=message, to="anna@example.org")
    sending.drain(seconds=10)
    (mail,) = sink.mails
    return mail


def test_every_copy_leaves_with_the_sender_that_its_bounce_is_known_by(sent):
    assert sent.sender.startswith("rimbalzi+")
    assert b"rimbalzi" not in sent.content
    assert returns.take(delivery_status(failed(), to=sent.sender)) == "recorded"
    assert Feedback.objects.get().delivery == Delivery.objects.get()
    assert Suppression.objects.get().email == "anna@example.org"
    assert Delivery.objects.get().state == Delivery.State.SENT


def test_next_newsletter_stays_here_and_her_ticket_leaves(sent, sink):
    returns.take(complaint(sender=sent.sender))
    mailing = Mailing.objects.create(key="newsletter:2")
    message = outbox.add_message(kind="newsletters.newsletter", language="it", subject="s", text="t", mailing=mailing)
    ticket = outbox.add_message(kind="registrations.ticket", language="it", subject="biglietto", text="t")
    outbox.add_delivery(key="two", message=message, to="anna@example.org")
    outbox.add_delivery(key="three", message=ticket, to="anna@example.org")
    sending.drain(seconds=10)
    assert [b"biglietto" in mail.content for mail in sink.mails] == [False, True]


def test_refusal_at_the_door_suppresses_like_a_bounce(sink, settings):
    sink.answers["anna@example.org"] = "550 5.1.1 no such user"
    mailing = Mailing.objects.create(key="newsletter:1")
    message = outbox.add_message(kind="newsletters.newsletter", language="it", subject="s", text="t", mailing=mailing)
    outbox.add_delivery(key="one", message=message, to="anna@example.org")
    sending.drain(seconds=10)
    assert (Feedback.objects.get().kind, Feedback.objects.get().source) == ("hard", "relay")
    assert Suppression.objects.get().reason == "bounced"
    assert Delivery.objects.get().state == Delivery.State.FAILED
