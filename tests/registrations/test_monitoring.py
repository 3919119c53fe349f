"""Which common indicators an answer counts for (annex I of Regulation (EU) 2021/1057)."""

from datetime import date

import pytest

from registrations import monitoring

DAY = date(2024, 5, 14)
ANNA = {"sex": "female", "birth_date": "1980-05-14", "employment": "employed", "education": "isced_5_8"}


def codes(sensitive=(), **over) -> set[str]:
    return monitoring.indicators_of(ANNA | over, dict(sensitive), DAY)


def test_profile_counts_once_for_work_and_education():
    assert codes() == {"EECO01", "EECO05", "EECO11"}
    assert codes(employment="self_employed", education="isced_3_4") == {"EECO01", "EECO05", "EECO10"}
    assert codes(employment="inactive", education="isced_0_2") == {"EECO01", "EECO04", "EECO09"}


@pytest.mark.parametrize(
    ("born", "code"),
    [
        ("2006-05-15", "EECO06"),
        ("2006-05-14", "EECO07"),
        ("1994-05-15", "EECO07"),
        ("1994-05-14", None),
        ("1969-05-15", None),
        ("1969-05-14", "EECO08"),
    ],
)
def test_age_is_that_of_the_day_of_entry(born, code):
    assert codes(birth_date=born) & {"EECO06", "EECO07", "EECO08"} == ({code} if code else set())


@pytest.mark.parametrize(
    ("born", "unemployed_for", "is_long"),
    [
        ("2000-01-01", "up_to_6", False),
        ("2000-01-01", "up_to_12", True),
        ("1999-05-14", "up_to_12", False),
        ("1999-05-14", "over_12", True),
    ],
)
def test_long_term_is_shorter_for_the_young(born, unemployed_for, is_long):
    found = codes(employment="unemployed", unemployed_for=unemployed_for, birth_date=born)
    assert "EECO02" in found
    assert ("EECO03" in found) == is_long


def test_sensitive_answers_count_only_when_they_say_yes():
    said = {"disability": "yes", "minority": "not_said", "rural": "no", "homeless": "yes"}
    assert codes(said) - codes() == {"EECO12", "EECO16"}


@pytest.mark.parametrize("missing", ["sex", "birth_date", "employment", "education"])
def test_record_is_incomplete_without_a_plain_answer(missing):
    assert monitoring.is_complete(ANNA)
    assert not monitoring.is_complete(ANNA | {missing: monitoring.NOT_SAID})
    assert not monitoring.is_complete({name: value for name, value in ANNA.items() if name != missing})


def test_who_looks_for_work_is_complete_with_how_long():
    assert not monitoring.is_complete(ANNA | {"employment": "unemployed"})
    assert monitoring.is_complete(ANNA | {"employment": "unemployed", "unemployed_for": "over_12"})


@pytest.mark.parametrize(
    ("kind", "code"),
    [("public", "EECO18"), ("micro", "EECO19"), ("medium", "EECO19"), ("large", None), ("none", None), (None, None)],
)
def test_organisations_are_public_or_small(kind, code):
    assert monitoring.entity_of({"organisation_kind": kind} if kind else {}) == code


def test_every_question_may_be_refused():
    items = [item for profile in monitoring.PROFILES.values() for item in profile]
    assert all(monitoring.NOT_SAID in dict(item.offered) for item in items)
    assert len({item.key for item in items}) == len(items)
