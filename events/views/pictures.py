"""The pictures beside links to the home page and to an event. Drawn once for the same words and kept."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import capfirst
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from core import preview_picture
from events import dates
from events.models import Event
from programmes.context import current_frame
from programmes.pictures import preview


@require_safe
@conditional_page
@cache_control(public=True, max_age=3600)
def home(request: HttpRequest) -> HttpResponse:
    programme = current_frame(request).programme
    if programme is None:
        raise Http404
    return _png(preview(programme, title=str(programme.claim), overline=programme.short_name))


@require_safe
@conditional_page
@cache_control(public=True, max_age=3600)
def event(request: HttpRequest, slug: str) -> HttpResponse:
    """What it is called, and when and where."""
    one = get_object_or_404(Event.objects.public().select_related("programme", "venue", "territory"), slug=slug)
    place = one.venue.town if one.venue else one.territory.name if one.territory else ""
    overline = " · ".join(filter(None, [capfirst(dates.in_words(one)), place]))
    return _png(preview(one.programme, title=str(one.title), overline=overline))


def _png(words: preview_picture.Preview) -> HttpResponse:
    return HttpResponse(preview_picture.png(words), content_type="image/png")
