import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.utils import timezone

from events.models import Event
from events.services import editing
from mail.models import Delivery
from registrations import kinds, tasks
from registrations.models import PlannedRun, Registration
from registrations.services import changing, notices, reminding
from tests.make import both, make_event, make_programme, make_registration, make_venue

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def event(programme):
    start = datetime(2024, 5, 21, 7, 0, tzinfo=UTC)
    return make_event(programme, starts_at=start, ends_at=start + 4 * HOUR, published_at=LONG_AGO)


def known(event, **over):
    """Somebody who has been registered for long."""
    return make_registration(event, **{"created_at": LONG_AGO, "email_confirmed_at": LONG_AGO} | over)


def owed(key: str) -> list[str]:
    found = Delivery.objects.filter(message__kind=f"registrations.{key}").order_by("pk")
    return list(found.values_list("email", flat=True))


def kinds_owed() -> list[str]:
    found = Delivery.objects.order_by("pk").values_list("message__kind", flat=True)
    return [name.removeprefix("registrations.") for name in found]


def test_each_planned_mail_leaves_at_its_time_to_whom_it_is_for(event):
    came = known(event, mode="online", entered_at=event.starts_at, minutes=200, email="came@example.org")
    absent = known(event, email="absent@example.org")
    known(event, state="waiting", email="waits@example.org")
    known(event, state="cancelled", cancelled_at=LONG_AGO, email="cancelled@example.org")
    known(event, email="")
    everybody = sorted([came.email, absent.email])
    for moment, expected in [
        (event.starts_at - 7 * DAY, {"week_before": everybody}),
        (event.starts_at - DAY, {"day_before": everybody}),
        (event.starts_at - HOUR, {"online_soon": [came.email]}),
        (event.ends_at + 3 * HOUR, {"thanks": [came.email]}),
        (event.ends_at + 2 * DAY, {}),
    ]:
        reminding.owe_due(moment - MINUTE)
        before = Delivery.objects.count()
        reminding.owe_due(moment)
        reminding.owe_due(moment + MINUTE)
        assert Delivery.objects.count() - before == sum(map(len, expected.values())), expected
        assert {key: sorted(owed(key)) for key in expected} == expected


def test_what_is_owed_carries_ticket_or_link(event):
    event.venue = make_venue(event.programme, by_train=both("A piedi dalla stazione", "On foot from the station"))
    event.survey_url = "https://survey.example/1"
    event.save()
    event.materials.create(title=both("Le slide", "The slides"), url="https://slides.example/1")
    online = known(event, mode="online", entered_at=event.starts_at, language="en", first_name="Bea")
    here = known(event)
    for moment in (event.starts_at - DAY, event.starts_at - HOUR, event.ends_at + 3 * HOUR):
        reminding.owe_due(moment)
    reminder = Delivery.objects.get(message__kind="registrations.day_before", email=here.email).message
    assert "martedì 21 maggio alle 9:00" in reminder.subject
    assert "A piedi dalla stazione" in reminder.text
    assert [one["inline_id"] for one in reminder.attachments] == ["ticket"]
    link = Delivery.objects.get(message__kind="registrations.online_soon").message
    assert f"/en/registrations/{online.token}/online/" in link.text
    assert link.attachments == []
    thanks = Delivery.objects.get(message__kind="registrations.thanks").message
    assert "https://survey.example/1" in thanks.html
    assert "The slides" in thanks.text
    assert "https://slides.example/1" in thanks.text


def test_who_registers_after_the_moment_is_not_reminded(event):
    moment = event.starts_at - DAY
    known(event, email="late@example.org", created_at=moment + MINUTE, email_confirmed_at=moment + MINUTE)
    known(event, email="confirmed-late@example.org", email_confirmed_at=moment + MINUTE)
    reminding.owe_due(moment + 2 * MINUTE)
    assert owed("day_before") == []


