"""The moderator's page about the online room: its codes, who is there, what to write in the chat."""

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.desk import page
from events.models import Event, Mode
from events.views.staff import event_for
from registrations.models import Scan
from registrations.services import presence, room_codes
from registrations.services.room_codes import Moment

PERMISSION = "registrations.check_in"


@page(PERMISSION)
@require_safe
def room(request: HttpRequest, slug: str) -> HttpResponse:
    """Asked again by itself every few seconds, for the figures and the names."""
    event = event_for(request, slug, PERMISSION)
    given = room_codes.given(event)
    context = {
        "event": event,
        "now": timezone.now(),
        "codes": [{"moment": one.value, "code": room_codes.code(event, one), "given": given[one]} for one in Moment],
        "people": _people(event),
        "registered": event.registrations.expected()
        .filter(mode=Mode.ONLINE)
        .aggregate(all=Count("pk"), came=Count("pk", Q(entered_at__isnull=False))),
        "links_address": f"{settings.SITE_URL}{reverse('registrations:lost')}",
    }
    return render(request, "registrations/staff/room.html", context)


@page(PERMISSION)
@require_safe
def code(request: HttpRequest, slug: str, moment: str) -> HttpResponse:
    """One code over the whole window, with nobody's name, for the screen that everybody sees."""
    event = event_for(request, slug, PERMISSION)
    if moment not in list(Moment):
        raise Http404
    moment = Moment(moment)
    context = {
        "event": event,
        "is_start": moment is Moment.START,
        "code": room_codes.code(event, moment),
        "given": room_codes.given(event)[moment],
        "there": presence.people_in_the_room(event).count(),
    }
    return render(request, "registrations/staff/room_code.html", context)


def _people(event: Event) -> list:
    """Who is there now, each with the codes she gave. One query."""
    given = Scan.objects.filter(registration=OuterRef("pk"), source=Scan.Source.CODE).sightings()
    found = presence.people_in_the_room(event).annotate(
        gave_start=Exists(given.filter(direction=Scan.Direction.IN)),
        gave_end=Exists(given.filter(direction=Scan.Direction.OUT)),
    )
    return list(found.by_name())
