"""Groups of a lab: who is seated, what forming again may change, what is refused."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from registrations.models import Group, Registration
from registrations.services import RegistrationError, groups
from tests.make import make_event, make_registration, make_staff
from tests.threads import all_at_once


@pytest.fixture
def lab(cast, pisa):
    return make_event(kind="lab", slug="laboratorio-pisa", territory=pisa, in_person_capacity=100)


def come_in(*people):
    for person in people:
        person.entered_at, person.is_inside = timezone.now(), True
        person.save()


def people_in(lab, number, **over):
    return [make_registration(lab, **over) for _ in range(number)]


def seats(lab):
    return dict(lab.registrations.filter(group__isnull=False).values_list("pk", "group__number"))


def refused(code, call, **arguments):
    before = list(Group.objects.values_list("pk", "facilitator")), list(Registration.objects.values_list("pk", "group"))
    with pytest.raises(RegistrationError) as refusal:
        call(**arguments)
    assert refusal.value.code == code
    after = list(Group.objects.values_list("pk", "facilitator")), list(Registration.objects.values_list("pk", "group"))
    assert after == before


def test_form_groups_seats_those_expected_as_long_as_nobody_came(lab):
    people_in(lab, 5)
    make_registration(lab, mode="online")
    make_registration(lab, state="waiting")
    formed = groups.form_groups(event=lab, number=2)
    assert formed.placed == 5
    assert sorted(len(one.people) for one in groups.picture(event=lab).groups) == [2, 3]
    assert groups.picture(event=lab).is_expected


def test_form_groups_seats_only_those_present_once_somebody_came(lab):
    absent, *present = people_in(lab, 5)
    groups.form_groups(event=lab, number=2)
    come_in(*present)
    groups.form_groups(event=lab)
    assert set(seats(lab)) == {one.pk for one in present}
    picture = groups.picture(event=lab)
    assert (picture.people, picture.is_expected) == (4, False)


def test_form_groups_gives_every_facilitator_a_group(lab, programme, pisa, cast):
    franca = make_staff(programme, "facilitator", pisa, first_name="Franca")
    make_staff(programme, "facilitator", None, first_name="Everywhere")
    people_in(lab, 9)
    groups.form_groups(event=lab, facilitators=[cast.fabio, franca])
    assert {one.facilitator for one in lab.groups.all()} == {cast.fabio, franca}


def test_form_groups_keeps_colleagues_apart(lab, programme, pisa):
    make_staff(programme, "facilitator", pisa)
    people_in(lab, 2, organisation="CNA Toscana") + people_in(lab, 2, organisation="cna toscana ")
    groups.form_groups(event=lab)
    picture = groups.picture(event=lab)
    assert (picture.pairs, picture.bound, picture.excess) == (2, 2, 0)
    assert picture.crowded == [("CNA Toscana", 4)]


def test_form_groups_again_moves_nobody(lab):
    people_in(lab, 11, organisation="Comune")
    groups.form_groups(event=lab, number=3)
    before = seats(lab)
    again = groups.form_groups(event=lab, number=3)
    assert seats(lab) == before
    assert (again.placed, again.moved) == (0, 0)


def test_form_groups_with_the_same_seed_is_the_same(lab):
    people_in(lab, 12)
    groups.form_groups(event=lab, number=3, seed=5)
    first = seats(lab)
    groups.dissolve(event=lab)
    groups.form_groups(event=lab, number=3, seed=5)
    assert seats(lab) == first


def test_form_groups_leaves_who_was_placed_by_hand(lab):
    anna, *_ = people_in(lab, 8)
    groups.form_groups(event=lab, number=2)
    anna.refresh_from_db()
    other = lab.groups.exclude(pk=anna.group_id).get()
    groups.move(registration=anna, group=other)
    groups.form_groups(event=lab, number=2)
    anna.refresh_from_db()
    assert (anna.group, anna.is_group_pinned) == (other, True)
    assert sorted(len(one.people) for one in groups.picture(event=lab).groups) == [4, 4]


def test_form_groups_with_fewer_tables_keeps_the_leaders_that_stay(lab, programme, pisa, cast):
    franca = make_staff(programme, "facilitator", pisa, first_name="Franca")
    people_in(lab, 8)
    groups.form_groups(event=lab, facilitators=[cast.fabio, franca])
    kept = lab.groups.get(facilitator=franca)
    groups.form_groups(event=lab, facilitators=[franca])
    assert list(lab.groups.all()) == [kept]
    assert set(seats(lab).values()) == {kept.number}


def test_who_is_absent_from_a_group_that_goes_stands_up_and_phones_hear_of_it(lab, programme, pisa, cast):
    franca = make_staff(programme, "facilitator", pisa, first_name="Franca")
    anna, *_others = people_in(lab, 8)
    groups.form_groups(event=lab, facilitators=[cast.fabio, franca])
    before = groups.move(registration=anna, group=lab.groups.get(facilitator=cast.fabio)).changed_at
    lab.registrations.exclude(pk=anna.pk).update(entered_at=timezone.now())
    groups.form_groups(event=lab, facilitators=[franca])
    anna.refresh_from_db()
    assert (anna.group, anna.is_group_pinned) == (None, False)
    assert anna.changed_at > before


def test_add_late_seats_the_late_ones_and_moves_nobody(lab):
    come_in(*people_in(lab, 6))
    groups.form_groups(event=lab, number=2)
    before = seats(lab)
    come_in(*people_in(lab, 3))
    assert [one.group_id for one in groups.picture(event=lab).unseated] == [None] * 3
    assert groups.add_late(event=lab) == 3
    assert before.items() <= seats(lab).items()
    assert not Registration.objects.filter(is_group_pinned=True).exists()
    assert groups.add_late(event=lab) == 0


def test_who_steps_out_keeps_the_seat(lab):
    anna, *others = people_in(lab, 4)
    come_in(anna, *others)
    groups.form_groups(event=lab, number=2)
    Registration.objects.filter(pk=anna.pk).update(is_inside=False)
    groups.form_groups(event=lab, number=2)
    assert anna.pk in seats(lab)


def test_move_out_of_the_groups_unpins(lab):
    anna, *_ = people_in(lab, 4)
    groups.form_groups(event=lab, number=2)
    groups.move(registration=anna, group=lab.groups.first())
    groups.move(registration=anna, group=None)
    anna.refresh_from_db()
    assert (anna.group, anna.is_group_pinned) == (None, False)


def test_dissolve_takes_groups_and_pins_away_and_no_registration(lab):
    anna, *_ = people_in(lab, 4)
    groups.form_groups(event=lab, number=2)
    groups.move(registration=anna, group=lab.groups.first())
    groups.dissolve(event=lab)
    assert not lab.groups.exists()
    assert lab.registrations.filter(is_group_pinned=False, group=None).count() == 4


def test_forming_is_refused_without_facilitators_people_or_enough_of_them(lab, cast, programme, lucca):
    refused("nobody", groups.form_groups, event=lab)
    people_in(lab, 2)
    refused("no_facilitator", groups.form_groups, event=lab, facilitators=[])
    refused("too_few_people", groups.form_groups, event=lab, number=3)
    elsewhere = make_staff(programme, "facilitator", lucca)
    refused("unknown_facilitator", groups.form_groups, event=lab, facilitators=[elsewhere])
    refused("unknown_facilitator", groups.form_groups, event=lab, facilitators=[cast.piero])


def test_forming_is_refused_with_fewer_groups_than_facilitators(lab, cast, programme, pisa):
    franca = make_staff(programme, "facilitator", pisa)
    people_in(lab, 4)
    refused("too_few_tables", groups.form_groups, event=lab, facilitators=[cast.fabio, franca], number=1)


def test_groups_are_refused_for_a_seminar_and_a_cancelled_lab(lab, pisa):
    refused("no_groups", groups.form_groups, event=make_event(territory=pisa), number=1)
    cancelled = make_event(kind="lab", territory=pisa, cancelled_at=timezone.now())
    refused("cancelled", groups.form_groups, event=cancelled, number=1)
    refused("no_groups_yet", groups.add_late, event=lab)


def test_move_is_refused_to_a_group_of_another_lab_or_for_who_is_not_registered(lab, pisa):
    anna, bea = people_in(lab, 2)
    groups.form_groups(event=lab, number=1)
    other = make_event(kind="lab", territory=pisa)
    make_registration(other)
    groups.form_groups(event=other, number=1)
    refused("wrong_event", groups.move, registration=anna, group=other.groups.get())
    Registration.objects.filter(pk=bea.pk).update(state="cancelled", cancelled_at=timezone.now(), group=None)
    refused("not_registered", groups.move, registration=bea, group=lab.groups.get())


def test_a_facilitator_sees_the_groups_she_leads_and_the_organiser_all_of_the_province(lab, cast, programme, pisa):
    franca = make_staff(programme, "facilitator", pisa)
    people_in(lab, 4)
    groups.form_groups(event=lab, facilitators=[cast.fabio, franca])

    def seen_by(user):
        return Group.objects.visible_to(user).count()

    assert [seen_by(who) for who in (cast.fabio, cast.piero, cast.carla)] == [1, 2, 2]
    assert [seen_by(who) for who in (cast.lucia, cast.dora, cast.nora, cast.vito)] == [0, 0, 0, 0]
    assert Group.objects.visible_to(cast.fabio).get().facilitator == cast.fabio


def test_command_forms_groups_and_prints_them_without_names(lab, cast, capsys):
    anna, *_ = people_in(lab, 6, organisation="CNA")
    call_command("form_groups", "laboratorio-pisa", "--seed", "3", "--number", "3", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["people"], told["basis"], told["seed"]) == (6, "expected", 3)
    assert [len(group["people"]) for group in told["groups"]] == [2, 2, 2]
    assert (told["colleague_pairs"], told["fewest_colleague_pairs"]) == (3, 3)
    assert anna.last_name not in json.dumps(told)
    call_command("form_groups", "laboratorio-pisa")
    assert "0 moved" in capsys.readouterr().out


def test_command_says_why_it_could_not(lab):
    with pytest.raises(CommandError, match="nobody"):
        call_command("form_groups", "laboratorio-pisa", "--number", "2")
    with pytest.raises(CommandError, match="no event"):
        call_command("form_groups", "laboratorio-atlantide")


@pytest.mark.django_db(transaction=True)
def test_organisers_who_press_at_once_make_one_set_of_groups(lab):
    """One forms them, the others wait and find nothing left to do."""
    people_in(lab, 9)
    outcomes = all_at_once(lambda n: groups.form_groups(event=lab, number=3), 4)
    assert sorted((one.placed, one.moved) for one in outcomes) == [(0, 0)] * 3 + [(9, 0)]
    assert lab.groups.count() == 3


def test_a_facilitator_does_not_lead_her_own_colleagues(lab, cast, programme, pisa):
    franca = make_staff(programme, "facilitator", pisa, organisation="CNA Toscana")
    colleague = make_registration(lab, organisation="cna toscana")
    people_in(lab, 5)
    groups.form_groups(event=lab, facilitators=[cast.fabio, franca])
    colleague.refresh_from_db()
    assert colleague.group.facilitator == cast.fabio


def test_forming_tells_the_door_who_changed(lab):
    anna, *_ = people_in(lab, 2)
    Registration.objects.update(changed_at=timezone.now() - timedelta(hours=1))
    groups.form_groups(event=lab, number=1)
    anna.refresh_from_db()
    assert timezone.now() - anna.changed_at < timedelta(minutes=1)
