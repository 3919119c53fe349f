from datetime import timedelta

import pytest
from django.utils import timezone

from events import signals
from events.models import Event, Session, Speaker
from events.services import EventError, editing
from events.signals import capacity_raised
from tests.make import both, make_event, make_organisation, make_territory, make_venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def bells():
    """The names of the signals that rang, in order."""
    rung = []
    receivers = []
    for name in ("event_rescheduled", "event_cancelled", "capacity_raised"):

        def hear(sender, event, name=name, **kwargs):
            rung.append(name)

        getattr(signals, name).connect(hear, weak=False)
        receivers.append((name, hear))
    yield rung
    for name, hear in receivers:
        getattr(signals, name).disconnect(hear)


def test_update_writes_only_what_changed_and_never_the_counters(bells):
    event = make_event()
    Event.objects.filter(pk=event.pk).update(in_person_taken=7)
    editing.update_event(event=event, changes={"title": both("Nuovo", "New"), "threshold": 75})
    event.refresh_from_db()
    assert (str(event.title), event.in_person_taken, event.sequence, bells) == ("Nuovo", 7, 0, [])


def test_update_of_the_date_raises_the_sequence_and_rings(bells):
    event = make_event()
    later = event.ends_at + timedelta(days=1)
    editing.update_event(event=event, changes={"ends_at": later})
    event.refresh_from_db()
    assert (event.sequence, event.ends_at, bells) == (1, later, ["event_rescheduled"])


@pytest.mark.django_db
def test_update_of_the_date_takes_the_agenda_along():
    event = make_event()
    session = Session.objects.create(event=event, starts_at=event.starts_at, minutes=30, title=both("Uno", "One"))
    later = event.starts_at + timedelta(days=2)
    editing.update_event(event=event, changes={"starts_at": later, "ends_at": event.ends_at + timedelta(days=2)})
    session.refresh_from_db()
    assert session.starts_at == later


def test_update_of_the_place_of_an_unpublished_event_tells_nobody(bells):
    event = make_event(published_at=None)
    editing.update_event(event=event, changes={"venue": make_venue(event.programme)})
    event.refresh_from_db()
    assert (event.sequence, bells) == (1, [])


def test_update_without_a_change_does_nothing(bells):
    event = make_event()
    editing.update_event(event=event, changes={"starts_at": event.starts_at, "in_person_capacity": 60})
    event.refresh_from_db()
    assert (event.sequence, bells) == (0, [])


@pytest.mark.parametrize("capacity", [4, None])
def test_update_below_the_places_taken_is_refused_at_the_field(bells, capacity):
    event = make_event(in_person_taken=5)
    with pytest.raises(EventError) as refusal:
        editing.update_event(event=event, changes={"in_person_capacity": capacity, "threshold": 80})
    event.refresh_from_db()
    assert refusal.value.code == "capacity_below_taken"
    assert list(refusal.value.fields) == ["in_person_capacity"]
    assert (event.in_person_capacity, event.threshold, bells) == (60, 75, [])


def test_update_with_more_places_lets_the_waiting_list_know(bells):
    editing.update_event(event=make_event(), changes={"online_capacity": 101})
    assert bells == ["capacity_raised"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_at": timezone.now() - timedelta(days=300)}, "ends_at"),
        ({"registration_closes_at": timezone.now() - timedelta(days=300)}, "registration_closes_at"),
        ({"in_person_capacity": None, "online_capacity": None}, "in_person_capacity"),
    ],
)
def test_update_that_makes_no_sense_is_refused_at_the_field(changes, field):
    event = make_event()
    with pytest.raises(EventError) as refusal:
        editing.update_event(event=event, changes=changes)
    assert (refusal.value.code, list(refusal.value.fields)) == ("invalid", [field])
    assert Event.objects.get().changed_at == event.changed_at


def test_copy_brings_agenda_and_speakers_to_the_new_day_but_no_people():
    source = make_event(in_person_taken=9, sequence=3)
    session = Session.objects.create(event=source, starts_at=source.starts_at, minutes=30, title="Welfare")
    Speaker.objects.create(event=source, session=session, name="Ada Neri")
    day = source.starts_at + timedelta(days=30)
    lucca = make_territory(source.programme, "Lucca")
    copy = editing.copy_event(source=source, slug="seminario-lucca-2", starts_at=day, territory=lucca)
    copy.refresh_from_db()
    assert (copy.ends_at - copy.starts_at, copy.published_at, copy.in_person_taken) == (source.duration, None, 0)
    assert (copy.territory, copy.sequence, copy.registration_closes_at) == (lucca, 0, copy.ends_at)
    assert copy.sessions.get().starts_at == day
    assert copy.speakers.get().session == copy.sessions.get()
    assert (source.sessions.count(), source.speakers.count()) == (1, 1)


