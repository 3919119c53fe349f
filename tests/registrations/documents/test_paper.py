"""Who stands on paper, and in what order: that of an Italian register."""

import pytest

from registrations.documents import paper
from registrations.models import Registration
from tests.make import make_registration


def ordered(*names):
    people = [Registration(pk=n, first_name="Anna", last_name=name) for n, name in enumerate(names)]
    return [one.last_name for one in paper.in_order(people)]


def test_accents_strokes_and_capitals_do_not_change_a_letters_place():
    assert ordered("Zeta", "Òrto", "orta", "Łucani", "Luca", "Mò", "Żak", "Èlia", "Orzo", "Şahin", "Sala") == [
        "Èlia", "Luca", "Łucani", "Mò", "orta", "Òrto", "Orzo", "Şahin", "Sala", "Żak", "Zeta",
    ]  # fmt: skip


def test_apostrophes_and_spaces_do_not_part_a_surname():
    assert ordered("De Luca", "D’Angelo", "D'Amico", "Dallari", "Deangelis", "Dal Pra") == [
        "Dallari", "Dal Pra", "D'Amico", "D’Angelo", "Deangelis", "De Luca",
    ]  # fmt: skip


def test_names_alike_but_for_an_accent_stand_together_plain_first():
    assert ordered("Rossì", "Rossi", "Rossì") == ["Rossi", "Rossì", "Rossì"]


def test_who_has_one_name_only_stands_by_it():
    people = [Registration(first_name="Zoe", last_name="Alfa"), Registration(first_name="Madonna", last_name="")]
    assert [paper.listed_name(one) for one in paper.in_order(people)] == ["Alfa Zoe", "Madonna"]


@pytest.mark.parametrize(("name", "letter"), [("Èlia", "E"), ("Łucja", "L"), ("’t Hooft", "T"), ("3M", "#"), ("", "#")])
def test_letter_under_which_one_stands(name, letter):
    assert paper.letter(name) == letter


def test_only_who_comes_in_person_stands_on_paper(agenda):
    here = make_registration(agenda)
    make_registration(agenda, mode="online")
    for state in ("waiting", "pending", "cancelled"):
        over = {"cancelled_at": agenda.starts_at} if state == "cancelled" else {"held_until": agenda.ends_at}
        make_registration(agenda, state=state, **over)
    assert paper.expected(agenda) == [here]


def test_parts_are_the_whole_event_and_its_agenda(agenda):
    whole, first, second = paper.parts_of(agenda)
    assert (whole.is_whole, whole.speakers) == (True, ("Giulia Bianchi", "Marco Neri"))
    assert (first.title, first.speakers, second.speakers) == ("Il progetto", ("Giulia Bianchi",), ("Marco Neri",))
    assert paper.when(agenda, second) == "giovedì 20 giugno 2024, dalle 10:00 alle 11:00"


def test_event_of_two_days_says_both(agenda):
    agenda.ends_at = agenda.ends_at.replace(day=21)
    whole = paper.parts_of(agenda)[0]
    assert paper.when(agenda, whole) == "da giovedì 20 giugno 2024 alle 9:00 a venerdì 21 giugno 2024 alle 13:00"
