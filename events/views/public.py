"""What anybody sees of the events: the home page, the list with its filters, one event."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from events.models import Event


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "events/home.html", {"next_events": Event.objects.public().upcoming()[:3]})


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    return render(request, "events/list.html", {"events": Event.objects.public().upcoming()})


@require_safe
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    event = get_object_or_404(Event.objects.public().select_related("venue", "organiser", "territory"), slug=slug)
    return render(request, "events/detail.html", {"event": event})