def test_withdraw_is_refused_once_somebody_is_registered():
    event = make_event(online_taken=1)
    with pytest.raises(EventError) as refusal:
        editing.withdraw(event=event)
    assert refusal.value.code == "has_registrations"
    assert Event.objects.get().published_at


def test_publish_twice_keeps_the_first_time():
    event = make_event(published_at=None)
    first = editing.publish(event=event).published_at
    assert editing.publish(event=event).published_at == first


def test_cancel_rings_once_and_raises_the_sequence(bells):
    event = make_event()
    editing.cancel_event(event=event)
    cancelled = editing.cancel_event(event=event)
    assert (cancelled.state, cancelled.sequence, bells) == ("cancelled", 1, ["event_cancelled"])


def test_cancel_of_an_event_that_is_over_is_refused(bells):
    event = make_event(starts_at=timezone.now() - timedelta(days=2))
    with pytest.raises(EventError) as refusal:
        editing.cancel_event(event=event)
    assert (refusal.value.code, Event.objects.get().cancelled_at, bells) == ("over", None, [])


def test_moved_event_takes_its_registration_along():
    event = make_event(registration_opens_at=timezone.now() + timedelta(days=1))
    later, opens, closes = timedelta(days=20), event.registration_opens_at, event.registration_closes_at
    moved = {"starts_at": event.starts_at + later, "ends_at": event.ends_at + later}
    event = editing.update_event(event=event, changes=moved)
    assert (event.registration_opens_at, event.registration_closes_at) == (opens + later, closes + later)
    back = {name: value - later for name, value in moved.items()} | {"registration_closes_at": closes}
    event = editing.update_event(event=event, changes=back)
    event.refresh_from_db()
    assert (event.registration_opens_at, event.registration_closes_at) == (opens, closes)


def test_moved_event_keeps_registration_open():
    event = make_event()
    opens, later = event.registration_opens_at, timedelta(days=200)
    moved = {"starts_at": event.starts_at + later, "ends_at": event.ends_at + later}
    event = editing.update_event(event=event, changes=moved)
    assert (event.registration_opens_at, event.registration_state) == (opens, "open")


def test_event_cannot_end_before_its_agenda():
    event = make_event()
    Session.objects.create(event=event, starts_at=event.starts_at, minutes=200, title="Welfare")
    with pytest.raises(EventError) as refusal:
        editing.update_event(event=event, changes={"ends_at": event.starts_at + timedelta(hours=3)})
    assert (refusal.value.code, list(refusal.value.fields)) == ("invalid", ["ends_at"])
    assert Event.objects.get().ends_at == event.ends_at
    editing.update_event(event=event, changes={"ends_at": event.starts_at + timedelta(minutes=200)})


def test_cancelled_event_changes_its_texts_only(bells):
    event = make_event(cancelled_at=timezone.now())
    for changes in ({"starts_at": event.starts_at - timedelta(hours=1)}, {"online_capacity": 200}):
        with pytest.raises(EventError) as refusal:
            editing.update_event(event=event, changes=changes)
        assert refusal.value.code == "cancelled"
    assert (Event.objects.get().starts_at, bells) == (event.starts_at, [])
    assert str(editing.update_event(event=event, changes={"outcome": "Rinviato"}).outcome) == "Rinviato"


def test_one_total_is_kept_above_what_is_taken_and_only_for_both_modes():
    event = make_event(in_person_capacity=5, online_capacity=5, in_person_taken=2, online_taken=1)
    with pytest.raises(EventError) as refusal:
        editing.update_event(event=event, changes={"total_capacity": 2})
    assert (refusal.value.code, list(refusal.value.fields)) == ("capacity_below_taken", ["total_capacity"])
    editing.update_event(event=event, changes={"total_capacity": 3})
    alone = make_event(online_capacity=None)
    with pytest.raises(EventError) as refusal:
        editing.update_event(event=alone, changes={"total_capacity": 10})
    assert (refusal.value.code, list(refusal.value.fields)) == ("invalid", ["total_capacity"])
    alone.refresh_from_db()
    assert alone.total_capacity is None


