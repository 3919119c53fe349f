"""What the events put on the staff's desk: the list, the board of provinces, the search."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import desk
from events import dates, figures
from events.board import board as tile_board
from events.models import Event
from events.services import series
from programmes.models import Territory

HITS = 8

desk.nav(_("Events"), "events:staff-list", permission="events.view", order=10, icon="it-calendar")


@desk.panel(order=50)
def provinces(request: Any) -> tuple[str, dict[str, Any]] | None:
    """The board of provinces: each with its events and how full they are, on the map for who sees several."""
    events = list(Event.objects.visible_to(request.user).filter(programme__is_current=True).order_by("starts_at", "pk"))
    if not events:
        return ("events/staff/begin_panel.html", {}) if request.user.has_perm("events.change") else None
    hers = {event.territory_id for event in events}
    territories = [one for one in Territory.objects.filter(programme__is_current=True) if one.pk in hers]
    rows = [(one.name, [event for event in events if event.territory_id == one.pk]) for one in territories]
    elsewhere = [event for event in events if event.territory_id is None]
    if elsewhere:
        rows.append((_("Whole programme"), elsewhere))
    board = tile_board(territories, events, figures.people(events[0].programme_id)) if len(territories) > 1 else None
    return "events/staff/provinces_panel.html", {"rows": rows, "board": board}


@desk.panel(order=45, board="event")
def sisters(request: Any, event: Event) -> tuple[str, dict[str, Any]] | None:
    """For who may change it: whether this event, or its sisters, can take over what changed in their template."""
    if not request.user.has_perm("events.change", event):
        return None
    hers = Event.objects.visible_to(request.user, "events.change")
    number = hers.filter(template=event).count() if event.template_id is None else 0
    if not number and event.template_id is None:
        return None
    among = hers.filter(pk=event.pk) if event.template_id else hers
    ready = series.offered_changes(template=event, sisters=among).sisters
    context = {"event": event, "is_template": event.template_id is None, "sisters": number, "ready": ready}
    return "events/staff/series_panel.html", context


@desk.search(_("Events"), order=20)
def find(user: Any, words: str) -> list[desk.Hit]:
    events = Event.objects.visible_to(user).search(words).order_by("starts_at")[:HITS]
    return [
        desk.Hit(str(event), reverse("events:staff-event", args=[event.slug]), dates.day_in_words(event))
        for event in events
    ]
