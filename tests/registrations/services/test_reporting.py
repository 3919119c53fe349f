"""What the funder is told: everybody once, as on the first day, and no sum that points to a person."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from registrations.models import MonitoringRecord, Registration
from registrations.services import reporting
from tests.make import make_event, make_programme, make_registration

pytestmark = pytest.mark.django_db
PLAIN = {"sex": "female", "birth_date": "1980-01-01", "employment": "employed", "education": "isced_5_8"}


@pytest.fixture
def programme(db):
    return make_programme(monitoring={"lab": "participant", "seminar": "organisation"})


@pytest.fixture
def lab(programme):
    return make_event(programme, kind="lab", starts_at=timezone.now() - timedelta(days=2))


def came(event, told=None, sensitive=None, **over) -> Registration:
    """Somebody who came and told this."""
    registration = make_registration(event, **{"entered_at": event.starts_at} | over)
    if told is not None:
        MonitoringRecord.objects.create(
            registration=registration,
            profile=event.programme.monitoring_of(event.kind),
            values=told,
            sensitive=json.dumps(sensitive) if sensitive else "",
        )
    return registration


def line(report, code):
    found = next(one for one in [*report.lines, *report.entities] if one.code == code)
    return (found.total, *found.by_sex)


def test_sums_by_gender_of_who_came(programme, lab):
    came(lab, PLAIN)
    came(lab, PLAIN | {"sex": "male", "employment": "self_employed"})
    came(lab, PLAIN | {"sex": "non_binary", "employment": "unemployed", "unemployed_for": "over_12"})
    came(lab, PLAIN, entered_at=None)
    report = reporting.report(programme)
    assert line(report, "EECO01") == (3, 1, 1, 1)
    assert line(report, "EECO05") == (2, 1, 1, 0)
    assert line(report, "EECO02") == line(report, "EECO03") == (1, 0, 0, 1)
    parts = sum(line(report, code)[0] for code in ("EECO02", "EECO04", "EECO05"))
    assert parts == line(report, "EECO01")[0]


def test_incomplete_record_counts_in_the_grand_total_only(programme, lab):
    came(lab, PLAIN)
    came(lab, PLAIN | {"education": "not_said"})
    came(lab)
    report = reporting.report(programme)
    assert (report.grand_total, report.incomplete, line(report, "EECO01")[0]) == (3, 2, 1)


def test_person_counts_once_as_she_was_on_the_first_day(programme, lab):
    later = make_event(programme, kind="lab", starts_at=lab.starts_at + timedelta(days=1))
    email = "anna@example.org"
    came(later, PLAIN | {"employment": "employed"}, email=email)
    came(lab, PLAIN | {"employment": "inactive"}, email=email)
    report = reporting.report(programme)
    assert (line(report, "EECO01")[0], line(report, "EECO04")[0], line(report, "EECO05")[0]) == (1, 1, 0)


@pytest.mark.parametrize(
    ("women", "men", "shown"),
    [
        (0, 0, (0, 0, 0, 0)),
        (1, 0, (None, None, None, None)),
        (2, 1, (None, None, None, None)),
        (4, 0, (4, 4, 0, 0)),
        (4, 3, (7, None, None, None)),
        (5, 4, (9, 5, 4, 0)),
    ],
)
def test_small_sums_of_sensitive_answers_are_not_shown(programme, lab, women, men, shown):
    for sex, number in (("female", women), ("male", men)):
        for _ in range(number):
            came(lab, PLAIN | {"sex": sex}, {"disability": "yes"})
    came(lab, PLAIN, {"disability": "no"})
    report = reporting.report(programme)
    assert line(report, "EECO12") == shown
    assert line(report, "EECO01")[0] == women + men + 1, "what is not sensitive is always shown"


def test_organisations_count_once_by_name_and_self_employed_people_not_at_all(programme, lab):
    seminar = make_event(programme, kind="seminar", starts_at=lab.starts_at)
    came(seminar, {"organisation_kind": "micro"}, organisation="Forno  Rossi")
    came(seminar, {"organisation_kind": "small"}, organisation="forno rossi")
    came(seminar, {"organisation_kind": "public"}, organisation="Comune di Pisa")
    came(seminar, {"organisation_kind": "medium"}, organisation="")
    came(seminar, {"organisation_kind": "large"}, organisation="Grande")
    came(seminar, {"organisation_kind": "micro"}, organisation="Studio Bea", email="bea@example.org")
    came(lab, PLAIN | {"employment": "self_employed"}, email="bea@example.org")
    report = reporting.report(programme)
    assert (line(report, "EECO18"), line(report, "EECO19")) == ((1,), (1,))
    assert report.nameless == 1


def test_other_programmes_and_cancelled_people_do_not_count(programme, lab):
    other = make_event(make_programme(is_current=False, monitoring={"lab": "participant"}), kind="lab")
    came(other, PLAIN)
    came(lab, PLAIN, state="cancelled", cancelled_at=timezone.now())
    assert reporting.report(programme).grand_total == 0


@pytest.mark.parametrize("number", [1, 3])
def test_report_takes_a_fixed_number_of_queries(programme, lab, number, django_assert_num_queries):
    for _ in range(number):
        came(lab, PLAIN, {"rural": "yes"})
    with django_assert_num_queries(2):
        assert reporting.report(programme).grand_total == number
