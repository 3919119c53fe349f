"""How the public list and the calendar feed are narrowed down: by province, kind, mode, month; the past on request.

All by GET, so that a filtered list can be bookmarked, sent to somebody and subscribed to as a calendar. A value that
does not exist narrows nothing: an old link still opens the list.
"""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events import kinds
from events.models import EventQuerySet

WHEN = [("", _("From today")), ("past", _("Past")), ("all", _("All"))]


def narrow(events: EventQuerySet, query: Mapping[str, str]) -> EventQuerySet:
    """`events` as an address such as `?province=pisa&kind=lab&mode=online&month=2024-05` narrows them down."""
    if province := query.get("province"):
        events = events.in_province(province)
    if (kind := query.get("kind")) in kinds.KINDS:
        events = events.filter(kind=kind)
    return events.in_mode(query.get("mode", "")).in_month(query.get("month", ""))


def in_time(events: EventQuerySet, when: str) -> EventQuerySet:
    """What is still to come or running (by default), what is over, or all of it."""
    now = timezone.now()
    if when == "past":
        return events.filter(ends_at__lte=now).order_by("-starts_at", "-pk")
    if when == "all":
        return events.order_by("starts_at", "pk")
    return events.filter(ends_at__gt=now).order_by("starts_at", "pk")
