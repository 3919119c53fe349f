"""The Celery process. `celery -A worker worker` and `celery -A worker beat` find the app here."""

from worker.celery import app

__all__ = ["app"]
