"""A newsletter on its way: frozen once, every candidate accounted for, stopped at once when somebody says so."""

import email
from datetime import timedelta
from email.policy import default

import pytest
from django.utils import timezone

from mail.composing import compose
from mail.models import Delivery, Mailing, Suppression
from mail.services import sending as outbox_sending
from newsletters.models import Newsletter, Subscription
from newsletters.services import NewsletterError, audiences, composing, scheduling, sending, steering, subscriptions
from newsletters.services import progress as counting
from tests.make import both, make_newsletter, make_subscription
from tests.threads import all_at_once

State = Newsletter.State


def due(programme, **over):
    newsletter = make_newsletter(programme, **over)
    scheduling.send_now(newsletter=newsletter)
    return newsletter


def started(programme, **over):
    newsletter = due(programme, **over)
    sending.dispatch_due()
    newsletter.refresh_from_db()
    return newsletter


@pytest.fixture
def readers(programme):
    """Two who get it, in two languages; one who left, one who never confirmed, one whose address bounced."""
    people = {
        "anna": make_subscription(programme, first_name="Anna", email="anna@example.org"),
        "beth": make_subscription(programme, first_name="", email="beth@example.org", language="en"),
        "gone": make_subscription(programme, state="ended", ended_at=timezone.now()),
        "shy": make_subscription(programme, state="pending", confirmed_at=None),
        "dead": make_subscription(programme, email="dead@example.org"),
    }
    Suppression.objects.create(email="dead@example.org", reason=Suppression.Reason.BOUNCED)
    return people


def test_start_freezes_every_candidate_and_the_sums_add_up(programme, readers):
    newsletter = started(programme)
    progress = counting.of(newsletter)
    reach = audiences.reach(programme, audiences.Audience())
    assert newsletter.state == State.SENDING
    assert newsletter.sent_at is not None
    assert progress.candidates == reach.candidates == Subscription.objects.count() == 5
    assert progress.recipients == reach.recipients == progress.still_open == 2
    assert progress.left_out == reach.left_out == {"suppressed": 1, "unconfirmed": 1, "unsubscribed": 1}


def test_start_makes_one_message_a_language(programme, readers):
    newsletter = started(programme)
    subjects = newsletter.mailing.messages.order_by("language").values_list("language", "subject")
    assert list(subjects) == [("en", "The news of July"), ("it", "Le notizie di luglio")]
    english = Delivery.objects.get(email="beth@example.org")
    assert english.message.language == "en"


def test_copy_is_personal_and_carries_the_headers_of_a_list(programme, readers):
    started(programme)
    mail = email.message_from_bytes(compose(Delivery.objects.get(email="anna@example.org")), policy=default)
    token = readers["anna"].token
    assert mail["List-Unsubscribe"] == f"<http://testserver/newsletter/disiscriviti/{token}/>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "newsletter.vlt" in mail["List-Id"]
    assert (mail["Auto-Submitted"], mail["Precedence"]) == (None, "bulk")  # a person sends it: decision 23
    for part in ("plain", "html"):
        body = mail.get_body((part,)).get_content()
        assert "Ciao Anna," in body
        assert f"/newsletter/disiscriviti/{token}/" in body
        assert f"/newsletter/preferenze/{token}/" in body
        assert "Unione europea" in body
        assert "%%" not in body
    assert ">Pisa</strong>" in mail.get_body(("html",)).get_content()


def test_copy_for_an_unknown_name_reads_well(programme, readers):
    started(programme)
    mail = email.message_from_bytes(compose(Delivery.objects.get(email="beth@example.org")), policy=default)
    assert "Hello, see you in" in mail.get_body(("plain",)).get_content()
    assert "/en/newsletter/unsubscribe/" in mail["List-Unsubscribe"]


def test_copy_says_who_pays_in_its_own_language(programme, readers):
    programme.funding_note = both("Cofinanziato dall’Unione europea.", "Co-funded by the European Union.")
    programme.save()
    started(programme)
    for name, said in [("anna", "Cofinanziato dall’Unione europea."), ("beth", "Co-funded by the European Union.")]:
        delivery = Delivery.objects.get(email=f"{name}@example.org")
        mail = email.message_from_bytes(compose(delivery), policy=default)
        assert all(said in mail.get_body((part,)).get_content() for part in ("plain", "html"))


@pytest.mark.parametrize("people", [1, 3])
def test_start_asks_the_database_no_more_for_more_readers(programme, people, django_assert_num_queries):
    for _number in range(people):
        make_subscription(programme)
    newsletter = due(programme)
    with django_assert_num_queries(14):
        sending.start(newsletter.pk)


def test_dispatch_twice_is_once(programme, readers):
    newsletter = started(programme)
    assert sending.dispatch_due() == []
    assert sending.start(newsletter.pk) is None
    assert Delivery.objects.count() == 5


