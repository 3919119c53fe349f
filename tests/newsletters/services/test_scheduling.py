"""The clock on the wall and the instant: 2024 to 2027, both clock changes of every year."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from mail.models import Delivery
from newsletters.models import Newsletter
from newsletters.services import NewsletterError, audiences, scheduling, sending, writing
from tests.make import both, make_newsletter, make_subscription

ROME = ZoneInfo("Europe/Rome")
FORWARD = [(2024, 3, 31), (2025, 3, 30), (2026, 3, 29), (2027, 3, 28)]
BACK = [(2024, 10, 27), (2025, 10, 26), (2026, 10, 25), (2027, 10, 31)]
TOMORROW = timedelta(days=1)


def refused(code, act, **arguments):
    with pytest.raises(NewsletterError) as refusal:
        act(**arguments)
    assert refusal.value.code == code
    return refusal.value


def test_instant_shows_the_chosen_time_on_every_day_of_four_years():
    day = datetime(2024, 1, 1, 9, 0)  # noqa: DTZ001 (the clock on the wall)
    while day.year < 2028:
        found = scheduling.instant(local=day, zone=ROME)
        assert found.astimezone(ROME).replace(tzinfo=None) == day
        day += timedelta(days=1)


@pytest.mark.parametrize("day", FORWARD)
def test_instant_in_the_missing_hour_is_refused_with_the_next_one(day):
    error = refused("no_such_time", scheduling.instant, local=datetime(*day, 2, 30), zone=ROME)
    assert "3:30" in str(error)
    assert "time" in error.fields
    assert scheduling.instant(local=datetime(*day, 3, 0), zone=ROME) == datetime(*day, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("day", BACK)
def test_instant_in_the_doubled_hour_asks_which(day):
    local = datetime(*day, 2, 30)
    error = refused("ambiguous_time", scheduling.instant, local=local, zone=ROME)
    assert "fold" in error.fields
    assert scheduling.instant(local=local, zone=ROME, fold=0) == datetime(*day, 0, 30, tzinfo=UTC)
    assert scheduling.instant(local=local, zone=ROME, fold=1) == datetime(*day, 1, 30, tzinfo=UTC)


def test_schedule_says_when_and_who(programme, cast):
    newsletter = make_newsletter(programme)
    at = timezone.now() + TOMORROW
    scheduling.schedule(newsletter=newsletter, send_at=at, by=cast.nora, version=1)
    assert (newsletter.state, newsletter.send_at, newsletter.scheduled_by) == ("scheduled", at, cast.nora)


def test_schedule_again_moves_it(programme):
    newsletter = make_newsletter(programme)
    scheduling.schedule(newsletter=newsletter, send_at=timezone.now() + TOMORROW)
    later = timezone.now() + 2 * TOMORROW
    scheduling.schedule(newsletter=newsletter, send_at=later)
    assert newsletter.send_at == later


@pytest.mark.parametrize(
    ("code", "over", "wait", "version"),
    [
        ("past", {}, -TOMORROW, None),
        ("empty", {"body": both("", "")}, TOMORROW, None),
        ("changed", {"version": 3}, TOMORROW, 2),
        ("not_editable", {"state": "cancelled"}, TOMORROW, None),
    ],
)
def test_schedule_refused_changes_nothing(programme, code, over, wait, version):
    newsletter = make_newsletter(programme, **over)
    before = Newsletter.objects.values().get()
    refused(code, scheduling.schedule, newsletter=newsletter, send_at=timezone.now() + wait, version=version)
    assert Newsletter.objects.values().get() == before


def test_unschedule_is_a_draft_again_and_does_not_leave(programme):
    newsletter = make_newsletter(programme)
    scheduling.send_now(newsletter=newsletter)
    scheduling.unschedule(newsletter=newsletter)
    assert (newsletter.state, newsletter.send_at) == ("draft", None)
    assert sending.dispatch_due() == []
    scheduling.unschedule(newsletter=newsletter)


def test_nothing_changes_any_more_once_it_leaves(programme):
    make_subscription(programme)
    newsletter = make_newsletter(programme)
    scheduling.send_now(newsletter=newsletter)
    sending.dispatch_due()
    at = timezone.now() + TOMORROW
    refused("not_editable", scheduling.unschedule, newsletter=newsletter)
    refused("not_editable", scheduling.schedule, newsletter=newsletter, send_at=at)
    refused("not_editable", scheduling.send_now, newsletter=newsletter)
    everybody = audiences.Audience()
    words = both("Altro", "Other")
    refused(
        "not_editable", writing.save, newsletter=newsletter, subject=words, body=words, audience=everybody, version=1
    )
    newsletter.refresh_from_db()
    assert str(newsletter.subject) == "Le notizie di luglio"
    assert Delivery.objects.count() == 1
