"""The Celery app: the alarm clock of the house.

The database says what is owed, the broker only says "look now". Every task fetches by primary key, calls one service
and may run twice or be lost: what a lost message would have done is found again by the timetable in `schedule.py`.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("convivio")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
