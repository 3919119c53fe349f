"""Everybody's minutes anew, after hours, agenda or the rule for a missing exit changed (`events.services.recounting`).

Rung for after the change, looked for by the timetable, and done at the latest before certificates are issued. May be
repeated: who has the same minutes as before is not touched.
"""

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
