"""The hall at a glance, against counts made the slow way."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Mode
from registrations.models import Correction, MonitoringRecord, Registration, Scan
from registrations.services import attendance, hall
from tests.make import make_event, make_registration, make_running_event, make_scan

pytestmark = pytest.mark.django_db
IN, OUT = Scan.Direction.IN, Scan.Direction.OUT


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def event(programme, now):
    return make_event(programme, kind="seminar", starts_at=now - timedelta(hours=1), in_person_capacity=200)


def seen(person, *facts, **over):
    """`facts`: minutes ago and direction."""
    for minutes, direction in facts:
        make_scan(person, direction=direction, at=timezone.now() - timedelta(minutes=minutes), **over)
    return attendance.recompute(person)


def come(event, number, **over):
    return [seen(make_registration(event, **over), (30, IN)) for _ in range(number)]


def told(people, sector):
    for person in people:
        MonitoringRecord.objects.create(registration=person, profile="organisation", values={"sector": sector})


def test_figures_are_those_of_a_naive_count(event, now):
    dice = random.Random(5)
    for _ in range(40):
        person = make_registration(
            event, mode=dice.choice(Mode.values), state=dice.choice(["confirmed", "confirmed", "waiting"])
        )
        source = Scan.Source.PAGE if person.mode == Mode.ONLINE else Scan.Source.DOOR
        moments = sorted(dice.sample(range(1, 60), dice.randrange(4)), reverse=True)
        seen(person, *((one, dice.choice([IN, OUT])) for one in moments), mode=person.mode, source=source)
    found = hall.figures(event=event, now=now)
    people = list(event.registrations.all())
    confirmed = [one for one in people if one.state == Registration.State.CONFIRMED]
    online = [one for one in people if one.mode == Mode.ONLINE]
    assert found.registered == len(confirmed)
    assert found.registered_online == len([one for one in confirmed if one in online])
    assert found.came == len([one for one in people if one.entered_at])
    assert found.came_online == len([one for one in online if one.entered_at])
    assert found.expected == len([one for one in confirmed if not one.entered_at])
    assert found.expected_online == len([one for one in confirmed if one in online and not one.entered_at])
    assert found.inside == len([one for one in people if one.is_inside])
    assert found.online == len([one for one in people if one.online_until and one.online_until > now])
    assert min(found.registered, found.came, found.inside, found.online) > 0, "a world in which nothing happens"


def test_who_arrived_is_told_apart_by_where_they_were_seen(event, now):
    seen(make_registration(event), (5, IN), mode="online", source="log")
    both = make_registration(event, mode="online")
    seen(both, (9, IN), mode="online", source="page")
    seen(both, (5, IN))
    seen(make_registration(event), (5, IN))
    found = hall.figures(event=event, now=now)
    assert (found.came, found.came_online, found.inside) == (3, 1, 2)


def test_another_event_does_not_count(event, programme):
    come(make_running_event(programme), 3)
    shown = hall.glance(event=event)
    assert (shown.figures.came, shown.flow.most_entries, shown.organisations) == (0, 0, [])


def test_flow_pairs_entries_and_exits_like_attendance(event, now):
    dice = random.Random(7)
    for _ in range(30):
        person = make_registration(event)
        moments = sorted(dice.sample(range(1, 59), dice.randrange(7)), reverse=True)
        seen(person, *((one, dice.choice([IN, OUT])) for one in moments))
    found = hall.flow(event=event, now=now)
    stays = [
        stay
        for facts in attendance.of_people(event.registrations.all()).values()
        for stay in attendance.stays(event, facts)
    ]
    assert sum(slot.entries for slot in found.slots) == len(stays) > 20
    assert sum(slot.exits for slot in found.slots) == len([stay for stay in stays if stay.end]) > 5
    assert found.slots[-1].inside == event.registrations.filter(is_inside=True).count()
    for slot in found.slots:
        over = slot.at + found.step
        inside = [stay for stay in stays if stay.start < over and (stay.end is None or stay.end >= over)]
        assert slot.inside == len(inside)


def test_fact_taken_back_and_a_second_entry_do_not_move_the_curve(event, now):
    person = make_registration(event)
    seen(person, (40, IN), (30, IN))
    make_scan(person, at=now - timedelta(minutes=20), status="refused", reason="closed")
    taken_back = make_scan(make_registration(event), at=now - timedelta(minutes=10))
    Correction.objects.create(scan=taken_back, kind=Correction.Kind.ANNULLED)
    found = hall.flow(event=event, now=now)
    assert (sum(slot.entries for slot in found.slots), found.slots[-1].inside) == (1, 1)


def test_picture_begins_with_the_first_entry(programme):
    now = timezone.now()
    event = make_event(programme, starts_at=now + timedelta(minutes=80), ends_at=now + timedelta(hours=4))
    come(event, 3)
    found = hall.flow(event=event, now=now)
    assert found.start < now - timedelta(minutes=29) < found.start + hall.SLOT + timedelta(minutes=2)
    assert (found.slots[0].entries, found.slots[-1].inside, found.before.entries) == (3, 3, 0)


@pytest.mark.parametrize("begins_in", [timedelta(hours=8), timedelta(hours=2), timedelta(hours=-1)])
def test_who_came_long_before_is_told_and_counts(programme, begins_in):
    now = timezone.now()
    event = make_event(programme, starts_at=now + begins_in, ends_at=now + begins_in + timedelta(hours=3))
    seen(make_registration(event), (5 * 60, IN))
    seen(make_registration(event), (5 * 60, IN), (5 * 60 - 20, OUT))
    found = hall.flow(event=event, now=now)
    assert (found.before.entries, found.before.exits, found.before.inside) == (2, 1, 1)
    assert found.start >= event.starts_at - hall.EARLIEST - hall.SLOT, "one who came at night presses no morning"
    assert sum(slot.entries for slot in found.slots) == 0
    assert {slot.inside for slot in found.slots} <= {1}
    assert hall.figures(event=event, now=now).inside == 1


def test_who_goes_late_stands_at_the_end(programme):
    now = timezone.now()
    event = make_event(programme, starts_at=now - timedelta(hours=8), ends_at=now - timedelta(hours=2))
    seen(make_registration(event), (7 * 60, IN), (30, OUT))
    found = hall.flow(event=event, now=now)
    assert (found.slots[-1].exits, found.slots[-1].inside) == (1, 0)
    assert found.slots[-1].at <= found.end


def test_long_event_has_no_more_slots_than_a_picture_can_hold(programme):
    now = timezone.now()
    event = make_event(programme, starts_at=now - timedelta(days=4), ends_at=now - timedelta(days=1))
    found = hall.flow(event=event, now=now)
    assert len(found.slots) <= hall.MOST_SLOTS + 1
    assert found.step % hall.SLOT == timedelta()


def test_nothing_before_the_event(programme):
    event = make_event(programme, starts_at=timezone.now() + timedelta(days=3))
    make_registration(event)
    shown = hall.glance(event=event)
    assert (shown.figures.registered, shown.figures.expected, shown.flow.slots) == (1, 1, [])


def test_organisations_ten_and_the_others(event):
    for number in range(12):
        come(event, 2 + number % 3, organisation=f"Impresa {number}")
    come(event, 1, organisation="Studio Rossi")
    come(event, 1, organisation="impresa  2")
    make_registration(event, organisation="Impresa 2")
    lines = hall.glance(event=event).organisations
    assert len(lines) == hall.TOP + 1
    assert (lines[0].label, lines[0].came, lines[0].registered) == ("Impresa 2", 5, 6)
    assert lines[-1].label == ""
    assert sum(line.came for line in lines) == event.registrations.exclude(organisation="").count() - 1
    assert "Rossi" not in "".join(line.label for line in lines)


def test_fields_of_work_only_where_asked_and_never_fewer_than_four(event, programme):
    told(come(event, 4), "care")
    told(come(event, 3), "trade")
    told([make_registration(event) for _ in range(4)] + come(event, 2), "education")
    assert hall.glance(event=event).sectors == []
    programme.monitoring = {"seminar": "organisation"}
    programme.save()
    event.refresh_from_db()
    lines = hall.glance(event=event).sectors
    assert [(line.registered, line.came) for line in lines] == [(4, 4), (6, None)]


def test_stamp_changes_with_a_scan_and_with_who_leaves_the_online_room(event, now):
    person = make_registration(event, mode="online")
    seen(person, (5, IN), mode="online", source="page")
    before = hall.figures(event=event, now=now)
    assert hall.figures(event=event, now=now + timedelta(seconds=2)).stamp == before.stamp
    assert hall.figures(event=event, now=now + timedelta(hours=1)).stamp != before.stamp
    come(event, 1)
    assert hall.figures(event=event, now=now).stamp != before.stamp


@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow(event, programme, number, django_assert_num_queries):
    programme.monitoring = {"seminar": "organisation"}
    programme.save()
    told(come(event, number, organisation="CNA"), "care")
    event = type(event).objects.select_related("programme").get()
    with django_assert_num_queries(5):
        hall.glance(event=event)
    with django_assert_num_queries(1):
        hall.figures(event=event)
