"""Calendar files, to download or to subscribe to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from events.models import Event


@require_safe
def all_events(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"", content_type="text/calendar; charset=utf-8")


@require_safe
def one_event(request: HttpRequest, slug: str) -> HttpResponse:
    get_object_or_404(Event.objects.public(), slug=slug)
    return HttpResponse(b"", content_type="text/calendar; charset=utf-8")
