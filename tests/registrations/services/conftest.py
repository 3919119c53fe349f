"""Bea takes part online in an event that starts at `start`."""

import pytest
from django.utils import timezone

from tests.make import make_event, make_registration


@pytest.fixture
def start():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def bea(programme, start):
    return make_registration(make_event(programme, starts_at=start), mode="online")
