"""What anybody sees of the events: the home page, the list with its filters, one event.

Every page asks the database the same few questions however many events there are; figures of people come from a cache.
"""

from collections.abc import Iterable

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dates import MONTHS
from django.views.decorators.http import require_safe

from core.public_page import public_page
from events import figures, kinds
from events.board import Board, board
from events.filters import WHEN, in_time, narrow
from events.models import Event, Mode, Speaker
from programmes import indicators
from programmes.context import current_frame
from programmes.models import Programme, Territory

LONG_TEXTS = ["description", "outcome"]
FILTERS = ["province", "kind", "mode", "month"]
PER_PAGE = 20


def _all_public(programme: Programme | None) -> list[Event]:
    """Every public event without its long texts, in the order of the calendar."""
    events = Event.objects.public().filter(programme=programme).defer(*LONG_TEXTS)
    return list(events.select_related("venue", "territory").order_by("starts_at", "pk"))


def _map(programme: Programme | None, events: list[Event]) -> Board:
    if programme is None:
        return Board()
    return board(Territory.objects.filter(programme=programme), events, figures.people(programme.pk))


@require_safe
@public_page()
def home(request: HttpRequest) -> HttpResponse:
    programme = current_frame(request).programme
    events = _all_public(programme)
    coming = [one for one in events if one.state in {Event.State.PLANNED, Event.State.RUNNING}]
    context = {
        "board": _map(programme, events),
        "next_events": coming[:3],
        "progress": indicators.progress(programme) if programme else [],
        "address": settings.SITE_URL + request.path,
    }
    return render(request, "events/home.html", context)


def _known(keys: Iterable[int], events: list[Event]) -> list[Event]:
    """The events of a page, out of those that were read for the map, with how many people came."""
    by_key = {event.pk: event for event in events}
    shown = [by_key[key] for key in keys if key in by_key]
    for event in shown:
        event.people = figures.people(event.programme_id).get(event.pk)
    return shown


@require_safe
@public_page(*FILTERS, "when", "page")
def listing(request: HttpRequest) -> HttpResponse:
    """The list, narrowed down by what the address says; the same address works as a calendar feed."""
    programme = current_frame(request).programme
    everything = _all_public(programme)
    chosen = {name: request.GET.get(name, "") for name in (*FILTERS, "when")}
    found = in_time(narrow(Event.objects.public(), request.GET), chosen["when"])
    province_map = _map(programme, everything)
    page = Paginator(found.values_list("pk", flat=True), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = _known(page.object_list, everything)
    context = {
        "page": page,
        "chosen": chosen,
        "is_filtered": any(chosen[name] for name in FILTERS),
        "board": province_map,
        "provinces": sorted((tile.territory for tile in province_map.tiles), key=lambda one: one.name),
        "kinds": [kinds.KINDS[key] for key in kinds.KINDS if any(event.kind == key for event in everything)],
        "modes": Mode.choices,
        "months": _months(everything),
        "whens": WHEN,
        "feed_address": _feed_address(request),
    }
    return render(request, "events/list.html", context)


def _months(events: list[Event]) -> list[tuple[str, str]]:
    """The months in which something is on: `("2024-05", "maggio 2024")`."""
    found = sorted({(event.local_start.year, event.local_start.month) for event in events})
    return [(f"{year}-{month:02d}", f"{MONTHS[month]} {year}") for year, month in found]


def _feed_address(request: HttpRequest) -> str:
    """Where this list, with its filters, is a calendar; `webcal:` makes a phone offer to subscribe."""
    kept = request.GET.copy()
    for name in ("when", "page"):
        kept.pop(name, None)
    query = f"?{kept.urlencode()}" if kept else ""
    return as_webcal(reverse("events:calendar") + query)


def as_webcal(path: str) -> str:
    return f"webcal://{settings.SITE_URL.split('://', 1)[1]}{path}"


@require_safe
@public_page()
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    event, others = _with_neighbours(slug)
    sessions = list(
        event.sessions.prefetch_related(Prefetch("speakers", queryset=Speaker.objects.order_by("order", "pk")))
    )
    for one in (event, *others):
        one.people = figures.people(event.programme_id).get(one.pk)
    context = {
        "event": event,
        "others": others,
        "sessions": sessions,
        "materials": list(event.materials.all()),
        "webcal": as_webcal(reverse("events:event-calendar", args=[slug])),
        "address": settings.SITE_URL + request.path,
    }
    return render(request, "events/detail.html", context)


def _with_neighbours(slug: str) -> tuple[Event, list[Event]]:
    """The event and what else is on in its province, in one question."""
    here = Event.objects.filter(slug=slug).values("territory")
    found = Event.objects.public().filter(Q(slug=slug) | Q(territory__in=here))
    found = list(found.select_related("programme", "venue", "organiser", "territory").order_by("starts_at", "pk"))
    event = next((one for one in found if one.slug == slug), None)
    if event is None:
        raise Http404
    return event, [one for one in found if one != event]
