"""The demo: today is in the middle of the programme, and everything in it could have happened."""

from datetime import datetime, timedelta
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from config import programme as loading
from config.demo import filling
from config.demo.people import people
from events.models import Event
from mail.models import Delivery
from newsletters.models import Newsletter, Subscription
from programmes.indicators import progress
from programmes.models import Programme
from registrations.models import Certificate, Consent, Group, MonitoringRecord, Needs, Registration, Scan
from registrations.services import reporting

pytestmark = pytest.mark.django_db
State = Registration.State


def test_people_are_the_same_for_the_same_seed_and_never_real():
    first, again, other = (people(200, Random(seed)) for seed in (7, 7, 8))
    assert first == again != other
    assert len({one.email for one in first}) == 200
    assert all(one.email.endswith("@example.org") for one in first)
    assert any("'" in one.last_name for one in first)
    assert any(not one.first_name.isascii() for one in first)
    assert any(not one.last_name for one in first)
    assert (
        max(sum(one.organisation == other.organisation for one in first) for other in first if other.organisation) > 3
    )


@pytest.fixture(scope="module")
def whole_demo(django_db_setup, django_db_blocker):
    """One whole demo for all tests of this module that only look; rolled back afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        told = filling.fill(number=100)
        yield told
        transaction.set_rollback(True)


def test_whole_demo_has_events_in_every_stage(whole_demo):
    states = {event.slug: event.state for event in Event.objects.all()}
    assert list(states.values()).count("running") == 1
    assert states["laboratorio-pisa"] == "running"
    assert list(states.values()).count("over") == 13
    offers = {event.slug: event.registration_state for event in Event.objects.all() if event.state == "planned"}
    assert offers["seminario-pistoia"] == "open"
    assert offers["laboratorio-pistoia"] == "full"
    assert offers["evento-finale"] == "not_yet"
    nearly_full = Event.objects.get(slug="seminario-pistoia").places["in_person"]
    assert 0 < nearly_full.left <= 10
    waiting = Registration.objects.filter(event__slug="laboratorio-pistoia", state=State.WAITING)
    assert waiting.count() == 4
    assert not Registration.objects.filter(event__registration_opens_at__gt=timezone.now()).exists()


def test_whole_demo_asks_in_its_labs_and_its_people_answer(whole_demo):
    lab = Event.objects.get(slug="laboratorio-pisa")
    assert lab.questions.count() == 2
    assert any(one.answers for one in lab.registrations.all())
    assert Needs.objects.filter(registration__event__kind="lab").exists()
    profiles = dict(MonitoringRecord.objects.values_list("registration__event__kind", "profile").distinct())
    assert profiles.items() >= {"lab": "participant", "seminar": "organisation"}.items()
    report = reporting.report(lab.programme)
    assert report.grand_total - report.incomplete > 0


def test_whole_demo_is_consistent_with_itself(whole_demo):
    for event in Event.objects.all():
        for mode in ("in_person", "online"):
            holding = event.registrations.holding_places().filter(mode=mode).count()
            assert getattr(event, f"{mode}_taken") == holding, event.slug
        if event.state == "over":
            assert event.registrations.filter(entered_at__isnull=False).exists()
            assert not event.registrations.filter(state=State.PENDING).exists()
    for registration in Registration.objects.select_related("event"):
        assert registration.created_at < registration.event.ends_at
        assert registration.created_at <= timezone.now()
    assert not Scan.objects.filter(at__gt=timezone.now()).exists()
    assert Consent.objects.filter(purpose="privacy").count() == Registration.objects.count()


def test_whole_demo_has_attendance_certificates_and_groups(whole_demo):
    running = Event.objects.get(slug="laboratorio-pisa")
    inside = running.registrations.filter(is_inside=True).count()
    assert 0 < inside < running.in_person_taken
    assert not running.groups.exists()  # left for the organiser to form
    assert Certificate.objects.exists()
    for certificate in Certificate.objects.select_related("registration__event"):
        assert certificate.registration.has_reached_threshold
        assert certificate.pdf
        assert certificate.issued_at < timezone.now()
    grouped = Group.objects.filter(event__slug="laboratorio-lucca")
    assert grouped.count() == 3
    assert min(group.members.count() for group in grouped) >= 3


def test_whole_demo_has_newsletters_sent_and_to_be_written(whole_demo):
    states = list(Newsletter.objects.order_by("due_on").values_list("state", flat=True))
    assert states == ["sent", "sent", "draft", "scheduled"]
    assert Subscription.objects.filter(state="active").count() == filling.SUBSCRIBERS
    for letter in Newsletter.objects.filter(state="sent"):
        assert Delivery.objects.filter(message__mailing=letter.mailing, state="sent").count() == filling.SUBSCRIBERS
    found = {one.target.slug: one.reached for one in progress(Programme.objects.current())}
    assert (found["questionari"], found["newsletter"], found["seminari"], found["laboratori"]) == (287, 2, 7, 6)


def test_whole_demo_leaves_little_mail_to_send(whole_demo):
    open_states = [Delivery.State.PENDING, Delivery.State.LEASED, Delivery.State.SENDING]
    assert Delivery.objects.filter(state__in=open_states).count() < 60
    assert not Delivery.objects.exclude(email__endswith="example.org").exists()


def test_whole_demo_has_an_account_for_every_role(whole_demo):
    found = {one.email.split("@")[0]: one for one in filling.accounts()}
    assert list(found) == ["carla", "piero", "lucia", "dora", "fabio", "fatima", "niccolo", "nora", "vito"]
    assert (found["carla"].province, found["piero"].province, found["lucia"].province) == ("", "Pisa", "Lucca")
    assert found["fabio"].province == "Lucca, Pisa"


def test_a_second_whole_demo_is_refused_and_changes_nothing(whole_demo):
    before = Registration.objects.count(), Event.objects.get(slug="laboratorio-pisa").starts_at
    with pytest.raises(CommandError, match="People are registered in this programme already"):
        call_command("demo")
    assert (Registration.objects.count(), Event.objects.get(slug="laboratorio-pisa").starts_at) == before


@pytest.mark.parametrize("today", ["2026-01-12", "2026-11-21", "2027-05-02"])
def test_moving_takes_the_week_with_the_fewest_holidays(today):
    now = datetime.fromisoformat(f"{today}T10:00:00+01:00")
    programme = loading.load("vlt").programme
    filling._moved(programme, now)
    starts = [timezone.localtime(start) for start in Event.objects.values_list("starts_at", flat=True)]
    clashes = [sum(filling.is_holiday(start + timedelta(days=days)) for start in starts) for days in (0, -7, 7)]
    assert clashes[0] == min(clashes)
