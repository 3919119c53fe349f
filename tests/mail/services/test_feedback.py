"""What follows from what came back: silence, certainty, figures; and how a person takes it back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import Delivery, Feedback, Suppression
from mail.services import MailError, feedback
from mail.services.feedback import Kind, Source
from mail.signals import address_suppressed
from tests.make import make_delivery
from tests.threads import all_at_once

pytestmark = pytest.mark.django_db
State = Delivery.State
ANNA = "anna@example.org"


def record(delivery, kind, source=Source.MAILBOX, **over):
    return feedback.record(delivery=delivery, kind=kind, source=source, **over)


def suppressed() -> dict[str, str]:
    return dict(Suppression.objects.values_list("email", "reason"))


@pytest.fixture
def heard():
    """What `address_suppressed` said."""
    told = []

    def listen(sender, email, reason, **kwargs):
        told.append((email, reason))

    address_suppressed.connect(listen)
    yield told
    address_suppressed.disconnect(listen)


@pytest.mark.parametrize(("kind", "reason"), [(Kind.HARD, "bounced"), (Kind.COMPLAINT, "complained")])
def test_hard_bounce_and_complaint_suppress_at_once_and_tell_it_after_commit(
    kind, reason, heard, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        assert record(make_delivery(), kind)
        assert heard == []
    assert suppressed() == {ANNA: reason}
    assert heard == [(ANNA, reason)]


@pytest.mark.parametrize("kind", [Kind.SOFT, Kind.BLOCKED, Kind.ARRIVED])
def test_other_news_suppresses_nobody(kind):
    assert record(make_delivery(), kind, status="5.7.1")
    assert suppressed() == {}


def test_the_same_notice_twice_and_by_two_ways_is_one_row():
    delivery = make_delivery()
    assert record(delivery, Kind.HARD)
    assert not record(delivery, Kind.HARD)
    assert not record(delivery, Kind.HARD, Source.WEBHOOK)
    assert Feedback.objects.count() == 1


def test_notice_replayed_after_an_address_was_freed_does_nothing():
    delivery = make_delivery()
    record(delivery, Kind.HARD)
    feedback.free(email=ANNA, by="Nora", reason="Un errore del suo server")
    assert not record(delivery, Kind.HARD)
    assert suppressed() == {}


def test_complaint_weighs_more_than_a_bounce_and_an_own_wish_most():
    record(make_delivery(), Kind.HARD)
    record(make_delivery(), Kind.COMPLAINT)
    assert suppressed() == {ANNA: "complained"}
    record(make_delivery(), Kind.HARD)
    assert suppressed() == {ANNA: "complained"}
    Suppression.objects.update(reason="asked")
    record(make_delivery(), Kind.COMPLAINT)
    assert suppressed() == {ANNA: "asked"}


def test_newsletters_on_their_way_to_a_suppressed_address_stay_here_and_her_ticket_leaves():
    waiting = make_delivery("newsletter:2", state=State.PENDING)
    ticket = make_delivery(state=State.PENDING)
    other = make_delivery("newsletter:2", state=State.PENDING, email="bea@example.org")
    record(make_delivery("newsletter:1"), Kind.COMPLAINT)
    assert Delivery.objects.get(pk=waiting.pk).state == State.EXCLUDED
    assert Delivery.objects.get(pk=waiting.pk).reason == "suppressed"
    assert {Delivery.objects.get(pk=pk).state for pk in (ticket.pk, other.pk)} == {State.PENDING}


@pytest.mark.parametrize("kind", [Kind.ARRIVED, Kind.HARD, Kind.SOFT, Kind.COMPLAINT])
def test_whatever_comes_back_about_a_doubt_proves_that_it_was_taken(kind):
    delivery = make_delivery("newsletter:1", state=State.UNCERTAIN, reason="interrupted")
    record(delivery, kind)
    settled = Delivery.objects.get(pk=delivery.pk)
    assert (settled.state, settled.sent_at, settled.reason) == (State.SENT, delivery.handed_at, "")


def test_service_mail_that_would_go_again_goes_no_second_time_once_it_is_known_to_have_arrived():
    handed = make_delivery(state=State.PENDING)
    never = make_delivery(state=State.PENDING, handed_at=None)
    record(handed, Kind.ARRIVED)
    record(never, Kind.ARRIVED)
    assert Delivery.objects.get(pk=handed.pk).state == State.SENT
    assert Delivery.objects.get(pk=never.pk).state == State.PENDING


def test_doubt_that_begins_after_its_notice_is_settled_by_the_timetable():
    delivery = make_delivery("newsletter:1", state=State.SENDING, leased_by="x", leased_until=timezone.now())
    record(delivery, Kind.ARRIVED)
    Delivery.objects.update(state=State.UNCERTAIN)
    refused = make_delivery(state=State.UNCERTAIN)
    record(refused, Kind.SOFT, Source.RELAY)
    assert feedback.settle_known() == 1
    assert Delivery.objects.get(pk=delivery.pk).state == State.SENT
    assert Delivery.objects.get(pk=refused.pk).state == State.UNCERTAIN
    assert feedback.settle_known() == 0


def days_ago(number):
    return timezone.now() - timedelta(days=number)


def soft(days, **over):
    """A message that left so many days ago and came back a little later."""
    delivery = make_delivery(left_at=days_ago(days), **over)
    record(delivery, Kind.SOFT, status="4.2.2")
    Feedback.objects.filter(delivery=delivery).update(received_at=days_ago(days) + timedelta(hours=1))


def test_three_messages_not_delivered_over_a_week_suppress():
    soft(9)
    soft(4)
    assert suppressed() == {}
    soft(0)
    assert suppressed() == {ANNA: "bounced"}


def test_three_messages_not_delivered_in_a_few_days_are_a_bad_week():
    for days in (6, 3, 0):
        soft(days)
    assert suppressed() == {}


def test_one_message_not_delivered_again_and_again_is_one():
    soft(20)
    soft(0)
    record(Delivery.objects.first(), Kind.SOFT)
    assert suppressed() == {}


@pytest.mark.parametrize("how", ["told", "silent", "freed", "lately"])
def test_something_that_arrived_in_between_begins_the_count_anew(how):
    soft(30)
    soft(20)
    if how == "told":
        record(make_delivery(left_at=days_ago(15)), Kind.ARRIVED)
        Feedback.objects.filter(kind=Kind.ARRIVED).update(received_at=days_ago(15))
    elif how == "freed":
        Suppression.objects.create(email=ANNA, reason="bounced")
        feedback.free(email=ANNA, by="Nora", reason="Casella svuotata")
        Feedback.objects.filter(kind=Kind.FREED).update(received_at=days_ago(15))
    else:
        make_delivery(left_at=days_ago(15 if how == "silent" else 2))
    soft(0)
    assert suppressed() == ({ANNA: "bounced"} if how == "lately" else {})


@pytest.mark.parametrize(
    ("reply", "kind", "is_suppressed"),
    [
        ("550 5.1.1 no such user", Kind.HARD, True),
        ("550 5.1.10 domain takes no mail", Kind.HARD, True),
        ("550 no such user", Kind.SOFT, False),
        ("552 5.2.2 mailbox full", Kind.SOFT, False),
        ("550 5.7.1 listed in a block list", Kind.BLOCKED, False),
        ("554 no SMTP service here", Kind.BLOCKED, False),
    ],
)
def test_refusal_while_sending_counts_against_the_address_only_where_it_is_about_it(reply, kind, is_suppressed):
    delivery = make_delivery(state=State.FAILED)
    assert feedback.refused(delivery=delivery, reply=reply)
    row = Feedback.objects.get()
    assert (row.kind, row.source, row.detail, row.delivery) == (kind, Source.RELAY, reply, delivery)
    assert (ANNA in suppressed()) == is_suppressed
    assert Delivery.objects.get().state == State.FAILED


def test_person_frees_an_address_that_bounced_and_the_reason_stays():
    record(make_delivery(), Kind.HARD)
    feedback.free(email="Anna@Example.org ", by="Nora", reason=" Ha scritto da lì ")
    assert suppressed() == {}
    row = Feedback.objects.get(kind=Kind.FREED)
    assert (row.email, row.by, row.detail, row.source) == (ANNA, "Nora", "Ha scritto da lì", Source.PERSON)
    record(make_delivery(), Kind.HARD)
    assert suppressed() == {ANNA: "bounced"}


@pytest.mark.parametrize(
    ("reason", "why", "code"),
    [
        ("complained", "x", "own_word"), ("asked", "x", "own_word"),
        ("bounced", " ", "reason"), (None, "x", "not_suppressed"),
    ],
)  # fmt: skip
def test_person_cannot_free(reason, why, code):
    if reason:
        Suppression.objects.create(email=ANNA, reason=reason)
    with pytest.raises(MailError) as refusal:
        feedback.free(email=ANNA, by="Nora", reason=why)
    assert refusal.value.code == code
    assert suppressed() == ({ANNA: reason} if reason else {})
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("reason", ["bounced", "complained", "asked"])
def test_who_asks_anew_and_confirms_is_written_to_again_but_not_by_an_older_wish(reason):
    Suppression.objects.create(email=ANNA, reason=reason, created_at=days_ago(3))
    feedback.wanted_again(email=ANNA, said_at=days_ago(4))
    assert suppressed() == {ANNA: reason}
    feedback.wanted_again(email=ANNA, said_at=days_ago(2))
    assert suppressed() == {}
    assert Feedback.objects.get().kind == Kind.FREED


@pytest.mark.django_db(transaction=True)
def test_the_same_notice_by_two_ways_at_once_is_one_row_and_one_suppression():
    delivery = make_delivery("newsletter:1")
    ways = [Source.MAILBOX, Source.WEBHOOK]
    told = all_at_once(lambda n: record(delivery, Kind.HARD, ways[n % 2]), 6)
    assert sorted(told) == [False] * 5 + [True]
    assert Feedback.objects.count() == Suppression.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_different_notices_about_one_address_at_once_are_both_kept():
    kinds = [Kind.HARD, Kind.COMPLAINT, Kind.HARD, Kind.COMPLAINT]
    deliveries = [make_delivery("newsletter:1") for _ in kinds]
    all_at_once(lambda n: record(deliveries[n], kinds[n]), 4)
    assert Feedback.objects.count() == 4
    assert suppressed() == {ANNA: "complained"}
