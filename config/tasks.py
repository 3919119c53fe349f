"""Two small rounds of the whole house: the sign of life that `/readyz` reads, and sessions that are over."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.utils import timezone

BEAT_TICK = "beat-tick"


@shared_task(name="config.tick", ignore_result=True)
def tick() -> None:
    cache.set(BEAT_TICK, timezone.now(), timeout=None)


@shared_task(name="config.forget_sessions", ignore_result=True)
def forget_sessions() -> None:
    """A session holds what somebody typed into a form; Django deletes none by itself."""
    SessionStore.clear_expired()
