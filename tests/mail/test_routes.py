"""Rates and holds: how fast mail leaves, and where it waits for a server."""

from datetime import timedelta
from time import monotonic

import pytest
from django.utils import timezone

from mail.models import Delivery, Feedback, Route
from mail.services import outbox, routes, sending
from mail.transports import transport

pytestmark = pytest.mark.django_db
State = Delivery.State


def owe(to, **fields):
    message = outbox.add_message(kind="test", language="it", subject="s", text="t")
    return outbox.add_delivery(key=f"{to}:{Delivery.objects.count()}", message=message, to=to, **fields)


def states():
    return [delivery.state for delivery in Delivery.objects.order_by("pk")]


def try_again_now():
    Delivery.objects.update(not_before=timezone.now())
    Route.objects.exclude(held_until=None).update(held_until=timezone.now() - timedelta(seconds=1))


def pass_time(seconds):
    for route in Route.objects.all():
        Route.objects.filter(pk=route.pk).update(counted_at=route.counted_at - timedelta(seconds=seconds))


def send_impatiently():
    sending.drain(seconds=5, is_patient=False)
    return states().count(State.SENT)


def test_rate_is_in_the_database_and_shared_by_all_senders(sink):
    routes.set_rate(per_minute=1)
    for number in range(4):
        owe(f"p{number}@example.org")
    pass_time(60)
    assert send_impatiently() == 1
    assert send_impatiently() == 1
    pass_time(60)
    assert send_impatiently() == 2
    pass_time(3600)
    assert send_impatiently() == 3


def test_patient_sender_waits_for_its_tokens(sink):
    routes.set_rate(per_minute=600)
    for number in range(6):
        owe(f"p{number}@example.org")
    began = monotonic()
    sending.drain(seconds=5)
    assert states() == [State.SENT] * 6
    assert monotonic() - began > 0.4


def test_rate_of_one_domain_does_not_slow_the_others(sink):
    routes.set_rate(domain="Slow.example", per_minute=1)
    for number in range(3):
        owe(f"p{number}@slow.example")
        owe(f"p{number}@example.org")
    pass_time(60)
    send_impatiently()
    assert states() == [State.SENT, State.SENT, State.PENDING, State.SENT, State.PENDING, State.SENT]


def test_login_code_does_not_wait_for_a_token_but_is_counted(sink):
    routes.set_rate(per_minute=1)
    owe("code@example.org", priority=Delivery.Priority.URGENT)
    owe("other@example.org")
    assert send_impatiently() == 1
    assert Route.objects.get().tokens == pytest.approx(-1, abs=0.2)


def test_what_was_claimed_and_did_not_go_gives_its_token_back(sink):
    routes.set_rate(per_minute=600)
    for number in range(3):
        owe(f"p{number}@example.org")
    pass_time(1)
    sender = sending.Sender(transport())
    claim = sender.claim()
    before = Route.objects.get().tokens
    sender._give_back(*claim.batch)
    assert Route.objects.get().tokens == pytest.approx(before + 3)
    assert states() == [State.PENDING] * 3


def test_domain_that_puts_off_several_is_held_and_the_others_go_on(sink):
    people = [f"p{number}@slow.example" for number in range(6)]
    sink.answers = dict.fromkeys(people, "451 4.7.1 try later")
    for address in people:
        owe(address)
    owe("bea@example.org")
    sending.drain(seconds=5)
    assert states() == [State.PENDING] * 6 + [State.SENT]
    assert sorted(Delivery.objects.values_list("attempts", flat=True)) == [0] * 4 + [1] * 3
    (route,) = routes.held()
    assert (route.domain, route.reason, route.failures) == ("slow.example", "451 4.7.1 try later", 3)
    assert not routes.relay_state().is_held
    sink.answers = {}
    try_again_now()
    sending.drain(seconds=5)
    assert states() == [State.SENT] * 7
    assert not routes.held()
    assert Route.objects.get().failures == 0