def test_dispatch_goes_on_behind_one_that_cannot_be_started(programme, readers):
    broken, fine = due(programme), due(programme)
    Mailing.objects.create(pk=77, key=f"newsletter:{broken.pk}")
    Newsletter.objects.filter(pk=make_newsletter(programme).pk).update(mailing=77)
    assert sending.dispatch_due() == [fine]
    broken.refresh_from_db()
    assert (broken.state, broken.mailing) == (State.SCHEDULED, None)


def test_dispatch_before_its_time_does_nothing(programme, readers):
    newsletter = make_newsletter(programme)
    scheduling.schedule(newsletter=newsletter, send_at=timezone.now() + timedelta(minutes=1))
    assert sending.dispatch_due() == []
    assert not Delivery.objects.exists()


def test_finish_waits_for_the_last_and_is_repeatable(programme, readers):
    newsletter = started(programme)
    assert sending.finish_sent() == 0
    Delivery.objects.filter(state="pending").update(state="sent", sent_at=timezone.now())
    assert sending.finish_sent() == 1
    assert sending.finish_sent() == 0
    newsletter.refresh_from_db()
    assert newsletter.state == State.SENT
    assert counting.of(newsletter).per_cent == 100


def test_finish_without_any_reader_is_sent(programme):
    newsletter = started(programme)
    sending.finish_sent()
    newsletter.refresh_from_db()
    assert newsletter.state == State.SENT


def test_sent_for_real_reaches_each_reader_once(programme, readers, settings):
    newsletter = started(programme)
    outbox_sending.drain(seconds=5)
    outbox_sending.drain(seconds=5)
    sending.finish_sent()
    newsletter.refresh_from_db()
    assert newsletter.state == State.SENT
    assert counting.of(newsletter).sent == 2
    assert len(list(settings.MAIL_DIR.rglob("*.eml"))) == 2


def test_unsubscribe_during_sending_gets_nothing_more(programme, readers):
    newsletter = started(programme)
    subscriptions.unsubscribe(subscription=readers["anna"])
    delivery = Delivery.objects.get(email="anna@example.org")
    assert (delivery.state, delivery.reason) == ("excluded", "unsubscribed")
    outbox_sending.drain(seconds=5)
    progress = counting.of(newsletter)
    assert (progress.sent, progress.candidates) == (1, 5)
    assert progress.left_out["unsubscribed"] == 2


def test_topics_chosen_during_sending_count_too(programme, readers):
    started(programme, topic="results")
    anna, beth = readers["anna"], readers["beth"]
    about = {"first_name": "", "last_name": "", "territory": None, "language": "it", "organisation_kind": ""}
    subscriptions.update_preferences(subscription=anna, topics=["events"], **about)
    subscriptions.update_preferences(subscription=beth, topics=["results"], **about)
    left_out = Delivery.objects.get(email="anna@example.org")
    assert (left_out.state, left_out.reason) == ("excluded", "other_topics")
    assert Delivery.objects.get(email="beth@example.org").state == "pending"


def test_newsletter_about_nothing_special_goes_to_whoever_chose_topics(programme, readers):
    started(programme)
    about = {"first_name": "", "last_name": "", "territory": None, "language": "it", "organisation_kind": ""}
    subscriptions.update_preferences(subscription=readers["anna"], topics=["events"], **about)
    assert Delivery.objects.get(email="anna@example.org").state == "pending"


def test_start_leaves_out_who_chose_other_topics(programme, readers):
    Subscription.objects.filter(pk=readers["anna"].pk).update(topics=["events"])
    started(programme, topic="results")
    left_out = Delivery.objects.get(email="anna@example.org")
    assert (left_out.state, left_out.reason) == ("excluded", "other_topics")


@pytest.mark.parametrize("act", ["unsubscribe", "suppress"])
def test_unsubscribe_after_the_body_went_out_and_before_the_last_byte_stops_it(programme, readers, settings, act):
    """What the relay has already in its hands, but for the last byte, is not mail yet."""
    started(programme)

    class LateRelay(type(outbox_sending.transport())):
        def bring(self, delivery, content):
            super().bring(delivery, content)
            if delivery.email == "anna@example.org" and act == "unsubscribe":
                subscriptions.unsubscribe(subscription=readers["anna"])
            elif delivery.email == "anna@example.org":
                Suppression.objects.create(email=delivery.email, reason=Suppression.Reason.COMPLAINED)

    relay = LateRelay(settings.MAIL_DIR)
    worker = outbox_sending.Sender(relay)
    worker.send_all(worker.claim())  # stops at Anna: who knows what else was taken back
    worker.send_all(worker.claim())
    worker.close()
    outbox_sending.drain(seconds=5)
    assert [one.read_text().count("beth@example.org") > 0 for one in settings.MAIL_DIR.rglob("*.eml")] == [True]
    assert Delivery.objects.get(email="anna@example.org").state != "sent"
    assert Delivery.objects.get(email="beth@example.org").state == "sent"


