import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from registrations import exports
from registrations.models import Correction, MonitoringRecord, Needs, Registration
from tests.make import both, make_event, make_question, make_registration, make_scan

pytestmark = pytest.mark.django_db
PEOPLE = exports.EXPORTS["people"]


def lines(export, registrations) -> list[list[str]]:
    content = b"".join(exports.as_csv(export, registrations))
    assert content.startswith(b"\xef\xbb\xbf"), "without the mark Excel takes UTF-8 for something else"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_csv_has_one_line_a_person_under_italian_headings():
    make_registration(make_event(), last_name="Rossi; detta Ro", organisation="Società")
    heading, line = lines(PEOPLE, Registration.objects.all())
    assert heading[:3] == ["Cognome", "Nome", "Indirizzo e-mail"]
    assert line[0] == "Rossi; detta Ro"
    assert line[3] == "Società"


@pytest.mark.parametrize("evil", ["=1+1", "+39", "-2", "@SUM(A1)", "\tx"])
def test_formulas_are_made_harmless(evil):
    make_registration(make_event(), organisation=evil)
    assert lines(PEOPLE, Registration.objects.all())[1][3] == f"'{evil}"
    sheet = load_workbook(exports.as_xlsx(PEOPLE, Registration.objects.all())).active
    cell = sheet.cell(2, 4)
    assert (cell.data_type, cell.value) == ("s", evil.strip("\t"))


def test_xlsx_holds_real_dates():
    make_registration(make_event())
    sheet = load_workbook(exports.as_xlsx(PEOPLE, Registration.objects.all())).active
    assert abs(sheet.cell(2, 8).value - timezone.localtime().replace(tzinfo=None)) < timedelta(minutes=1)


def test_presence_says_who_reached_the_threshold():
    event = make_event(starts_at=timezone.now() - timedelta(hours=5))
    for name, minutes in (("A", 180), ("B", 179), ("C", 0)):
        person = make_registration(event, last_name=name)
        if minutes:
            make_scan(person, at=event.starts_at)
            make_scan(person, at=event.starts_at + timedelta(minutes=minutes), direction="out")
    found = lines(exports.EXPORTS["presence"], Registration.objects.order_by("last_name"))
    assert [line[-3:-1] for line in found[1:]] == [["180", "sì"], ["179", "no"], ["0", "no"]]


def test_presence_says_how_from_when_until_when_and_known_by_what():
    starts_at = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=5)
    event = make_event(starts_at=starts_at)
    both_ways = make_registration(event, last_name="A")
    make_scan(both_ways, at=starts_at)
    make_scan(both_ways, at=starts_at + timedelta(minutes=30), direction="out", source="hand", note="Uscita vista")
    make_scan(both_ways, at=starts_at + timedelta(hours=1), mode="online", source="page")
    taken_back = make_scan(both_ways, at=starts_at - timedelta(minutes=30), source="paper")
    Correction.objects.create(scan=taken_back, kind="annulled", reason="Era la sorella")
    not_seen_going = make_registration(event, last_name="B", mode="online")
    make_scan(not_seen_going, at=starts_at)
    _headings, first, second = lines(exports.EXPORTS["presence"], Registration.objects.order_by("last_name"))

    def clock(minutes):
        return timezone.localtime(starts_at + timedelta(minutes=minutes)).strftime("%H:%M")

    assert [clock(0) in first[5], clock(75) in first[6], first[7]] == [True, True, "45"]
    assert (first[4], first[9]) == (
        "In presenza, Online",
        "telefono all’ingresso, a mano dalla gestione, pagina della stanza online",
    )
    assert (second[3], second[4], second[6], second[7]) == ("Online", "In presenza", "", "240")


@pytest.mark.parametrize("number", [1, 3])
def test_presence_asks_a_fixed_number_of_queries(number, django_assert_num_queries):
    event = make_event(starts_at=timezone.now() - timedelta(hours=5), missing_exit="session")
    for _ in range(number):
        make_scan(make_registration(event), at=event.starts_at)
    with django_assert_num_queries(3):
        assert len(lines(exports.EXPORTS["presence"], Registration.objects.all())) == number + 1


