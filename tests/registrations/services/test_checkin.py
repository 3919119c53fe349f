"""The door's table, sentence by sentence; nonces, order of time, two doors at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registrations.models import Registration, Scan
from registrations.services import RegistrationError, checkin, tickets, walk_ins
from registrations.services.door_table import Reading
from tests.make import make_device, make_event, make_registration, make_running_event
from tests.threads import all_at_once

State = Registration.State
NOW = timezone.now()


@pytest.fixture
def event(programme):
    return make_running_event()


@pytest.fixture
def anna(event):
    return make_registration(event, first_name="Anna")


def scan(registration, **over):
    nonce = f"n{Scan.objects.count()}"
    values = {"event": registration.event, "code": tickets.ticket_url(registration), "nonce": nonce}
    return checkin.check_in_scan(**values | over)


def typed(registration):
    return f" {registration.code[:4].lower()}-{registration.code[4:]}"


def presence(registration):
    registration.refresh_from_db()
    return registration.entered_at, registration.is_inside, registration.minutes


def ago(**span):
    return NOW - timedelta(**span)


NOBODY = (None, False, 0)


def test_first_scan_lets_in(anna):
    came_at = anna.event.starts_at + timedelta(minutes=30)
    answer = scan(anna, at=came_at)
    assert (answer.status, answer.reason, answer.registration) == ("ok", "", anna)
    assert presence(anna) == (came_at, True, 210)


@pytest.mark.parametrize("code", [tickets.ticket_url, tickets.ticket_of, typed])
def test_ticket_is_read_as_address_as_ticket_and_as_typed_code(anna, code):
    assert scan(anna, code=code(anna)).status == "ok"


def test_person_inside_is_already_in_since_she_came(anna):
    scan(anna, at=ago(minutes=30))
    answer = scan(anna)
    assert (answer.status, answer.reason, answer.registration) == ("repeated", "already_in", anna)
    assert answer.since == anna.scans.get(status="ok").at


def test_exit_and_return_are_welcome(anna):
    moments = [("in", 50), ("out", 40), ("in", 30), ("out", 20)]
    answers = [scan(anna, direction=direction, at=ago(minutes=minutes)) for direction, minutes in moments]
    assert [answer.status for answer in answers] == ["ok"] * 4
    anna.refresh_from_db()
    assert (anna.is_inside, anna.minutes) == (False, 20)


def test_exit_of_somebody_who_never_came_is_not_in(anna):
    answer = scan(anna, direction="out")
    assert (answer.status, answer.reason) == ("refused", "not_in")
    assert presence(anna) == NOBODY


def test_second_exit_is_repeated(anna):
    scan(anna, at=ago(minutes=30))
    scan(anna, direction="out", at=ago(minutes=20))
    answer = scan(anna, direction="out")
    assert (answer.status, answer.reason) == ("repeated", "not_in")


@pytest.mark.parametrize(
    ("over", "reason"),
    [
        ({"state": State.CANCELLED, "cancelled_at": timezone.now()}, "cancelled"),
        ({"state": State.WAITING, "held_until": timezone.now()}, "waiting"),
        ({"state": State.PENDING, "held_until": timezone.now()}, "unconfirmed"),
        ({"state": State.EXPIRED}, "unconfirmed"),
        ({"mode": "online"}, "online_only"),
    ],
)
def test_registration_that_may_not_come_in_is_refused(event, over, reason):
    person = make_registration(event, **over)
    answer = scan(person)
    assert (answer.status, answer.reason, answer.registration) == ("refused", reason, person)
    assert presence(person) == NOBODY
    assert person.scans.get().reason == reason


@pytest.mark.parametrize(
    "over",
    [
        {"state": State.CANCELLED, "cancelled_at": timezone.now()},
        {"state": State.WAITING, "held_until": timezone.now()},
        {"mode": "online"},
    ],
)
def test_what_already_happened_is_accepted_and_marked(event, over):
    person = make_registration(event, **over)
    answer = scan(person, force=True)
    assert answer.status == "ok"
    assert person.scans.get().is_forced
    person.refresh_from_db()
    assert person.is_inside


def test_force_leaves_no_mark_where_it_was_not_needed(anna):
    scan(anna, force=True)
    assert not anna.scans.get().is_forced


def test_replaced_ticket_is_refused_and_its_code_still_works(anna):
    old = tickets.ticket_of(anna)
    anna.ticket_version += 1
    anna.save(update_fields=["ticket_version"])
    assert scan(anna, code=old).reason == "replaced"
    assert presence(anna) == NOBODY
    assert scan(anna).status == "ok"


def test_ticket_of_another_event_names_nobody(anna, programme):
    other = make_running_event()
    for code in [tickets.ticket_of(anna), anna.code]:
        answer = scan(anna, event=other, code=code)
        assert (answer.status, answer.reason, answer.registration) == ("refused", "wrong_event", None)
    assert presence(anna) == NOBODY


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("code", ["", "ABCDEFGH", "https://example.org/t/forged", "http://[/t/x", "\x00\n", "é" * 4000])
def test_unknown_code_is_kept_and_forced_looked_at(event, code, force):
    answer = checkin.check_in_scan(event=event, code=code, nonce="n", force=force)
    assert (answer.status, answer.reason, answer.registration) == ("review" if force else "refused", "unknown", None)
    assert Scan.objects.get().code == tickets.as_kept(code)


def test_of_somebodys_visiting_card_the_same_sign_is_kept_and_no_word(event):
    card = "BEGIN:VCARD\nN:Verdi;Anna\nTEL:0501234567\nEND:VCARD"
    for nonce in ("a", "b"):
        checkin.check_in_scan(event=event, code=card, nonce=nonce)
    device, _token = make_device(event)
    unread = Reading(nonce="c", code=card, at=timezone.now())
    checkin.keep(event=event, readings=[unread], device=device, reason=Scan.Reason.INVALID)
    (kept,) = set(Scan.objects.values_list("code", flat=True))
    assert Scan.objects.count() == 3
    assert kept.startswith("vcard #")
    assert not any(word in str(list(Scan.objects.values())) for word in ("Verdi", "Anna", "050"))
    other = checkin.check_in_scan(event=event, code=card, nonce="c", device=device)
    assert (other.reason, Scan.objects.count()) == ("unknown", 4), "what was only kept is judged when it can be"


@pytest.mark.parametrize("force", [False, True])
def test_outside_its_hours_check_in_is_closed(programme, force):
    for starts_at in [timezone.now() + timedelta(days=3), timezone.now() - timedelta(days=3)]:
        person = make_registration(make_event(starts_at=starts_at))
        answer = scan(person, force=force)
        assert (answer.status, answer.reason) == ("review" if force else "refused", "closed")
        assert presence(person) == NOBODY


@pytest.mark.parametrize(
    "over", [{"mode": "online"}, {"state": State.CANCELLED, "cancelled_at": NOW}, {"state": State.PENDING}]
)
def test_force_outside_check_in_hours_or_at_a_cancelled_event_makes_no_attendance(programme, over):
    over = {"held_until": NOW, **over} if over.get("state") == State.PENDING else over
    for event in [make_event(starts_at=NOW + timedelta(days=3)), make_running_event(cancelled_at=NOW)]:
        person = make_registration(event, **over)
        answer = scan(person, force=True)
        assert (answer.status, answer.reason) == ("review", "closed")
        assert presence(person) == NOBODY


def test_cancelled_event_lets_nobody_in(anna):
    anna.event.cancelled_at = timezone.now()
    anna.event.save(update_fields=["cancelled_at"])
    assert scan(anna).reason == "closed"


def test_scan_brought_home_days_later_counts_by_its_own_time(programme):
    event = make_event(starts_at=ago(days=3), ends_at=ago(days=3, hours=-4))
    person = make_registration(event)
    assert scan(person, at=event.starts_at + timedelta(minutes=60)).status == "ok"
    person.refresh_from_db()
    assert person.minutes == 180


def test_clock_that_runs_ahead_is_taken_for_now(anna):
    scan(anna, at=timezone.now() + timedelta(days=4000))
    assert anna.scans.get().at <= timezone.now()


def test_time_without_zone_is_refused(anna):
    with pytest.raises(RegistrationError) as refused:
        scan(anna, at=timezone.now().replace(tzinfo=None))
    assert refused.value.code == "invalid"
    assert not Scan.objects.exists()


def test_same_nonce_is_the_same_answer_and_one_effect(anna):
    first = scan(anna, nonce="once", at=ago(minutes=30))
    for _twice in range(2):
        for again in [scan(anna, nonce="once"), scan(anna, nonce="once", direction="out", code="something else")]:
            assert (again.status, again.reason, again.registration) == (first.status, first.reason, anna)
    assert [(one.status, one.direction) for one in Scan.objects.order_by("pk")] == [("ok", "in"), ("review", "out")]
    assert presence(anna)[1]


def test_two_scans_of_one_nonce_in_one_batch_are_both_kept(event, anna):
    bruna = make_registration(event)
    readings = [Reading(nonce="n", code=tickets.ticket_url(one), at=ago(minutes=5)) for one in (anna, bruna)]
    answers = checkin.check_in(event=event, readings=readings)
    assert [answer.registration for answer in answers] == [anna, anna]
    assert list(Scan.objects.to_look_at().values_list("registration", flat=True)) == [bruna.pk]
    assert presence(bruna) == NOBODY


def test_nonce_of_another_phone_is_another_scan_and_repeats_are_still_one(event, anna):
    bruna = make_registration(event)
    one, two = make_device(event)[0], make_device(event)[0]
    assert scan(anna, nonce="same", device=one).registration == anna
    for _twice in range(2):
        answer = scan(bruna, nonce="same", device=two)
        assert (answer.nonce, answer.status, answer.registration) == ("same", "ok", bruna)
    assert scan(anna, nonce="same", device=two).registration == anna
    assert Scan.objects.count() == 2


def test_refusal_too_is_the_same_answer_again(event, anna):
    anna.mode = "online"
    anna.save(update_fields=["mode"])
    assert scan(anna, nonce="once").reason == "online_only"
    anna.mode = "in_person"
    anna.save(update_fields=["mode"])
    assert scan(anna, nonce="once").reason == "online_only"
    assert scan(anna, nonce="again").status == "ok"


def test_same_nonce_twice_in_one_batch_is_one_scan(event, anna):
    reading = Reading("once", anna.code, timezone.now())
    answers = checkin.check_in(event=event, readings=[reading, reading])
    assert [answer.status for answer in answers] == ["ok", "ok"]
    assert Scan.objects.count() == 1


def test_nonce_of_another_event_is_another_scan(anna):
    other = make_registration(make_running_event())
    assert scan(anna, nonce="same").registration == anna
    assert scan(other, nonce="same").registration == other


def test_batch_is_judged_in_order_of_time_and_answered_in_order_given(event, anna):
    moments = [("out", 10), ("in", 20), ("out", 30), ("in", 40)]
    readings = [Reading(f"n{n}", anna.code, ago(minutes=m), direction) for n, (direction, m) in enumerate(moments)]
    answers = checkin.check_in(event=event, readings=readings)
    assert [(answer.nonce, answer.status) for answer in answers] == [(f"n{n}", "ok") for n in range(4)]
    anna.refresh_from_db()
    assert (anna.is_inside, anna.minutes) == (False, 20)


def test_scans_arriving_one_by_one_backwards_come_to_the_same_presence(event, anna):
    for direction, minutes in [("out", 10), ("in", 20), ("out", 30), ("in", 40)]:
        scan(anna, direction=direction, at=ago(minutes=minutes))
    anna.refresh_from_db()
    assert (anna.is_inside, anna.minutes) == (False, 20)


def test_slow_clock_does_not_let_a_second_person_in(anna):
    scan(anna, at=ago(seconds=5))
    answer = scan(anna, at=ago(seconds=60))
    assert answer.reason == "already_in"


def test_more_than_a_batch_holds_is_refused_whole(event, anna):
    readings = [Reading(str(n), anna.code, timezone.now()) for n in range(checkin.MOST_AT_ONCE + 1)]
    with pytest.raises(RegistrationError) as refused:
        checkin.check_in(event=event, readings=readings)
    assert refused.value.code == "too_many"
    assert not Scan.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow_with_the_batch(event, number, django_assert_num_queries):
    people = [make_registration(event) for _ in range(number)]
    readings = [Reading(f"n{person.pk}", tickets.ticket_of(person), timezone.now()) for person in people]
    with django_assert_num_queries(6):  # 4, and the savepoint around them
        assert {answer.status for answer in checkin.check_in(event=event, readings=readings)} == {"ok"}


def test_undo_takes_back_ones_own_scan_and_twice_is_once(event, anna):
    device, _token = make_device(event)
    scan(anna, nonce="wrong", device=device)
    for _ in range(2):
        checkin.undo(event=event, device=device, nonce="wrong", reason="Persona sbagliata")
    assert presence(anna) == NOBODY
    assert anna.scans.get().corrections.get().reason == "Persona sbagliata"
    assert scan(anna, nonce="right").status == "ok"


def test_row_of_a_paper_list_is_taken_back_after_it_was_entered_whatever_time_stands_on_it(event, anna):
    device, _token = make_device(event)
    scan(anna, nonce="row", device=device, at=ago(minutes=50), source="paper")
    checkin.undo(event=event, device=device, nonce="row")
    assert presence(anna) == NOBODY


def test_nothing_is_taken_back_before_it_happened(event, anna):
    device, _token = make_device(event)
    answer = scan(anna, nonce="n", device=device, at=ago(minutes=10))
    checkin.undo(event=event, device=device, nonce="n", at=ago(days=3))
    correction = anna.scans.get().corrections.get()
    assert (answer.status, correction.at) == ("ok", anna.scans.get().at)


def test_undo_of_another_phone_or_too_late_changes_nothing(event, anna):
    device, _token = make_device(event)
    other, _token = make_device(event)
    scan(anna, nonce="n", device=device, at=ago(minutes=16))
    for who, code in [(other, "unknown"), (device, "too_late")]:
        with pytest.raises(RegistrationError) as refused:
            checkin.undo(event=event, device=who, nonce="n")
        assert refused.value.code == code
    assert presence(anna)[1]


WALK_IN = {"first_name": "Bruna", "last_name": "Neri", "consents": {"privacy": True}}


def test_walk_in_is_registered_and_inside_once(event):
    first = walk_ins.walk_in(event=event, nonce="w", **WALK_IN)
    again = walk_ins.walk_in(event=event, nonce="w", **WALK_IN)
    assert first.status == again.status == "ok"
    assert first.registration == again.registration == Registration.objects.get()
    assert first.registration.is_inside
    assert first.registration.is_walk_in


def test_walk_in_without_consent_changes_nothing(event):
    with pytest.raises(RegistrationError) as refused:
        walk_ins.walk_in(event=event, nonce="w", **WALK_IN | {"consents": {}})
    assert refused.value.code == "consent_required"
    assert not Registration.objects.exists()
    assert not Scan.objects.exists()


def test_walk_in_when_check_in_is_closed_changes_nothing(programme):
    event = make_event(starts_at=timezone.now() + timedelta(days=3))
    with pytest.raises(RegistrationError) as refused:
        walk_ins.walk_in(event=event, nonce="w", **WALK_IN)
    assert refused.value.code == "closed"
    assert not Registration.objects.exists()


def test_counts_are_of_the_hall(event, anna):
    make_registration(event)
    make_registration(event, mode="online")
    make_registration(event, state=State.WAITING, held_until=timezone.now())
    scan(anna)
    assert checkin.counts(event) == {"inside": 1, "arrived": 1, "expected": 2, "left": 58, "online": 0}


@pytest.mark.django_db(transaction=True)
def test_of_eight_doors_one_lets_in_and_seven_say_already_in(anna):
    answers = all_at_once(lambda n: scan(anna, nonce=f"door-{n}"), number=8)
    assert sorted(answer.reason for answer in answers) == [""] + ["already_in"] * 7
    assert anna.scans.count() == 8


@pytest.mark.django_db(transaction=True)
def test_same_nonce_eight_times_at_once_is_one_scan(anna):
    answers = all_at_once(lambda n: scan(anna, nonce="once"), number=8)
    assert {answer.status for answer in answers} == {"ok"}
    assert anna.scans.count() == 1


@pytest.mark.django_db(transaction=True)
def test_unknown_code_with_one_nonce_eight_times_at_once_is_one_scan(event):
    answers = all_at_once(lambda n: checkin.check_in_scan(event=event, code="no", nonce="once"), number=8)
    assert {answer.reason for answer in answers} == {"unknown"}
    assert event.scans.count() == 1


@pytest.mark.django_db(transaction=True)
def test_walk_in_sent_four_times_at_once_is_one_person(event):
    person = WALK_IN | {"email": "bruna@example.org"}
    answers = all_at_once(lambda n: walk_ins.walk_in(event=event, nonce="w", **person), number=4)
    assert {answer.status for answer in answers} == {"ok"}
    assert event.registrations.count() == event.scans.count() == 1
