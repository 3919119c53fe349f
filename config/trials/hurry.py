"""The Celery app in a hurry: `celery -A config.trials.hurry worker`. The same tasks and rules with shorter waits.

What an interrupted sender held is looked at again after seconds, not minutes, and the timetable rings every second.
Nothing else differs from `celery -A worker`, so that a trial tells about the real thing and ends while one looks on.
"""

from datetime import timedelta

import django

from worker import app

django.setup()

from mail import tasks, transports  # noqa: E402 (after Django has its models)
from mail.services import claiming, sending  # noqa: E402

RINGS_EVERY = 1.0
JOBS = {"mail.drain", "mail.settle", "newsletters.dispatch"}

claiming.LEASE = timedelta(seconds=6)
sending.DOUBT_AFTER = timedelta(seconds=12)
transports.SmtpTransport.DOT_SECONDS = 10
tasks.SECONDS_A_RUN = 3

app.conf.beat_schedule = {
    name: job | {"schedule": RINGS_EVERY, "options": {"expires": RINGS_EVERY * 2}}
    for name, job in app.conf.beat_schedule.items()
    if job["task"] in JOBS
}
