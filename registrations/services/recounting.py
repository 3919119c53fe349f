"""Everybody's minutes anew, after hours, agenda or the rule for a missing exit changed (`events.services.recounting`).

Rung for after the change, looked for by the timetable, and done at the latest before certificates are issued. In the
morning of an event of several days, the timetable also sees to it that nobody is inside since the day before. May be
repeated: who has the same minutes as before is not touched.
"""

from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from events import days
from events.models import Event
from events.services import recounting
from registrations.services import attendance


def count_owed(event_id: int | None = None) -> int:
    """Of one event or of all: how many people have other minutes now."""
    owed = Event.objects.filter(recount_owed_at__isnull=False)
    changed = 0
    for event in owed if event_id is None else owed.filter(pk=event_id):
        changed += attendance.recompute_all(event)
        recounting.is_done(event)
    return changed


def end_the_night(now: datetime | None = None) -> int:
    """Who is still inside since an earlier day of the event is outside now. How many people changed."""
    now, changed = now or timezone.now(), 0
    of_several_days = Event.objects.filter(ends_at__gt=F("starts_at") + days.LONGEST_DAY)
    for event in of_several_days.filter(starts_at__lt=now, ends_at__gt=now - timedelta(days=1)):
        begun = [morning for morning in days.mornings_of(event) if morning <= now]
        if begun and event.registrations.filter(is_inside=True, inside_since__lt=begun[-1]).exists():
            changed += attendance.recompute_all(event)
    return changed