def test_after_a_standstill_only_what_still_makes_sense_leaves(event):
    known(event, mode="online", entered_at=event.starts_at, email="online@example.org")
    known(event, email="here@example.org")
    reminding.owe_due(event.starts_at - 23 * HOUR)
    assert kinds_owed() == ["day_before"] * 2
    Delivery.objects.all().delete()
    PlannedRun.objects.all().delete()
    reminding.owe_due(event.starts_at - 30 * MINUTE)
    assert (owed("day_before"), owed("online_soon")) == (["here@example.org"], ["online@example.org"])
    Delivery.objects.all().delete()
    PlannedRun.objects.all().delete()
    reminding.owe_due(event.starts_at)
    assert kinds_owed() == []
    reminding.owe_due(event.ends_at + 3 * HOUR + 3 * DAY)
    assert kinds_owed() == []
    reminding.owe_due(event.ends_at + 3 * HOUR + 3 * DAY - MINUTE)
    assert owed("thanks") == ["online@example.org"]


def test_event_that_moved_reminds_anew(event):
    known(event)
    reminding.owe_due(event.starts_at - DAY)
    later = event.starts_at + 2 * DAY
    Event.objects.filter(pk=event.pk).update(starts_at=later, ends_at=later + 4 * HOUR)
    reminding.owe_due(event.starts_at - DAY + HOUR)
    assert len(owed("day_before")) == 1
    for _ in range(2):
        reminding.owe_due(later - DAY)
    assert len(owed("day_before")) == 2
    assert PlannedRun.objects.filter(kind="day_before").count() == 2


def test_who_was_just_told_the_new_date_is_reminded_of_it_only_later(programme):
    now = timezone.now()
    event = make_event(programme, starts_at=now + 20 * DAY)
    known(event, mode="online")
    editing.update_event(event=event, changes={"starts_at": now + 5 * DAY, "ends_at": now + 5 * DAY + HOUR})
    reminding.owe_due(timezone.now())  # before she is told
    tasks.tell_changes()
    reminding.owe_due(timezone.now())
    assert kinds_owed() == ["event_moved"]
    reminding.owe_due(now + 4 * DAY)
    reminding.owe_due(now + 5 * DAY - HOUR)
    assert kinds_owed() == ["event_moved", "day_before", "online_soon"]


def test_cancelled_and_unpublished_events_remind_nobody(event):
    known(event)
    Event.objects.update(cancelled_at=LONG_AGO)
    reminding.owe_due(event.starts_at - DAY)
    Event.objects.update(cancelled_at=None, published_at=None)
    reminding.owe_due(event.starts_at - DAY)
    assert kinds_owed() == []


def test_event_switches_off_and_moves_its_mails(event):
    known(event, entered_at=event.starts_at)
    mails = {"week_before": {"on": False}, "day_before": {"minutes": 2 * kinds.DAY + 60}, "missed": {"on": True}}
    Event.objects.update(mails=mails)
    absent = known(event, email="absent@example.org")
    reminding.owe_due(event.starts_at - 7 * DAY)
    reminding.owe_due(event.starts_at - 2 * DAY - 61 * MINUTE)
    assert kinds_owed() == []
    reminding.owe_due(event.starts_at - 2 * DAY - 60 * MINUTE)
    assert len(owed("day_before")) == 2
    reminding.owe_due(event.ends_at + DAY)
    assert owed("missed") == [absent.email]


@pytest.mark.parametrize(
    ("zone", "start", "expected"),
    [
        ("Europe/Rome", "2024-03-31 09:00", "2024-03-30 09:00"),  # clocks go forward in between: 23 hours
        ("Europe/Rome", "2024-10-27 09:00", "2024-10-26 09:00"),  # clocks go back in between: 25 hours
        ("Europe/Rome", "2024-05-21 09:00", "2024-05-20 09:00"),
        ("Europe/Oslo", "2024-10-27 09:00", "2024-10-26 09:00"),
        ("America/New_York", "2024-11-03 09:00", "2024-11-02 09:00"),
        ("Europe/Rome", "2024-04-01 02:30", "2024-03-31 03:30"),  # 2:30 does not exist that night
    ],
)
def test_one_day_before_is_the_same_hour_on_the_wall(db, zone, start, expected):
    programme = make_programme(time_zone=zone)
    clock = ZoneInfo(zone)
    starts_at = datetime.fromisoformat(start).replace(tzinfo=clock)
    event = make_event(programme, starts_at=starts_at.astimezone(UTC))
    moment = kinds.KINDS["day_before"].moment(event).astimezone(clock)
    assert moment.replace(tzinfo=None) == datetime.fromisoformat(expected)