def test_unsubscribe_after_the_worker_took_the_message_stops_it_too(programme, readers):
    started(programme)
    worker = outbox_sending.Sender(outbox_sending.transport())
    taken = worker.claim()
    subscriptions.unsubscribe(subscription=readers["anna"])
    worker.send_all(taken)
    worker.close()
    outbox_sending.drain(seconds=5)
    assert Delivery.objects.get(email="anna@example.org").state == "excluded"
    assert Delivery.objects.get(email="beth@example.org").state == "sent"


def test_pause_holds_everything_and_resume_goes_on(programme, readers):
    newsletter = started(programme)
    steering.pause(newsletter=newsletter)
    outbox_sending.drain(seconds=5)
    assert counting.of(newsletter).sent == 0
    assert newsletter.is_paused
    steering.resume(newsletter=newsletter)
    outbox_sending.drain(seconds=5)
    assert counting.of(newsletter).sent == 2


def test_cancel_leaves_out_who_has_not_got_it(programme, readers):
    newsletter = started(programme)
    Delivery.objects.filter(email="anna@example.org").update(state="sent", sent_at=timezone.now())
    steering.cancel(newsletter=newsletter)
    outbox_sending.drain(seconds=5)
    progress = counting.of(newsletter)
    assert newsletter.state == State.CANCELLED
    assert newsletter.mailing.state == Mailing.State.CANCELLED
    assert (progress.sent, progress.left_out["cancelled"], progress.candidates) == (1, 1, 5)


@pytest.mark.parametrize("act", [steering.pause, steering.resume, steering.cancel])
def test_steering_what_is_not_on_its_way_is_refused(programme, act):
    newsletter = make_newsletter(programme)
    with pytest.raises(NewsletterError) as refusal:
        act(newsletter=newsletter)
    assert refusal.value.code == "not_sending"
    assert f"“{newsletter.subject}”" in str(refusal.value)
    newsletter.refresh_from_db()
    assert newsletter.state == State.DRAFT


def test_cancel_takes_a_scheduled_one_off_the_schedule(programme, readers):
    newsletter = due(programme)
    steering.cancel(newsletter=newsletter)
    assert (newsletter.state, newsletter.send_at, newsletter.mailing) == (State.DRAFT, None, None)
    assert sending.dispatch_due() == []
    assert not Delivery.objects.exists()


def test_pausing_what_is_due_says_how_to_hold_it_back(programme, readers):
    newsletter = due(programme)
    with pytest.raises(NewsletterError, match="annulla l’invio|has not left yet") as refusal:
        steering.pause(newsletter=newsletter)
    assert refusal.value.code == "not_sending"
    newsletter.refresh_from_db()
    assert newsletter.state == State.SCHEDULED


@pytest.mark.django_db(transaction=True)
def test_many_dispatchers_at_once_start_it_once(programme, readers):
    newsletter = due(programme)
    results = all_at_once(lambda n: len(sending.dispatch_due()), 6)
    assert sorted(results) == [0, 0, 0, 0, 0, 1]
    assert Delivery.objects.count() == 5
    assert Mailing.objects.get().key == f"newsletter:{newsletter.pk}"


@pytest.mark.django_db(transaction=True)
def test_unsubscribe_while_it_is_being_frozen_gets_nothing(programme):
    """Whichever of the two comes first, nobody who left has a copy on its way."""
    people = [make_subscription(programme) for _number in range(20)]
    newsletter = due(programme)

    def act(n):
        if n == 0:
            sending.start(newsletter.pk)
        else:
            for person in reversed(people):
                subscriptions.unsubscribe(subscription=person)

    all_at_once(act, 2)
    assert Delivery.objects.count() == 20
    assert set(Delivery.objects.values_list("state", "reason")) == {("excluded", "unsubscribed")}


def test_copy_knows_of_its_reader_what_the_preview_knows(programme, pisa):
    anna = make_subscription(programme, first_name="Anna", last_name="D’Angelo", territory=pisa)
    nobody = make_subscription(programme, first_name="")
    gone = make_subscription(programme, state="ended", ended_at=timezone.now())
    started(programme)
    kept = {delivery.email: delivery for delivery in Delivery.objects.all()}
    for reader in (anna, nobody):
        assert kept[reader.email].personal == composing.known_of(reader)
        assert kept[reader.email].name == reader.name
    assert kept[gone.email].personal == {}
    assert len({delivery.mail_id for delivery in kept.values()}) == 3
