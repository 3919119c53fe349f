"""The hall at a glance, for the wall and for the organiser's phone. What is counted stands in `services.hall`.

The page asks for its figures again every two seconds. Where nothing has changed the answer is empty (304): that costs
one query beside those that know who asks and about which event. What one chooses stays in the address, so that the
computer of the projector opens it as it was: `view=figures` without organisations and fields, `look=dark`.
"""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.desk import page
from events.models import Event, Mode
from events.views.staff import event_for
from registrations.documents import arrivals
from registrations.services import door_table, hall

PERMISSION = "registrations.check_in"
FIGURES, DARK = "figures", "dark"


@page(PERMISSION)
@require_safe
def at_a_glance(request: HttpRequest, slug: str) -> HttpResponse:
    event = event_for(request, slug, PERMISSION)
    context = _context(request, event, hall.figures(event=event))
    return render(request, "registrations/hall.html", context)


@page(PERMISSION)
@require_safe
def figures(request: HttpRequest, slug: str) -> HttpResponse:
    """The part of the page that changes, or 304."""
    event = event_for(request, slug, PERMISSION)
    known = hall.figures(event=event)
    etag = _etag(request, event, known)
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged:
        return unchanged
    response = render(request, "registrations/_hall_figures.html", _context(request, event, known))
    response["ETag"] = etag
    return response


def _etag(request: HttpRequest, event: Event, known: hall.Figures) -> str:
    """Changes with the figures, with the event, and with every five minutes: the picture goes on."""
    minutes = int(timezone.now().timestamp() // hall.SLOT.total_seconds())
    left = "-".join(f"{places.left}" for places in event.places.values())
    parts = [known.stamp, left, event.changed_at.timestamp(), event.state, minutes, get_language(), _chosen(request)]
    return quote_etag("|".join(map(str, parts)))


def _chosen(request: HttpRequest) -> str:
    return FIGURES if request.GET.get("view") == FIGURES else ""


def _context(request: HttpRequest, event: Event, known: hall.Figures) -> dict[str, Any]:
    now = timezone.now()
    shown = hall.glance(event=event, now=now, known=known)
    is_dark = request.GET.get("look") == DARK
    view = _chosen(request)
    query = {"view": view, "look": DARK if is_dark else ""}
    great, small = _cells(event, shown)
    address = reverse("registrations:hall-figures", args=[event.slug])
    return {
        "event": event,
        "shown": shown,
        "picture": arrivals.drawn(shown.flow, now),
        "great": great,
        "small": small,
        "now": now,
        "step": shown.flow.step // timedelta(minutes=1),
        "view": view,
        "is_dark": is_dark,
        "other_view": _query(query | {"view": "" if view else FIGURES}),
        "other_look": _query(query | {"look": "" if is_dark else DARK}),
        "figures_url": f"{address}{_query({'view': view})}",
        "seconds": 2 if door_table.opens_at(event) <= now <= door_table.closes_at(event) else 60,
    }


def _query(chosen: dict[str, str]) -> str:
    return "?" + "&".join(f"{key}={value}" for key, value in chosen.items() if value)


Cell = dict[str, Any]


def _cells(event: Event, shown: hall.Glance) -> tuple[list[Cell], list[Cell]]:
    """The figures that are read from far, and the others."""
    known, modes = shown.figures, event.places
    by_mode = len(modes) > 1

    def split(online: int, in_all: int) -> str:
        sentence = _("%(here)d in person, %(online)d online") % {"here": in_all - online, "online": online}
        return sentence if by_mode else ""

    registered = _cell(_("People registered"), known.registered, split(known.registered_online, known.registered))
    came = _cell(_("Arrived"), known.came, split(known.came_online, known.came))
    if event.state == Event.State.OVER:
        most = _cell(_("Most at once in the hall"), shown.flow.most_inside)
        absent = _cell(_("Did not come"), known.expected, split(known.expected_online, known.expected))
        return [came, *([most] if Mode.IN_PERSON in modes else [])], [registered, absent]
    expected = _cell(_("Still expected"), known.expected, split(known.expected_online, known.expected))
    great = []
    if Mode.IN_PERSON in modes or known.inside:
        great.append(_cell(_("In the hall now"), known.inside))
    if Mode.ONLINE in modes or known.online:
        great.append(_cell(_("Online now"), known.online))
    left = _cell(_("Places left"), event.places_left)
    if by_mode and event.total_capacity is None:
        left["detail"] = split(modes[Mode.ONLINE].left, event.places_left)
    return great, [registered, came, expected, left]


def _cell(label: str, number: int, detail: str = "") -> Cell:
    return {"label": label, "number": number, "detail": detail}