def test_an_hour_before_is_an_hour_also_in_the_night_of_the_change(programme):
    start = datetime(2024, 3, 31, 1, 30, tzinfo=UTC)  # 3:30 on the wall; an hour before it was 1:30
    event = make_event(programme, starts_at=start)
    assert kinds.KINDS["online_soon"].moment(event) == start - HOUR


def test_batches_go_on_until_everybody_is_owed_and_the_run_is_marked(event, monkeypatch):
    for _ in range(5):
        known(event)
    now = event.starts_at - DAY
    assert reminding.owe_due(now, limit=2) is True
    assert (len(owed("day_before")), PlannedRun.objects.filter(kind="day_before").exists()) == (2, False)
    while reminding.owe_due(now, limit=2):
        pass
    assert len(owed("day_before")) == 5
    assert set(PlannedRun.objects.values_list("kind", flat=True)) == {"week_before", "day_before"}


def test_a_run_that_was_killed_is_taken_up_again(event, monkeypatch):
    for _ in range(3):
        known(event)
    told, real = [], notices.send_planned

    def killed(registration, *arguments):
        real(registration, *arguments)
        told.append(registration)
        if len(told) == 2:
            raise KeyboardInterrupt  # its transaction is undone

    monkeypatch.setattr(notices, "send_planned", killed)
    with pytest.raises(KeyboardInterrupt):
        reminding.owe_due(event.starts_at - DAY)
    assert (len(owed("day_before")), PlannedRun.objects.filter(kind="day_before").count()) == (1, 0)
    monkeypatch.undo()
    reminding.owe_due(event.starts_at - DAY + MINUTE)
    assert len(owed("day_before")) == len(set(owed("day_before"))) == 3


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_remind_everybody_once(event):
    for _ in range(12):
        known(event)
    gate = threading.Barrier(2)

    def work():
        try:
            gate.wait()
            reminding.owe_due(event.starts_at - DAY)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert len(owed("day_before")) == len(set(owed("day_before"))) == 12
    assert PlannedRun.objects.filter(kind="day_before").count() == 1


def test_finding_what_is_due_takes_the_same_queries_with_3_and_3000_events(event, django_assert_num_queries):
    known(event)
    like = {"starts_at": event.starts_at + 3 * DAY, "ends_at": event.ends_at + 3 * DAY, "published_at": LONG_AGO}
    for _ in range(2):
        make_event(event.programme, **like)
    now = event.starts_at - DAY
    with django_assert_num_queries(2):
        assert len(reminding.due(now)) == 4
    source = make_event(event.programme, **like)
    rows = []
    for number in range(2997):
        source.pk, source.slug = None, f"viele-{number}"
        rows.append(Event(**{field.attname: getattr(source, field.attname) for field in source._meta.concrete_fields}))
    Event.objects.bulk_create(rows)
    with django_assert_num_queries(2):
        assert len(reminding.due(now)) == 3002


def test_task_is_in_the_timetable_and_asks_for_the_time_itself(programme):
    registration = known(make_event(programme, starts_at=timezone.now() + DAY - MINUTE))
    tasks.send_planned()
    assert owed("day_before") == [registration.email]


def test_somebody_who_cancels_meanwhile_is_not_reminded(event, monkeypatch):
    registration = known(event)
    event.starts_at = timezone.now() + 23 * HOUR
    event.ends_at = event.starts_at + 4 * HOUR
    event.save()
    run = reminding.Run(event, kinds.KINDS["day_before"])
    changing.cancel(registration=registration)
    reminding._owe_one(run, registration.pk, timezone.now())
    assert owed("day_before") == []
    assert Registration.objects.get().state == "cancelled"


def test_event_that_moves_meanwhile_is_not_reminded_of_its_old_date(event):
    registration = known(event)
    run = reminding.Run(Event.objects.select_related("programme").get(), kinds.KINDS["day_before"])
    now = event.starts_at - DAY
    Event.objects.update(starts_at=event.starts_at + HOUR)
    reminding._owe_one(run, registration.pk, now)
    assert owed("day_before") == []
