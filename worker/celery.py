"""The Celery app: the alarm clock of the house.

The database says what is owed, the broker only says "look now". Every task fetches by primary key, calls one service
and may run twice or be lost: what a lost message would have done is found again by the timetable in `schedule.py`.
"""

import logging
import os

from celery import Celery
from celery.contrib.django.task import DjangoTask
from celery.signals import task_failure
from django.db import transaction

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

log = logging.getLogger(__name__)


class AlarmTask(DjangoTask):
    """A task that is rung after commit. A broker that does not answer is logged and changes nothing else."""

    def delay_on_commit(self, *args, **kwargs) -> None:
        def ring() -> None:
            self.delay(*args, **kwargs)

        transaction.on_commit(ring, robust=True)


app = Celery("convivio", task_cls=AlarmTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_failure.connect
def tell_failure(sender=None, exception=None, **kwargs) -> None:
    """Names the task and the error, never the arguments: the timetable tries again."""
    log.error("task %s failed: %s", getattr(sender, "name", "?"), type(exception).__name__)
