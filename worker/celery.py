"""The Celery app: the alarm clock of the house.

The database says what is owed, the broker only says "look now". Every task fetches by primary key, calls one service
and may run twice or be lost: what a lost message would have done is found again by the timetable in `schedule.py`.
"""

import logging
import os
from time import monotonic

from celery import Celery
from celery.contrib.django.task import DjangoTask
from celery.signals import task_failure
from django.db import transaction
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

log = logging.getLogger(__name__)


class AlarmTask(DjangoTask):
    """A task that is rung after commit. A broker that does not answer changes nothing: the timetable looks again.

    To find out takes seconds, so after a failure this process does not ring for a while, and no visitor waits for it.
    """

    abstract = True
    silent_until = 0.0
    SILENCE = 30  # seconds

    def delay_on_commit(self, *args, **kwargs) -> None:
        transaction.on_commit(lambda: self._ring(*args, **kwargs), robust=True)

    def _ring(self, *args, **kwargs) -> None:
        if monotonic() < AlarmTask.silent_until:
            return
        try:
            self.delay(*args, **kwargs)
        except OperationalError:
            AlarmTask.silent_until = monotonic() + self.SILENCE
            log.warning("the broker does not answer; what is owed waits for the timetable")


app = Celery("convivio", task_cls=AlarmTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_failure.connect
def tell_failure(sender=None, exception=None, **kwargs) -> None:
    """Names the task and the error, never the arguments: the timetable tries again."""
    log.error("task %s failed: %s", getattr(sender, "name", "?"), type(exception).__name__)
