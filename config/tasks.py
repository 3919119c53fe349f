"""The sign of life of beat and worker, read by `/readyz`."""

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

BEAT_TICK = "beat-tick"


@shared_task(name="config.tick", ignore_result=True)
def tick() -> None:
    cache.set(BEAT_TICK, timezone.now(), timeout=None)
