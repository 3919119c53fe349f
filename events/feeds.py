"""Calendar files, to download or to subscribe to (`webcal://…`). What is in them is built by `calendars`.

Calendar programs ask again and again, so an unchanged file is answered with 304: by ETag of the very bytes, and by the
day of the last change.
"""

import hashlib
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.views.decorators.http import require_safe

from events import calendars
from events.filters import narrow
from events.models import Event
from programmes.models import Programme


@require_safe
def all_events(request: HttpRequest) -> HttpResponse:
    """The public events, past and cancelled ones too, narrowed down by the same filters as the list."""
    public = Event.objects.public().select_related("programme", "venue").order_by("starts_at", "pk")
    events = list(narrow(public, request.GET))
    programme = events[0].programme if events else Programme.objects.current() or Programme(short_name="Convivio")
    content = calendars.feed(events=events, programme=programme, address=settings.SITE_URL + request.get_full_path())
    return _answer(request, content, [event.changed_at for event in events])


@require_safe
def one_event(request: HttpRequest, slug: str) -> HttpResponse:
    event = get_object_or_404(Event.objects.public().select_related("programme", "venue"), slug=slug)
    response = _answer(request, calendars.single(event=event), [event.changed_at])
    response["Content-Disposition"] = f'attachment; filename="{slug}.ics"'
    return response


def _answer(request: HttpRequest, content: bytes, changes: list[datetime]) -> HttpResponse:
    etag = quote_etag(hashlib.sha256(content).hexdigest()[:32])
    last = int(max(changes).timestamp()) if changes else None
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["ETag"] = etag
    if last:
        response["Last-Modified"] = http_date(last)
    response["Cache-Control"] = "public, max-age=300"
    return get_conditional_response(request, etag=etag, last_modified=last, response=response)
