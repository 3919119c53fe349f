"""A message in doubt waits for a person, and the first word counts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from mail.composing import compose
from mail.models import Delivery, Feedback, Mailing, Suppression
from mail.services import MailError, doubts, outbox, retention, sending
from newsletters.services import subscriptions
from tests.make import make_newsletter, make_subscription
from tests.threads import all_at_once

pytestmark = pytest.mark.django_db
PAGE = "/gestione/posta/in-dubbio/"
DECIDE = f"{PAGE}decisione/"


def in_doubt(number=1, mailing=None, **over) -> Delivery:
    """A newsletter's copy whose sender was killed between the last byte and the answer."""
    mailing = mailing or outbox.open_mailing(key="newsletter:1")[0]
    message = mailing.messages.first() or outbox.add_message(
        kind="newsletters.newsletter", language="it", subject="Ciao %%first_name%%", text="Ciao", mailing=mailing
    )
    delivery = outbox.add_delivery(
        key=f"{mailing.key}:{number}",
        message=message,
        to=f"person.{number}@example.org",
        name=f"Persona {number}",
        personal={"first_name": f"Persona {number}"},
    )
    values = {"state": "uncertain", "reason": "interrupted", "handed_at": timezone.now()} | over
    Delivery.objects.filter(pk=delivery.pk).update(**values)
    delivery.refresh_from_db()
    return delivery


def refused(code, act, **arguments):
    before = list(Delivery.objects.values()), Feedback.objects.count()
    with pytest.raises(MailError) as error:
        act(**arguments)
    assert error.value.code == code
    assert (list(Delivery.objects.values()), Feedback.objects.count()) == before


def test_sent_again_it_is_the_same_message_and_the_word_is_kept(cast, settings):
    delivery = in_doubt()
    before = compose(delivery)
    doubts.send_again(delivery=delivery, by=cast.carla)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.leased_until) == ("pending", None)
    assert compose(delivery) == before
    assert not doubts.open_doubts().exists()
    word = Feedback.objects.get()
    assert (word.kind, word.source, word.email) == ("send_again", "person", delivery.email)
    assert word.by == str(cast.carla)
    sending.drain(seconds=5)
    delivery.refresh_from_db()
    assert delivery.state == "sent"


def test_left_it_is_no_open_doubt_and_still_counts_as_in_doubt(cast):
    delivery = in_doubt()
    doubts.leave(delivery=delivery, by=cast.nora)
    delivery.refresh_from_db()
    assert delivery.state == "uncertain"
    assert not doubts.open_doubts().exists()
    assert Feedback.objects.get().kind == "leave"
    refused("decided", doubts.send_again, delivery=delivery, by=cast.carla)
    refused("decided", doubts.leave, delivery=delivery, by=cast.carla)


def test_in_doubt_once_more_after_sending_again_it_waits_for_another_word(cast):
    delivery = in_doubt()
    doubts.send_again(delivery=delivery, by=cast.carla)
    Delivery.objects.update(state="uncertain")
    doubts.send_again(delivery=delivery, by=cast.carla)
    Delivery.objects.update(state="uncertain")
    doubts.leave(delivery=delivery, by=cast.carla)
    assert Feedback.objects.count() == 3


def test_what_is_not_in_doubt_cannot_be_decided(cast):
    delivery = in_doubt(state="sent", sent_at=timezone.now())
    refused("decided", doubts.send_again, delivery=delivery, by=cast.carla)


def test_of_a_cancelled_mailing_nothing_is_sent_again(cast):
    delivery = in_doubt()
    Mailing.objects.update(state="cancelled")
    refused("stopped", doubts.send_again, delivery=delivery, by=cast.carla)
    doubts.leave(delivery=delivery, by=cast.carla)


def test_to_a_suppressed_address_nothing_is_sent_again(cast):
    delivery = in_doubt()
    Suppression.objects.create(email=delivery.email, reason="complained")
    refused("suppressed", doubts.send_again, delivery=delivery, by=cast.carla)


