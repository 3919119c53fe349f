"""Who stands on paper, and in what order: that of an Italian register; of which days and parts there is a register."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from events.models import Session, Speaker
from registrations.documents import paper
from registrations.models import Registration
from tests.make import both, make_event, make_registration


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


@pytest.mark.django_db
def test_screen_and_paper_have_one_order(programme):
    event = make_event(programme)
    names = [
        ("Zoe", "Rossi"), ("Ada", "Rossini"), ("Mò", ""), ("Anna", "mori"), ("Ugo", "Èlia"), ("Bea", "D’Amico"),
        ("Carla", "Dallari"), ("Àmbra", "Rossi"), ("Berta", "rossi"), ("Ivo", "De Luca"), ("Lia", "Zeta"),
    ]  # fmt: skip
    for first_name, last_name in names:
        make_registration(event, first_name=first_name, last_name=last_name)
    on_screen = [paper.listed_name(one) for one in event.registrations.by_name()]
    assert on_screen == [paper.listed_name(one) for one in paper.in_order(event.registrations.all())]
    assert on_screen == [
        "Dallari Carla", "D’Amico Bea", "De Luca Ivo", "Èlia Ugo", "Mò", "mori Anna", "Rossi Àmbra", "rossi Berta",
        "Rossi Zoe", "Rossini Ada", "Zeta Lia",
    ]  # fmt: skip


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


def days_of(start, end, *sessions, zone="Europe/Rome", programme=None):
    """The days of an event, each with its hours; times as `20 09:00` of June 2024, sessions with their minutes."""

    def moment(words):
        return datetime.fromisoformat(f"2024-06-{words}").replace(tzinfo=ZoneInfo(zone))

    event = make_event(programme, starts_at=moment(start), ends_at=moment(end))
    for when, minutes in sessions:
        Session.objects.create(event=event, starts_at=moment(when), minutes=minutes, title=both("A", "A"))
    return [
        (part.key.removeprefix("day-2024-06-"), paper.when(event, part)) for part in paper.parts_of(event) if part.day
    ]


@pytest.mark.parametrize(
    ("start", "end", "sessions", "days"),
    [
        ("20 09:00", "20 13:00", [("20 09:00", 60)], []),
        ("20 20:00", "21 02:00", [("20 20:00", 60), ("21 00:30", 90)], []),
        ("20 20:00", "21 02:00", [], []),
        ("20 22:00", "21 06:00", [], []),
        ("20 09:00", "20 23:30", [("20 09:00", 60), ("20 22:00", 90)], []),
        ("20 14:00", "21 13:00", [("20 14:00", 240), ("21 09:00", 240)], ["20", "21"]),
        ("20 09:00", "22 17:00", [("20 09:00", 60), ("22 09:00", 60)], ["20", "22"]),
        ("20 20:00", "21 20:00", [("20 20:00", 60), ("21 00:30", 90), ("21 19:00", 60)], ["20", "21"]),
        ("20 09:00", "22 02:00", [], ["20", "21"]),
        ("20 09:00", "22 00:00", [("20 09:00", 60)], ["20", "21"]),
        ("20 09:00", "21 00:00", [("20 09:00", 60)], []),
    ],
)  # fmt: skip
def test_a_day_has_a_paper_of_its_own_where_there_are_several(programme, start, end, sessions, days):
    assert [key for key, _words in days_of(start, end, *sessions, programme=programme)] == days


def test_what_goes_on_after_midnight_belongs_to_the_day_on_which_it_began(programme):
    days = days_of("20 20:00", "21 20:00", ("20 20:00", 60), ("21 00:30", 90), ("21 19:00", 60), programme=programme)
    assert days == [
        ("20", "da giovedì 20 giugno 2024 alle 20:00 a venerdì 21 giugno 2024 alle 2:00"),
        ("21", "venerdì 21 giugno 2024, dalle 19:00 alle 20:00"),
    ]


def test_a_day_without_an_agenda_says_no_hours(programme):
    assert days_of("20 09:00", "21 17:00", ("20 09:00", 60), programme=programme) == [
        ("20", "giovedì 20 giugno 2024, dalle 9:00 alle 10:00"),
        ("21", "venerdì 21 giugno 2024"),
    ]


def test_days_are_those_of_the_programmes_clocks(programme):
    """Eleven at night in Rome is the morning after in Tokyo."""
    programme.time_zone = "Asia/Tokyo"
    programme.save()
    assert days_of("20 12:00", "21 23:00", programme=programme) == [
        ("20", "giovedì 20 giugno 2024"), ("21", "venerdì 21 giugno 2024"), ("22", "sabato 22 giugno 2024"),
    ]  # fmt: skip


def test_days_stand_before_the_parts_with_who_speaks_on_them(several_days):
    Speaker.objects.create(event=several_days, name="Ugo Ovunque")
    whole, first, second, *parts = paper.parts_of(several_days)
    assert (whole.is_whole, first.title, second.title) == (True, "Giornata 1 di 2", "Giornata 2 di 2")
    assert set(first.speakers) == {"Giulia Bianchi", "Marco Neri", "Ugo Ovunque"}
    assert set(second.speakers) == {"Anna Rossi", "Ugo Ovunque"}
    assert [one.title for one in parts] == ["Il progetto", "Il welfare", "La prova"]
    with translation.override("en"):
        assert paper.parts_of(several_days)[1].title == "Day 1 of 2"