def test_put_off_for_the_hundredth_time_is_still_owed(sink):
    sink.answers["anna@example.org"] = "451 greylisted"
    owe("anna@example.org", attempts=100)
    sending.drain(seconds=5)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == (State.PENDING, 101)
    assert timedelta(hours=3) < delivery.not_before - timezone.now() <= sending.LONGEST_WAIT


def test_unreachable_relay_is_held_longer_each_time_and_released_by_what_gets_through(sink, settings):
    url, settings.EMAIL_URL = settings.EMAIL_URL, "smtp://127.0.0.1:1"
    owe("anna@example.org")
    waits = []
    for _ in range(3):
        sending.drain(seconds=5)
        state = routes.relay_state()
        assert state.is_held
        waits.append(state.held_until - timezone.now())
        sending.drain(seconds=5)
        assert routes.relay_state().failures == state.failures
        try_again_now()
    assert waits[0] < waits[1] < waits[2] <= routes.LONGEST_RELAY_HOLD
    assert "refused" in state.reason.lower()
    assert (Delivery.objects.get().state, Delivery.objects.get().attempts) == (State.PENDING, 0)
    settings.EMAIL_URL = url
    Route.objects.update(relay=transport().name)
    sending.drain(seconds=5)
    assert states() == [State.SENT]
    assert (routes.relay_state().failures, routes.relay_state().held_until) == (0, None)


def test_person_may_end_a_hold(sink, django_capture_on_commit_callbacks):
    owe("anna@example.org")
    routes.relay_failed(transport().name, "down")
    assert send_impatiently() == 0
    with django_capture_on_commit_callbacks(execute=False) as woken:
        routes.release(route=routes.held().get())
    assert len(woken) == 1
    assert send_impatiently() == 1


def test_sender_that_the_relay_does_not_like_fails_nobody(sink):
    sink.sender = "550 5.7.1 not from here"
    owe("anna@example.org")
    sending.drain(seconds=5)
    assert states() == [State.PENDING]
    assert routes.relay_state().reason == "550 5.7.1 not from here"


def test_same_refusal_for_everybody_is_the_relays_and_fails_nobody(sink):
    sink.dot = "550 5.7.1 relaying denied"
    for number in range(8):
        owe(f"p@domain{number}.example")
    sending.drain(seconds=5)
    assert states() == [State.PENDING] * 8
    assert routes.relay_state().is_held
    assert not Feedback.objects.exists()
    try_again_now()
    sending.drain(seconds=5)
    assert states() == [State.PENDING] * 8
    sink.dot = "250 taken"
    try_again_now()
    sending.drain(seconds=5)
    assert states() == [State.SENT] * 8


def test_addresses_that_do_not_exist_are_no_trouble_of_the_relay(sink):
    people = [f"p@domain{number}.example" for number in range(8)]
    sink.answers = dict.fromkeys(people, "550 5.1.1 no such user")
    for address in people:
        owe(address)
    sending.drain(seconds=5)
    assert states() == [State.FAILED] * 8
    assert Feedback.objects.filter(source="relay").count() == 8
    assert not routes.relay_state().is_held


def test_relay_that_closes_after_every_message_is_asked_again_at_once(sink):
    sink.hangs_up = True
    for number in range(5):
        owe(f"p{number}@example.org")
    sending.drain(seconds=5)
    assert states() == [State.SENT] * 5
    assert not routes.held()


@pytest.mark.parametrize("answer", ["421 4.7.0 too many from you", ""])
def test_domain_over_which_the_relay_hangs_up_is_held_and_all_others_leave(sink, answer):
    theirs = [f"p{number}@domain0.example" for number in range(4)]
    sink.answers = dict.fromkeys(theirs, answer)
    for address in theirs:
        owe(address)
        for number in range(1, 12):
            owe(f"{address[:2]}@domain{number}.example")
    sending.drain(seconds=10)
    assert len(sink.mails) == 44
    owed = Delivery.objects.exclude(state=State.SENT)
    assert set(owed.values_list("domain", "state")) == {("domain0.example", State.PENDING)}
    assert sorted(owed.values_list("attempts", flat=True)) == [0, 1, 1, 1]
    (route,) = routes.held()
    assert route.domain == "domain0.example"
    assert answer in route.reason
    sink.answers = {}
    try_again_now()
    sending.drain(seconds=10)
    assert states() == [State.SENT] * 48


