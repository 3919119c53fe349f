"""A seminar of yesterday in two parts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Session
from tests.make import both, make_event


@pytest.fixture
def event(cast, pisa, programme):
    programme.project_code = "VLT-2024"
    programme.save()
    end = timezone.now().replace(microsecond=0) - timedelta(hours=2)
    event = make_event(programme, territory=pisa, starts_at=end - timedelta(hours=4), ends_at=end)
    for number in range(2):
        start = event.starts_at + timedelta(hours=2 * number)
        Session.objects.create(event=event, starts_at=start, minutes=120, title=both(f"Parte {number}", "Part"))
    return event


@pytest.fixture
def other_event(programme, lucca):
    return make_event(programme, territory=lucca)
