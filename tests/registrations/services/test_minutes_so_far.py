"""While the event runs, one count everywhere: until now. What the rule for a missing exit assumes is not there yet."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registrations.services import RegistrationError, attendance, certificates, platform_logs, presence
from registrations.services.certificate_overview import overview
from registrations.services.presence_overview import presence_of
from tests.make import make_event, make_registration, make_scan

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme):
    """Began an hour ago, three hours are left; a quarter of an hour is asked for."""
    starts_at = timezone.now().replace(microsecond=0) - timedelta(minutes=60, seconds=20)
    return make_event(programme, starts_at=starts_at, threshold=6)


@pytest.fixture
def anna(event):
    anna = make_registration(event, email="anna@example.org")
    make_scan(anna, at=event.starts_at + timedelta(minutes=45))
    return attendance.recompute(anna)


def test_every_page_says_the_same(event, anna):
    assert anna.minutes == 195  # what it will be, if nobody sees her going out
    row = overview(event=event).rows[0]
    assert (row.minutes, presence_of(anna).minutes, presence.so_far(anna).minutes) == (15, 15, 15)


def test_nothing_is_owed_before_the_end_however_long_she_was_there(event, anna):
    shown = overview(event=event)
    assert (event.minutes_needed, shown.reached, shown.owed) == (15, 0, 0)
    with pytest.raises(RegistrationError) as refused:
        certificates.issue(event=event)
    assert refused.value.code == "not_over"
    event.ends_at = timezone.now()
    event.save()
    attendance.recompute(anna)
    shown = overview(event=event)
    assert (shown.rows[0].minutes, shown.reached, shown.owed) == (15, 1, 1)


def test_a_file_that_is_brought_during_the_event_counts_until_now(event, anna):
    hours = (event.starts_at, event.starts_at + timedelta(minutes=10))
    joined, left = (timezone.localtime(moment).strftime("%d/%m/%Y %H:%M:%S") for moment in hours)
    content = f"Nome,E-mail,Ora di ingresso,Ora di uscita,Durata (minuti)\nAnna,anna@example.org,{joined},{left},10\n"
    evidence = platform_logs.keep(event=event, name="zoom.csv", content=content.encode(), by=None).evidence
    assert platform_logs.plan(evidence=evidence).is_columns_seen
    outcome = platform_logs.carry_out(evidence=evidence, by=None)
    assert outcome.changes == [(anna.pk, 15, 25)]
    assert platform_logs.undo(evidence=evidence, by=None, reason="Un altro incontro").changes == [(anna.pk, 25, 15)]


@pytest.mark.parametrize("number", [1, 3])
def test_the_board_reads_one_time_more_than_after_the_end(event, number, django_assert_num_queries):
    for _number in range(number):
        attendance.recompute(make_scan(make_registration(event), at=event.starts_at).registration)
    with django_assert_num_queries(3):
        assert [row.minutes for row in overview(event=event).rows] == [60] * number
