"""What is forgotten of mails that left long ago; their keys and figures stay."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import Delivery, Mailing, Message, Route
from mail.services import outbox, retention, routes

pytestmark = pytest.mark.django_db
State = Delivery.State


def mail(key, mailing=None, days=181, **over):
    message = outbox.add_message(kind="test", language="it", subject="s", text="Ciao Anna", mailing=mailing)
    delivery = outbox.add_delivery(key=key, message=message, to="anna@example.org", name="Anna", personal={"a": "b"})
    now = timezone.now()
    values = {"state": State.SENT, "sent_at": now, "created_at": now - timedelta(days=days)} | over
    Delivery.objects.filter(pk=delivery.pk).update(**values)
    return Delivery.objects.select_related("message").get(pk=delivery.pk)


def of(delivery):
    found = Delivery.objects.select_related("message").get(pk=delivery.pk)
    return found.email, found.name, found.personal, found.message.text


def test_old_mail_to_one_person_loses_person_and_words_and_keeps_its_key():
    old = mail("one")
    retention.forget()
    assert of(old) == ("", "", {}, "")
    assert Message.objects.get().subject == ""
    assert (Delivery.objects.get().state, Delivery.objects.get().sent_at) == (old.state, old.sent_at)
    assert outbox.add_delivery(key="one", message=old.message, to="anna@example.org") == old


@pytest.mark.parametrize("over", [{"days": 179}, {"state": State.PENDING}])
def test_mail_that_is_young_or_has_not_left_is_kept(over):
    kept = mail("one", **over)
    retention.forget()
    assert of(kept) == ("anna@example.org", "Anna", {"a": "b"}, "Ciao Anna")


def test_old_newsletter_keeps_its_words_and_its_figures():
    sent = mail("one", mailing=Mailing.objects.create(key="newsletter:1"))
    retention.forget()
    assert of(sent) == ("", "", {}, "Ciao Anna")
    assert Delivery.objects.get().state == State.SENT


def test_copy_of_a_newsletter_loses_name_and_links_after_a_month():
    sent = mail("one", mailing=Mailing.objects.create(key="newsletter:1"), days=31)
    lately = mail("two", mailing=Mailing.objects.create(key="newsletter:2"), days=29)
    single = mail("three", days=31)
    retention.forget()
    assert of(sent) == ("anna@example.org", "", {}, "Ciao Anna")
    assert of(lately)[1:3] == of(single)[1:3] == ("Anna", {"a": "b"})


def test_what_a_server_said_of_an_address_goes_and_why_somebody_was_left_out_stays():
    mail("one", state=State.FAILED, reason="550 <anna@example.org> unknown")
    mail("two", state=State.EXCLUDED, reason="unsubscribed")
    retention.forget()
    assert list(Delivery.objects.order_by("key").values_list("reason", flat=True)) == ["", "unsubscribed"]


def test_what_a_server_answered_goes_with_the_address():
    mail("one", reply="250 2.1.5 <anna@example.org> queued")
    mail("two", reply="250 queued", days=179)
    retention.forget()
    assert list(Delivery.objects.order_by("key").values_list("reply", flat=True)) == ["", "250 queued"]


def test_troubles_with_a_domain_are_forgotten_after_a_week_and_its_rate_is_not():
    now, old = timezone.now(), timezone.now() - timedelta(days=8)
    for name in ("quiet.example", "lately.example", "waits.example"):
        routes.put_off("files", name, "451 later")
    routes.relay_failed("files", "no answer")
    routes.set_rate(domain="rated.example", per_minute=10)
    Route.objects.exclude(domain="lately.example").update(counted_at=old)
    Route.objects.filter(domain="waits.example").update(held_since=old, held_until=now)
    Route.objects.filter(domain="quiet.example").update(held_since=old, held_until=old)
    retention.forget()
    left = Route.objects.order_by("domain").values_list("domain", flat=True)
    assert list(left) == ["", "lately.example", "rated.example", "waits.example"]
