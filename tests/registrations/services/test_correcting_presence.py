"""Presence put right by people: beside the facts, for a reason, counted anew, and twice is once."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from events.models import Event
from registrations.models import Correction, Registration, Scan
from registrations.services import RegistrationError, attendance, correcting_presence, places
from tests.make import make_attendance_file, make_event, make_registration, make_scan, make_staff
from tests.threads import all_at_once

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 5, 12, 9, 0, tzinfo=ZoneInfo("Europe/Rome"))
WHY = "Firma sul foglio"


def at(clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return NINE.replace(hour=0) + timedelta(hours=hour, minutes=minute)


@pytest.fixture
def event(programme, pisa):
    return make_event(programme, territory=pisa, starts_at=NINE, ends_at=NINE + timedelta(hours=4))


@pytest.fixture
def anna(event):
    return make_registration(event)


@pytest.fixture
def piero(programme, pisa):
    return make_staff(programme, "organiser", pisa)


def add(registration, by, direction="in", clock="9:30", **over):
    values = {"mode": "in_person", "direction": direction, "at": at(clock), "reason": WHY}
    return correcting_presence.add(registration=registration, by=by, **values | over)


def test_entry_and_exit_by_hand_become_minutes_with_who_and_why(anna, piero):
    add(anna, piero, "in", "9:30")
    fact = add(anna, piero, "out", "11:00")
    anna.refresh_from_db()
    assert (anna.minutes, anna.is_inside, anna.entered_at) == (90, False, at("9:30"))
    assert (fact.source, fact.by, fact.note, fact.status) == (Scan.Source.HAND, piero, WHY, Scan.Status.OK)


def test_presence_online_by_hand_counts_too(anna, piero):
    add(anna, piero, "in", "10:00", mode="online")
    add(anna, piero, "out", "10:20", mode="online")
    anna.refresh_from_db()
    assert (anna.minutes, anna.is_inside) == (20, False)


@pytest.mark.parametrize(
    ("over", "code", "field"),
    [
        ({"reason": " \n "}, "reason_required", "reason"),
        ({"mode": "somewhere"}, "invalid", "mode"),
        ({"direction": "here"}, "invalid", "direction"),
        ({"at": NINE.replace(tzinfo=None)}, "invalid", "at"),
        ({"at": NINE - timedelta(hours=24, minutes=1)}, "closed", "at"),
        ({"at": NINE + timedelta(hours=16, minutes=1)}, "closed", "at"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_changed(anna, piero, over, code, field):
    with pytest.raises(RegistrationError) as refusal:
        add(anna, piero, **over)
    assert (refusal.value.code, list(refusal.value.fields)) == (code, [field])
    anna.refresh_from_db()
    assert (Scan.objects.count(), anna.minutes, anna.entered_at) == (0, 0, None)


def test_nobody_has_been_there_in_the_future(programme, piero):
    event = make_event(programme, starts_at=timezone.now() - timedelta(hours=1))
    person = make_registration(event)
    with pytest.raises(RegistrationError) as refusal:
        add(person, piero, at=timezone.now() + timedelta(minutes=1))
    assert (refusal.value.code, list(refusal.value.fields)) == ("future", ["at"])
    assert not Scan.objects.exists()


def test_only_who_is_registered_and_only_for_what_was_held(event, anna, piero):
    waits = make_registration(event, state=Registration.State.WAITING)
    with pytest.raises(RegistrationError) as refusal:
        add(waits, piero)
    assert refusal.value.code == "not_confirmed"
    event.cancelled_at = NINE
    event.save()
    with pytest.raises(RegistrationError) as refusal:
        add(anna, piero)
    assert refusal.value.code == "cancelled"
    assert not Scan.objects.exists()


def test_the_same_by_hand_twice_is_once_and_again_after_it_was_taken_back(anna, piero):
    first = add(anna, piero)
    assert add(anna, piero, reason="Un altro motivo") == first
    correcting_presence.annul(scan=first, reason="Era sua sorella", by=piero)
    assert add(anna, piero) != first
    assert Scan.objects.count() == 2


def test_taking_back_keeps_the_fact_and_twice_is_once(anna, piero):
    entry = make_scan(anna, at=at("9:00"))
    attendance.recompute(anna)
    assert anna.minutes == 240
    first = correcting_presence.annul(scan=entry, reason="Era sua sorella", by=piero)
    assert correcting_presence.annul(scan=entry, reason="Di nuovo", by=piero) == first
    anna.refresh_from_db()
    assert (anna.minutes, anna.is_inside, anna.entered_at) == (0, False, None)
    assert (Scan.objects.get(), first.by, first.reason) == (entry, piero, "Era sua sorella")


def test_whole_stay_of_a_platforms_file_is_taken_back_and_no_other(event, anna, piero):
    file = make_attendance_file(event, "Anna Verdi")
    facts = [("in", "9:00"), ("out", "9:20"), ("in", "10:00"), ("out", "10:30")]
    first, *_rest = [
        make_scan(anna, direction=direction, at=at(clock), mode="online", source="log", evidence=file)
        for direction, clock in facts
    ]
    other = make_scan(anna, direction="out", at=at("9:10"))
    correcting_presence.annul_stay(scan=first, reason="Era un’altra", by=piero)
    correcting_presence.annul_stay(scan=first, reason="Era un’altra", by=piero)
    standing = list(Scan.objects.sightings().order_by("at").values_list("direction", "at"))
    assert standing == [("out", other.at), ("in", at("10:00")), ("out", at("10:30"))]
    anna.refresh_from_db()
    assert anna.minutes == 30
    with pytest.raises(RegistrationError):
        correcting_presence.annul_stay(scan=first, reason=" ", by=piero)


def test_taking_back_asks_why(anna, piero):
    entry = make_scan(anna, at=at("9:00"))
    with pytest.raises(RegistrationError) as refusal:
        correcting_presence.annul(scan=entry, reason="", by=piero)
    assert (refusal.value.code, list(refusal.value.fields)) == ("reason_required", ["reason"])
    assert not Correction.objects.exists()


def test_looked_at_changes_nothing_else(anna, piero):
    scan = make_scan(anna, at=at("9:00"), is_forced=True, reason=Scan.Reason.CANCELLED)
    attendance.recompute(anna)
    assert list(Scan.objects.to_look_at()) == [scan]
    first = correcting_presence.settle(scan=scan, by=piero)
    assert correcting_presence.settle(scan=scan, by=piero, reason="Tutto bene") == first
    anna.refresh_from_db()
    assert (anna.minutes, list(Scan.objects.to_look_at())) == (240, [])


def test_to_look_at_is_what_waits_for_somebody(event, anna, piero):
    review = {"status": Scan.Status.REVIEW, "reason": Scan.Reason.UNKNOWN}
    unknown = Scan.objects.create(event=event, nonce="u", direction="in", at=NINE, **review)
    forced = make_scan(anna, is_forced=True, reason=Scan.Reason.ALREADY_IN)
    make_scan(anna, is_forced=True, reason=Scan.Reason.CANCELLED, note="La presidente lo vuole")
    make_scan(anna, status=Scan.Status.REFUSED, reason=Scan.Reason.CANCELLED)
    make_scan(anna)
    taken_back = make_scan(anna, is_forced=True, reason=Scan.Reason.WAITING)
    correcting_presence.annul(scan=taken_back, reason=WHY, by=piero)
    assert set(Scan.objects.to_look_at()) == {unknown, forced}


@pytest.fixture
def unknown(event):
    return Scan.objects.create(
        event=event, nonce="u", code="ZZZZ", direction="in", at=at("9:10"), status="review", reason="unknown"
    )


def test_unknown_ticket_was_somebodys(anna, piero, unknown):
    fact = correcting_presence.assign(scan=unknown, registration=anna, reason=WHY, by=piero)
    assert correcting_presence.assign(scan=unknown, registration=anna, reason=WHY, by=piero) == fact
    anna.refresh_from_db()
    unknown.refresh_from_db()
    assert (fact.at, fact.direction, fact.source, fact.note) == (unknown.at, "in", Scan.Source.HAND, WHY)
    assert (anna.minutes, unknown.registration, Scan.objects.count()) == (230, None, 2)
    assert not Scan.objects.to_look_at().exists()


def test_what_was_settled_otherwise_is_not_given_to_somebody_else(event, anna, piero, unknown):
    correcting_presence.assign(scan=unknown, registration=anna, reason=WHY, by=piero)
    bea = make_registration(event)
    with pytest.raises(RegistrationError) as refusal:
        correcting_presence.assign(scan=unknown, registration=bea, reason=WHY, by=piero)
    assert (refusal.value.code, bea.scans.count()) == ("settled", 0)


@pytest.mark.parametrize("case", ["known", "elsewhere", "not_confirmed", "reason_required"])
def test_assigning_what_cannot_be_leaves_the_scan_to_look_at(programme, event, anna, piero, unknown, case):
    scan, person = unknown, anna
    if case == "known":
        scan = make_scan(anna, is_forced=True, reason=Scan.Reason.CANCELLED)
    elif case == "elsewhere":
        person = make_registration(make_event(programme))
    elif case == "not_confirmed":
        person = make_registration(event, state=Registration.State.WAITING)
    number = Scan.objects.count()
    reason = "" if case == "reason_required" else WHY
    with pytest.raises(RegistrationError) as refusal:
        correcting_presence.assign(scan=scan, registration=person, reason=reason, by=piero)
    assert refusal.value.code == case
    assert (Scan.objects.count(), Correction.objects.count()) == (number, 0)
    assert scan in Scan.objects.to_look_at()


@pytest.mark.django_db(transaction=True)
def test_two_of_the_staff_at_once_make_one_fact_and_one_correction(programme, pisa):
    event = make_event(programme, starts_at=NINE, ends_at=NINE + timedelta(hours=4))
    anna, piero = make_registration(event), make_staff(programme, "organiser", pisa)
    exit_ = make_scan(anna, direction="out", at=at("12:00"))

    def work(n):
        add(Registration.objects.get(pk=anna.pk), piero)
        correcting_presence.annul(scan=Scan.objects.get(pk=exit_.pk), reason=WHY, by=piero)

    all_at_once(work, 6)
    anna.refresh_from_db()
    assert (Scan.objects.count(), Correction.objects.count(), anna.minutes) == (2, 1, 210)


@pytest.mark.django_db(transaction=True)
def test_one_unknown_ticket_goes_to_one_of_two_people(programme, pisa):
    event = make_event(programme, starts_at=NINE, ends_at=NINE + timedelta(hours=4))
    people, piero = [make_registration(event) for _ in range(2)], make_staff(programme, "organiser", pisa)
    scan = Scan.objects.create(event=event, nonce="u", direction="in", at=at("9:10"), status="review", reason="unknown")

    def work(n):
        try:
            correcting_presence.assign(scan=scan, registration=people[n % 2], reason=WHY, by=piero)
        except RegistrationError as error:
            return error.code
        return "assigned"

    outcomes = all_at_once(work, 4)
    assert sorted(outcomes) == ["assigned"] * 2 + ["settled"] * 2
    assert Scan.objects.filter(source=Scan.Source.HAND).count() == 1


@pytest.fixture
def let_in(event):
    """Somebody who had cancelled and whom a phone without network let in."""
    gone = make_registration(event, state=Registration.State.CANCELLED, cancelled_at=NINE)
    scan = make_scan(gone, at=at("9:05"), is_forced=True, reason=Scan.Reason.CANCELLED)
    attendance.recompute(gone)
    return scan


def test_who_was_let_in_takes_a_place_that_is_left(let_in, piero):
    person = correcting_presence.register(scan=let_in, reason=WHY, by=piero)
    assert correcting_presence.register(scan=let_in, reason=WHY, by=piero) == person
    person.refresh_from_db()
    assert (person.state, person.is_extra, person.minutes) == ("confirmed", False, 235)
    assert (places.miscounted(person.event), list(Scan.objects.to_look_at())) == ({}, [])


def test_without_a_place_she_is_registered_above_them_for_the_reason(event, let_in, piero):
    Event.objects.filter(pk=event.pk).update(in_person_capacity=0)
    person = correcting_presence.register(scan=let_in, reason=WHY, by=piero)
    person.refresh_from_db()
    assert (person.state, person.is_extra, person.extra_because) == ("confirmed", True, WHY)
    assert places.miscounted(event) == {}


@pytest.mark.parametrize(("change", "code"), [({}, "reason_required"), ({"erased_at": NINE}, "not_admissible")])
def test_who_cannot_be_registered_stays_to_look_at(let_in, piero, change, code):
    Registration.objects.filter(pk=let_in.registration_id).update(**change)
    reason = "" if code == "reason_required" else WHY
    with pytest.raises(RegistrationError) as refusal:
        correcting_presence.register(scan=let_in, reason=reason, by=piero)
    assert refusal.value.code == code
    assert Registration.objects.get().state == "cancelled"
    assert list(Scan.objects.to_look_at()) == [let_in]


def test_what_a_revoked_phone_said_of_somebody_counts_once_a_person_says_so(anna, piero):
    scan = make_scan(anna, at=at("9:10"), status=Scan.Status.REVIEW, reason=Scan.Reason.REVOKED)
    attendance.recompute(anna)
    assert anna.minutes == 0
    correcting_presence.assign(scan=scan, registration=anna, reason=WHY, by=piero)
    anna.refresh_from_db()
    assert (anna.minutes, list(Scan.objects.to_look_at())) == (230, [])
