"""2024 to 2027, both clock changes of every year, an outage at any point: once, never early, late only up to the limit.

The cases are drawn from a seed. The rule is tried on all of them, the whole way through the database on some.
"""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from mail.models import Delivery
from newsletters.models import Newsletter
from newsletters.services import NewsletterError, scheduling, sending
from newsletters.services.scheduling import Fate
from tests.make import make_newsletter, make_subscription

ZONES = [ZoneInfo("Europe/Rome"), ZoneInfo("America/New_York")]
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
QUARTER, BEAT, LIMIT = timedelta(minutes=15), timedelta(seconds=30), timedelta(hours=12)
State = Newsletter.State


def changes(zone):
    """The instants of 2024 to 2027 at which clocks in `zone` change."""
    found, hour = [], FIRST
    while hour < LAST:
        if (hour + timedelta(hours=1)).astimezone(zone).utcoffset() != hour.astimezone(zone).utcoffset():
            found.append(hour + timedelta(hours=1))
        hour += timedelta(hours=1)
    return found


def moments(zone, random):
    """Clock times: every quarter of an hour around each change, and some at any time."""
    for change in changes(zone):
        local = change.astimezone(zone).replace(tzinfo=None)
        yield from (local + number * QUARTER for number in range(-12, 13))
    for _number in range(300):
        yield (FIRST + random.random() * (LAST - FIRST)).astimezone(zone).replace(tzinfo=None, microsecond=0)


def instants(zone, random):
    for local in moments(zone, random):
        try:
            yield scheduling.instant(local=local, zone=zone, fold=random.choice([0, 1]))
        except NewsletterError:
            continue  # an hour that does not exist


def outage(send_at, random):
    """From when to when nothing runs: before, around or after the instant, from a minute to two days."""
    begins = send_at + timedelta(hours=random.uniform(-30, 6))
    return begins, begins + random.choice([timedelta(minutes=1), timedelta(hours=random.uniform(0.1, 48))])


def first_beat(send_at, begins, ends):
    """When a worker first looks after the instant."""
    return ends if begins <= send_at < ends else send_at + BEAT


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_fate_at_any_instant_with_an_outage_at_any_point(zone):
    random = Random(20240716)
    assert len(changes(zone)) == 8
    tried = set()
    for send_at in instants(zone, random):
        begins, ends = outage(send_at, random)
        for now in (send_at - timedelta(microseconds=1), send_at - LIMIT):
            assert scheduling.fate(send_at=send_at, now=now, ask_after=LIMIT) == Fate.WAIT
        back = first_beat(send_at, begins, ends)
        expected = Fate.LEAVE if back - send_at <= LIMIT else Fate.ASK
        assert scheduling.fate(send_at=send_at, now=back, ask_after=LIMIT) == expected
        tried.add(expected)
    assert tried == {Fate.LEAVE, Fate.ASK}


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_newsletter_leaves_once_or_asks_wherever_the_outage_falls(programme, zone):
    random = Random(20241027)
    programme.time_zone = zone.key
    programme.save()
    make_subscription(programme)
    newsletter = make_newsletter(programme, due_on="2024-07-15")
    for send_at in random.sample(list(instants(zone, random)), 12):
        Delivery.objects.all().delete()
        Newsletter.objects.update(state=State.DRAFT, send_at=None, sent_at=None, mailing=None)
        begins, ends = outage(send_at, random)
        back = first_beat(send_at, begins, ends)
        with time_machine.travel(send_at - timedelta(days=3), tick=False) as clock:
            scheduling.schedule(newsletter=newsletter, send_at=send_at)
            if not begins <= send_at - BEAT < ends:
                clock.move_to(send_at - timedelta(milliseconds=1))
                assert sending.dispatch_due() == []
            clock.move_to(back)
            started = [len(sending.dispatch_due()) for _beat in range(2)]
        newsletter.refresh_from_db()
        if back - send_at <= LIMIT:
            assert (started, newsletter.state, newsletter.sent_at) == ([1, 0], State.SENDING, back)
            assert Delivery.objects.count() == 1
        else:
            assert (started, newsletter.state, Delivery.objects.count()) == ([0, 0], State.SCHEDULED, 0)
            with time_machine.travel(back, tick=False):
                assert newsletter.is_overdue
        newsletter.mailing and newsletter.mailing.messages.all().delete()


@pytest.fixture
def late(programme):
    """Scheduled thirteen hours ago, while nothing ran."""
    make_subscription(programme)
    newsletter = make_newsletter(programme, slug="luglio")
    with time_machine.travel(timezone.now() - timedelta(hours=14)):
        scheduling.schedule(newsletter=newsletter, send_at=timezone.now() + timedelta(hours=1))
    newsletter.refresh_from_db()
    return newsletter


def test_late_one_waits_for_a_word_and_says_so(late, capsys):
    assert late.is_overdue
    assert sending.dispatch_due() == []
    call_command("newsletter", "luglio", "status")
    assert "overdue: It should have left already" in capsys.readouterr().out


def test_late_one_leaves_when_somebody_says_now(late):
    scheduling.send_now(newsletter=late)
    assert sending.dispatch_due() == [late]


def test_late_one_moves_to_another_day(late):
    scheduling.schedule(newsletter=late, send_at=timezone.now() + timedelta(days=1))
    assert not late.is_overdue


def test_late_one_becomes_a_draft_again(late):
    scheduling.unschedule(newsletter=late)
    assert (late.state, late.send_at) == (State.DRAFT, None)


def test_longer_limit_lets_it_leave(late, programme):
    programme.newsletters_ask_after_hours = 24
    programme.save()
    assert sending.dispatch_due() == [late]
