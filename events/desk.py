"""What the events put on the staff's desk: the list, the board of provinces, the search."""

from typing import Any

from django.template.defaultfilters import date
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts import desk
from events.models import Event
from programmes.models import Territory

HITS = 8

desk.nav(_("Events"), "events:staff-list", permission="events.view", order=10, icon="it-calendar")


@desk.panel(order=50)
def provinces(request: Any) -> tuple[str, dict[str, Any]] | None:
    """The board of provinces: each with its events and how full they are."""
    events = Event.objects.visible_to(request.user).filter(programme__is_current=True).order_by("starts_at", "pk")
    rows = {
        territory.pk: (territory, [])
        for territory in Territory.objects.filter(programme__is_current=True).order_by("name")
    }
    elsewhere = []
    for event in events:
        (rows[event.territory_id][1] if event.territory_id in rows else elsewhere).append(event)
    board = [(territory.name, events) for territory, events in rows.values() if events]
    if elsewhere:
        board.append((_("Whole programme"), elsewhere))
    return ("events/staff/provinces_panel.html", {"board": board}) if board else None


@desk.search(_("Events"), order=20)
def find(user: Any, words: str) -> list[desk.Hit]:
    events = Event.objects.visible_to(user).search(words).order_by("starts_at")[:HITS]
    return [
        desk.Hit(
            str(event), reverse("events:staff-event", args=[event.slug]), date(localtime(event.starts_at), "l j F Y")
        )
        for event in events
    ]