def test_copy_whose_names_are_forgotten_is_not_sent_again(cast):
    delivery = in_doubt(created_at=timezone.now() - retention.NAMES_IN_NEWSLETTERS - timedelta(days=1))
    refused("forgotten", doubts.send_again, delivery=delivery, by=cast.carla)


def test_who_unsubscribes_is_in_nobodys_hands_any_more(programme):
    subscription = make_subscription(programme)
    mailing, _ = outbox.open_mailing(key="newsletter:9")
    make_newsletter(programme, state="sending", mailing=mailing, send_at=timezone.now(), sent_at=timezone.now())
    delivery = in_doubt(mailing=mailing)
    Delivery.objects.update(email=subscription.email)
    subscriptions.unsubscribe(subscription=subscription)
    assert not doubts.open_doubts().exists()
    refused("decided", doubts.send_again, delivery=delivery, by="Nora")


def test_list_of_doubts_reads_no_bodies():
    in_doubt()
    (listed,) = doubts.open_doubts()
    assert listed.message.get_deferred_fields() == {"text", "html", "attachments"}


def test_one_newsletters_doubts_are_its_own():
    mine = in_doubt(1)
    in_doubt(2, outbox.open_mailing(key="newsletter:2")[0])
    assert list(doubts.open_doubts(mine.message.mailing)) == [mine]


@pytest.mark.django_db(transaction=True)
def test_of_two_words_at_once_one_counts():
    delivery = in_doubt()

    def say(number):
        try:
            (doubts.send_again if number % 2 else doubts.leave)(delivery=delivery, by=f"person {number}")
        except MailError as error:
            return error.code
        return "done"

    said = all_at_once(say, 4 if connection.vendor == "sqlite" else 8)
    assert sorted(said)[-2:] == ["decided", "done"]
    assert said.count("done") == Feedback.objects.count() == 1


def test_page_lists_by_name_and_takes_a_word_about_one(client, cast):
    client.force_login(cast.nora)
    delivery = in_doubt()
    page = client.get(PAGE).content.decode()
    assert "Persona 1" in page
    assert "Ciao Persona 1" in page
    assert delivery.mail_id.strip("<>") in page
    response = client.post(DECIDE, {"delivery": delivery.pk, "do": "again"}, follow=True)
    assert "Nessun messaggio è in dubbio" in response.content.decode()
    assert "Riparte adesso" in response.content.decode()
    response = client.post(DECIDE, {"delivery": delivery.pk, "do": "leave"}, follow=True)
    assert "già" in response.content.decode()
    assert Feedback.objects.get().by == str(cast.nora)


def test_page_takes_one_word_about_all_and_goes_back_where_it_was_said(client, cast):
    client.force_login(cast.carla)
    chosen = [in_doubt(number).pk for number in (1, 2, 3)]
    doubts.leave(delivery=Delivery.objects.get(pk=chosen[0]), by="Nora")
    data = {"delivery": chosen, "do": "again", "next": "/gestione/newsletter/luglio/invio/"}
    response = client.post(DECIDE, data)
    assert response["Location"] == data["next"]
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["pending", "pending", "uncertain"]
    assert client.post(DECIDE, data | {"next": "https://evil.example/"})["Location"] == PAGE


def test_who_may_not_decide_decides_nothing(client, cast):
    delivery = in_doubt()
    client.force_login(cast.piero)
    assert client.post(DECIDE, {"delivery": delivery.pk, "do": "again"}).status_code == 403
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_page_asks_a_fixed_number_of_queries(client, cast, number, django_assert_num_queries):
    client.force_login(cast.carla)
    for one in range(number):
        in_doubt(one)
    with django_assert_num_queries(6):
        client.get(PAGE)


def test_desk_says_that_somebody_is_waited_for(client, cast):
    client.force_login(cast.nora)
    assert "in dubbio" not in client.get("/gestione/").content.decode()
    in_doubt()
    assert "1 messaggio è in dubbio" in client.get("/gestione/").content.decode()
    client.force_login(cast.piero)
    assert "in dubbio" not in client.get("/gestione/").content.decode()