@pytest.mark.parametrize(("total", "rings"), [(4, True), (None, True), (3, False)])
def test_more_places_in_all_ring_for_the_waiting_list(total, rings):
    event = make_event(total_capacity=3)
    heard = []

    def listen(sender, event, **kwargs):
        heard.append(event.pk)

    capacity_raised.connect(listen)
    editing.update_event(event=event, changes={"total_capacity": total})
    capacity_raised.disconnect(listen)
    assert bool(heard) is rings


def test_changes_end_when_the_event_begins_and_move_along():
    event = make_event(changes_close_at=timezone.now() + timedelta(days=2))
    with pytest.raises(EventError) as refusal:
        editing.update_event(event=event, changes={"changes_close_at": event.starts_at + timedelta(hours=1)})
    assert list(refusal.value.fields) == ["changes_close_at"]
    old = event.changes_close_at
    moved = {"starts_at": event.starts_at + timedelta(days=3), "ends_at": event.ends_at + timedelta(days=3)}
    assert editing.update_event(event=event, changes=moved).changes_close_at == old + timedelta(days=3)


def test_audience_is_written_with_its_organisations_and_copied():
    event = make_event()
    cna, acli = (make_organisation(event.programme, name) for name in ("CNA", "ACLI"))
    changes = {"access": "audience", "audience_organisations": [cna, acli]}
    editing.update_event(event=event, changes=changes)
    editing.update_event(event=event, changes={"audience_organisations": [cna]})
    event.refresh_from_db()
    assert (event.access, list(event.audience_organisations.all())) == ("audience", [cna])
    copy = editing.copy_event(source=event, slug="copia", starts_at=event.starts_at + timedelta(days=1))
    assert (copy.access, list(copy.audience_organisations.all())) == ("audience", [cna])


@pytest.mark.parametrize("changes", [{"access": "audience"}, {"access": "audience", "audience_organisations": []}])
def test_audience_of_nobody_is_refused_at_the_field(changes):
    event = make_event()
    with pytest.raises(EventError) as refusal:
        editing.update_event(event=event, changes=changes)
    assert (refusal.value.code, list(refusal.value.fields)) == ("invalid", ["audience_organisations"])
    event.refresh_from_db()
    assert event.access == "open"
    editing.update_event(event=event, changes={"access": "audience", "audience_role": "presidente"})


def test_organisations_of_an_audience_are_not_taken_away_while_it_needs_them():
    event = make_event()
    cna = make_organisation(event.programme)
    editing.update_event(event=event, changes={"access": "audience", "audience_organisations": [cna]})
    with pytest.raises(EventError):
        editing.update_event(event=event, changes={"audience_organisations": []})
    assert list(event.audience_organisations.all()) == [cna]


def test_event_is_neither_made_nor_moved_into_the_past():
    event, past = make_event(), timezone.now() - timedelta(days=365)
    tries = [
        lambda: editing.update_event(event=event, changes={"starts_at": past}),
        lambda: editing.copy_event(source=event, slug="copia", starts_at=past),
        lambda: editing.create_event(
            programme=event.programme, slug="nuovo", kind="seminar", title=both("a", "a"), starts_at=past,
            ends_at=past + timedelta(hours=4), online_capacity=3,
        ),
    ]  # fmt: skip
    for attempt in tries:
        with pytest.raises(EventError) as refusal:
            attempt()
        assert (refusal.value.code, list(refusal.value.fields)) == ("invalid", ["starts_at"])
        assert "passato" in refusal.value.fields["starts_at"]
    assert Event.objects.get().starts_at == event.starts_at


def test_day_of_an_event_that_is_over_can_be_put_right():
    past = timezone.now() - timedelta(days=10)
    event = make_event(starts_at=past)
    editing.update_event(event=event, changes={"starts_at": past - timedelta(hours=1)})
    event.refresh_from_db()
    assert event.starts_at == past - timedelta(hours=1)


def test_total_above_the_sum_of_both_modes_is_refused_at_its_field():
    event = make_event(in_person_capacity=5, online_capacity=5)
    with pytest.raises(EventError) as refusal:
        editing.update_event(event=event, changes={"total_capacity": 11})
    assert (refusal.value.code, list(refusal.value.fields)) == ("invalid", ["total_capacity"])
    assert Event.objects.get().total_capacity is None
    assert editing.update_event(event=event, changes={"total_capacity": 10}).total_capacity == 10
