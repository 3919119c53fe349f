"""One seminar and one lab put into a stage, and a story that can be told again."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from config import programme as loading
from config.demo import filling
from config.demo.story import Stage
from events.models import Event
from programmes.models import Programme
from registrations.models import Certificate, Registration

pytestmark = [pytest.mark.django_db, pytest.mark.alone]  # on PostgreSQL the whole demo is enough
State = Registration.State


@pytest.mark.parametrize("stage", list(Stage))
def test_stage_puts_the_next_seminar_and_lab_there(stage):
    loading.load("vlt", timezone.localdate() - timedelta(days=300))
    told = filling.fill(stage=stage, number=60)
    assert [(event.kind, its_stage) for event, its_stage in told.events] == [("seminar", stage), ("lab", stage)]
    for event, _stage in told.events:
        event.refresh_from_db()
        assert event.state == ("planned" if stage == Stage.OPEN else stage)
        assert event.registration_state == {"planned": "not_yet", "open": "open"}.get(stage, "closed")
        people_in = event.registrations.filter(state=State.CONFIRMED)
        assert people_in.exists() == (stage != Stage.PLANNED)
        if stage != Stage.RUNNING:
            hour = timezone.localtime(event.starts_at)
            assert (hour.hour, hour.minute) == ((9, 30) if event.kind == "seminar" else (14, 30))
        assert event.sessions.first().starts_at == event.starts_at
        has_come = people_in.filter(entered_at__isnull=False).exists()
        assert has_come == (stage in {Stage.RUNNING, Stage.OVER})
        assert Certificate.objects.filter(registration__event=event).exists() == (stage == Stage.OVER)
    others = Event.objects.exclude(pk__in=[event.pk for event, _stage in told.events])
    assert not Registration.objects.filter(event__in=others).exists()


def test_stage_again_takes_the_next_ones():
    loading.load("vlt")
    first = [event.slug for event, _stage in filling.fill(stage=Stage.PLANNED, number=60).events]
    filling.fill(stage=Stage.OPEN, number=60)
    third = [event.slug for event, _stage in filling.fill(stage=Stage.OPEN, number=60, seed=2).events]
    assert not set(first) & set(third) or first != third


def test_the_same_seed_tells_the_same_story():
    loading.load("vlt")

    def story(seed: int) -> list[tuple]:
        with transaction.atomic():
            filling.fill(stage=Stage.RUNNING, number=60, seed=seed)
            rows = Registration.objects.order_by("event__slug", "email", "first_name")
            found = list(rows.values_list("event__slug", "email", "mode", "state", "organisation", "is_inside"))
            transaction.set_rollback(True)
        return found

    assert story(3) == story(3) != story(4)


def test_wrong_number_of_people_is_refused():
    with pytest.raises(CommandError, match="between 60 and 5000"):
        call_command("demo", people=3)
    assert not Programme.objects.exists()
