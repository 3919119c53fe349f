"""How the public list and the calendar feed are narrowed down: by province, kind, mode, month; the past on request.

All by GET, so that a filtered list can be bookmarked, sent to somebody and subscribed to as a calendar. A value that
does not exist narrows nothing: an old link still opens the list.
"""

from datetime import date

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events import kinds
from events.models import Event, Mode

WHEN = [("", _("From today")), ("past", _("Past")), ("all", _("All"))]


class EventFilter(django_filters.FilterSet):
    province = django_filters.CharFilter(field_name="territory__slug")
    kind = django_filters.CharFilter(method="by_kind")
    mode = django_filters.CharFilter(method="by_mode")
    month = django_filters.CharFilter(method="by_month")

    class Meta:
        model = Event
        fields: list[str] = []

    def by_kind(self, events: QuerySet, name: str, value: str) -> QuerySet:
        return events.filter(kind=value) if value in kinds.KINDS else events

    def by_mode(self, events: QuerySet, name: str, value: str) -> QuerySet:
        return events.filter(**{f"{value}_capacity__isnull": False}) if value in Mode.values else events

    def by_month(self, events: QuerySet, name: str, value: str) -> QuerySet:
        """`2024-05`: the events that begin in May 2024, by the clock on the wall."""
        try:
            first = date.fromisoformat(f"{value}-01")
        except ValueError:
            return events
        return events.filter(starts_at__year=first.year, starts_at__month=first.month)


def in_time(events: QuerySet, when: str) -> QuerySet:
    """What is still to come or running (by default), what is over, or all of it."""
    now = timezone.now()
    if when == "past":
        return events.filter(ends_at__lte=now).order_by("-starts_at", "-pk")
    if when == "all":
        return events.order_by("starts_at", "pk")
    return events.filter(ends_at__gt=now).order_by("starts_at", "pk")