def test_relay_that_hangs_up_over_one_domain_after_the_other_is_held(sink):
    people = [f"p@domain{number}.example" for number in range(8)]
    sink.answers = dict.fromkeys(people, "421 4.3.2 shutting down")
    for address in people:
        owe(address)
    sending.drain(seconds=5)
    assert states() == [State.PENDING] * 8
    assert [route.domain for route in routes.held()] == [""]
    assert sorted(Delivery.objects.values_list("attempts", flat=True)) == [0] * 5 + [1] * 3
    sink.answers = {}
    try_again_now()
    sending.drain(seconds=5)
    assert states() == [State.SENT] * 8


def test_one_unanswered_last_byte_costs_a_connection_only(sink):
    sink.unanswered = 1
    for number in range(4):
        owe(f"p@domain{number}.example")
    sending.drain(seconds=5)
    assert states() == [State.PENDING] + [State.SENT] * 3
    assert not routes.held()
    assert routes.relay_state().failures == 0


def test_refusal_of_a_relay_that_only_hung_up_once_is_the_addresss(sink):
    sink.answers = {"anna@one.example": "421 4.7.0 later", "bea@two.example": "554 5.7.1 not wanted"}
    for address in sink.answers:
        owe(address)
    sending.drain(seconds=5)
    assert states() == [State.PENDING, State.FAILED]
    assert not routes.held()


def test_login_code_is_tried_while_the_relay_is_held(sink):
    routes.relay_failed(transport().name, "down")
    owe("news@example.org")
    owe("code@example.org", priority=Delivery.Priority.URGENT)
    assert send_impatiently() == 2
    assert [mail.to for mail in sink.mails] == [["code@example.org"], ["news@example.org"]]
    assert not routes.held()


def test_login_code_that_fails_while_the_relay_is_held_changes_nothing(sink, settings):
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    routes.relay_failed(transport().name, "down")
    before = routes.relay_state().held_until
    owe("code@example.org", priority=Delivery.Priority.URGENT)
    owe("code2@example.org", priority=Delivery.Priority.URGENT)
    assert send_impatiently() == 0
    assert (routes.relay_state().held_until, routes.relay_state().failures) == (before, 1)
    waits = sorted(Delivery.objects.values_list("not_before", flat=True))
    assert waits[0] < timezone.now() < waits[1] < timezone.now() + timedelta(seconds=16)
    assert states() == [State.PENDING] * 2


def test_other_mail_waits_while_the_relay_is_held_even_where_a_domain_has_a_rate(sink):
    routes.set_rate(domain="example.org", per_minute=1)
    routes.relay_failed(transport().name, "down")
    owe("news@example.org")
    began = monotonic()
    assert sending.drain(seconds=2) is False
    assert (states(), monotonic() - began < 1) == ([State.PENDING], True)


def test_estimate_is_by_the_rate_and_by_what_the_last_hour_did(sink):
    assert routes.estimate(count=2000) == timedelta(seconds=2000 / routes.ASSUMED_A_SECOND)
    message = outbox.add_message(kind="test", language="it", subject="s", text="t")
    now = timezone.now()
    Delivery.objects.bulk_create(
        Delivery(
            key=f"n{n}", message=message, email="a@b.example", mail_id=f"<{n}@x>", state=State.SENT,
            priority=Delivery.Priority.BULK, sent_at=now - timedelta(seconds=n / 10),
        )
        for n in range(101)
    )  # fmt: skip
    assert routes.estimate(count=1010) == timedelta(seconds=100)
    routes.set_rate(per_minute=60)
    assert routes.estimate(count=100) == timedelta(seconds=100)
    routes.relay_failed(transport().name, "down")
    assert timedelta(seconds=100) < routes.estimate(count=100) <= timedelta(seconds=100) + routes.FIRST_RELAY_HOLD
