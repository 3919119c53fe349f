"""Groups as arithmetic: what must hold for every lab, whoever comes."""

import random
from collections import Counter
from itertools import product

import pytest

from registrations.services.grouping import (
    Person,
    Table,
    arrange,
    colleague_pairs,
    crowded,
    fewest_pairs,
    same_organisation,
)

BODIES = ["Comune di Pisa", "CNA Toscana", "CGIL", "Confcooperative", "Ausl", ""]


def a_lab(seed, people=None, tables=None):
    """A lab as they are: a third to a half of the people share an organisation with somebody."""
    chance = random.Random(seed)
    people = people or chance.randint(12, 60)
    tables = tables or chance.randint(3, 8)
    crowd = [
        Person(index, chance.choice(BODIES) if chance.random() < 0.5 else f"Ditta {index}") for index in range(people)
    ]
    return crowd, [Table() for _ in range(tables)]


def cost(people, tables, seats):
    """What `arrange` makes small, in its order: unevenness, own facilitator, colleague pairs, moves."""
    sizes = Counter(seats.values())
    return (
        sum(number**2 for number in sizes.values()),
        sum(
            same_organisation(one.organisation) == same_organisation(tables[seats[one.key]].organisation)
            for one in people
            if same_organisation(one.organisation)
        ),
        colleague_pairs((one.organisation, seats[one.key]) for one in people),
        sum(one.seat not in (None, seats[one.key]) for one in people),
    )


@pytest.mark.parametrize("seed", range(40))
def test_groups_are_even_and_colleagues_are_as_apart_as_can_be(seed):
    people, tables = a_lab(seed)
    seats = arrange(people, tables, seed=seed)
    assert seats.keys() == {one.key for one in people}
    sizes = Counter(seats.values())
    assert len(sizes) == len(tables)
    assert max(sizes.values()) - min(sizes.values()) <= 1
    pairs = colleague_pairs((one.organisation, seats[one.key]) for one in people)
    assert pairs == fewest_pairs([one.organisation for one in people], len(tables))


@pytest.mark.parametrize("seed", range(60))
def test_small_labs_reach_the_optimum_of_every_arrangement(seed):
    chance = random.Random(seed)
    tables = [Table(chance.choice(["A", "B", ""])) for _ in range(chance.randint(2, 3))]
    people = []
    for index in range(chance.randint(3, 6)):
        seat = chance.choice([None, *range(len(tables))])
        people.append(Person(index, chance.choice("AAB ").strip(), seat, seat is not None and chance.random() < 0.4))
    best = min(
        cost(people, tables, seats)
        for choice in product(range(len(tables)), repeat=len(people))
        if (seats := dict(enumerate(choice))) and all(seats[one.key] == one.seat for one in people if one.is_pinned)
    )
    assert cost(people, tables, arrange(people, tables, seed=seed)) == best


def test_the_same_seed_gives_the_same_groups_and_another_one_others():
    people, tables = a_lab(3, people=40, tables=5)
    assert arrange(people, tables, seed=7) == arrange(people, tables, seed=7)
    assert arrange(people, tables, seed=7) != arrange(people, tables, seed=8)


@pytest.mark.parametrize("seed", range(10))
def test_arranging_again_moves_nobody_when_nothing_changed(seed):
    people, tables = a_lab(seed)
    seats = arrange(people, tables, seed=seed)
    seated = [Person(one.key, one.organisation, seats[one.key]) for one in people]
    assert arrange(seated, tables, seed=seed + 1) == seats


@pytest.mark.parametrize("seed", range(10))
def test_three_late_people_move_at_most_a_few(seed):
    people, tables = a_lab(seed, people=40, tables=5)
    seats = arrange(people, tables, seed=seed)
    seated = [Person(one.key, one.organisation, seats[one.key]) for one in people]
    late = [Person(100 + index, "") for index in range(3)]
    again = arrange(seated + late, tables, seed=seed)
    assert all(again[one.key] == one.seat for one in seated)


def test_pinned_people_stay_whatever_it_costs():
    people = [Person(index, "CNA", 0, True) for index in range(4)] + [Person(index) for index in range(4, 8)]
    seats = arrange(people, [Table(), Table()], seed=1)
    assert [seats[index] for index in range(8)] == [0] * 4 + [1] * 4


def test_a_facilitator_does_not_get_her_own_colleagues():
    people = [Person(index, "Cna  Toscana") for index in range(3)] + [Person(index) for index in range(3, 9)]
    seats = arrange(people, [Table("CNA Toscana"), Table("CGIL"), Table("")], seed=4)
    assert 0 not in {seats[0], seats[1], seats[2]}


def test_the_only_facilitator_gets_her_own_colleagues_when_there_is_no_other_way():
    assert arrange([Person(1, "CNA")], [Table("CNA")], seed=1) == {1: 0}


def test_spellings_of_an_organisation_are_one():
    spellings = ["Università di Pisa", " universita   DI pisa ", "UNIVERSITÀ DI PISA"]
    assert len({same_organisation(name) for name in spellings}) == 1
    assert same_organisation("  – ") == ""


def test_an_empty_organisation_is_nobodys_colleague():
    assert colleague_pairs([("", 1), (" ", 1), ("", 1)]) == 0
    assert fewest_pairs(["", "", ""], 1) == 0


def test_a_crowded_organisation_is_named_with_its_people():
    names = ["Comune di Pisa"] * 4 + ["comune di pisa"] * 3 + ["CNA"] * 6
    assert crowded(names, 6) == [("Comune di Pisa", 7)]
    assert fewest_pairs(names, 6) == 1


def test_nobody_and_no_table_is_no_arrangement():
    assert arrange([], [Table()], seed=1) == {}
    assert arrange([Person(1)], [], seed=1) == {}