@pytest.mark.parametrize("number", [1, 3])
def test_presence_at_events_of_several_days_asks_no_more(number, django_assert_num_queries):
    """Two of them, of two days with one hour each."""
    starts_at = timezone.now().replace(hour=9) - timedelta(days=9)
    for _ in range(2):
        event = make_event(starts_at=starts_at, ends_at=starts_at + timedelta(hours=28))
        for day in (0, 1):
            event.sessions.create(starts_at=starts_at + timedelta(days=day), minutes=60, title=both("Parte", "Part"))
        for _ in range(number):
            make_scan(make_registration(event), at=event.starts_at)
    with django_assert_num_queries(3):
        told = lines(exports.EXPORTS["presence"], Registration.objects.all())
    assert [(line[7], line[8]) for line in told[1:]] == [("60", "no")] * 2 * number


def test_people_have_a_column_a_question_in_words():
    event = make_event()
    colour = make_question(event, choices={"blu": "Blu", "rosso": "Rosso"})
    day, yes = make_question(event, kind="date"), make_question(event, kind="yes_no")
    gone, unanswered = (make_question(event, retired_at=timezone.now()) for _ in range(2))
    make_question(make_event(event.programme), label=both("Di un altro evento?", ""))
    told = {colour.key: "blu", day.key: "2024-05-14", yes.key: False, gone.key: "=1"}
    make_registration(event, last_name="A", answers=told)
    make_registration(event, last_name="B")
    heading, first, second = lines(PEOPLE, event.registrations.order_by("last_name"))
    assert heading[9:] == [str(one) for one in (colour, day, yes, gone)]
    assert str(unanswered) not in heading
    assert first[9:] == ["Blu", "14/05/2024", "No", "'=1"]
    assert second[9:] == ["", "", "", ""]


@pytest.mark.parametrize("number", [1, 3])
def test_people_and_their_answers_take_a_fixed_number_of_queries(number, django_assert_num_queries):
    event = make_event()
    question = make_question(event)
    for _ in range(number):
        make_registration(event, answers={question.key: "x"})
    with django_assert_num_queries(2):
        assert len(lines(PEOPLE, event.registrations.all())) == number + 1


def test_needs_tell_the_cook_no_name_and_the_host_who():
    event = make_event()
    for over, access, dietary in [
        ({"last_name": "Verdi"}, "Carrozzina", "celiachia"),
        ({"last_name": "Bianchi"}, "", "Celiachia"),
        ({"last_name": "Neri"}, "", "Uova"),
        ({"last_name": "Lontani", "mode": "online"}, "Sottotitoli", "Pesce"),
        ({"last_name": "Via", "state": "cancelled", "cancelled_at": timezone.now()}, "Tutto", "Tutto"),
    ]:
        registration = make_registration(event, first_name="Anna", **over)
        Needs.objects.create(registration=registration, access=access, dietary=dietary)
    _heading, *found = lines(exports.EXPORTS["needs"], event.registrations.all())
    assert found == [
        ["Cibo", "celiachia", "2", "", ""],
        ["Cibo", "Uova", "1", "", ""],
        ["Partecipazione", "Sottotitoli", "1", "Anna Lontani", "Online"],
        ["Partecipazione", "Carrozzina", "1", "Anna Verdi", "In presenza"],
    ]


def test_monitoring_holds_no_sensitive_answer():
    registration = make_registration(make_event(), last_name="Verdi")
    told = {"sex": "female", "birth_date": "1980-01-01", "employment": "not_said"}
    MonitoringRecord.objects.create(
        registration=registration, profile="participant", values=told, sensitive='{"disability": "yes"}'
    )
    found = Registration.objects.select_related("monitoring")
    heading, line = lines(exports.Monitoring, found)
    assert dict(zip(heading, line, strict=True))["Genere"] == "Donna"
    assert "Preferisco non rispondere" in line
    assert not any("disabilit" in one.lower() for one in heading)
