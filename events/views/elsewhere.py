"""The programme on other people's sites: a list of events for their frames, and for the staff the lines to hand out.

The list is the only page that another site may frame. It needs no script, sets no cookie and asks no other host; its
links open in a new window and carry the partner's word (`core.via`), so that one sees later through whom people came.
"""

from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from accounts import desk
from core.public_page import public_page
from core.via import channel_of
from events import kinds
from events.filters import in_time, narrow
from events.models import Event
from programmes.context import Frame, current_frame
from programmes.models import Organisation, Programme, Territory

SHOWN, MOST = 5, 20
"""How many events the list shows where its address says nothing, and at most."""
NARROWS = ["province", "kind"]
FRAME = '<iframe src="{}" title="{}" width="100%" height="620" style="border:0" loading="lazy"></iframe>'
LINE = '<p><strong>{}</strong>: {} <a href="{}">{}</a></p>'


@require_safe
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
@public_page(*NARROWS, "limit")
def embedded(request: HttpRequest) -> HttpResponse:
    found = in_time(narrow(Event.objects.public(), {name: request.GET.get(name, "") for name in NARROWS}), "")
    found = found.filter(cancelled_at=None).select_related("venue", "territory").defer("description", "outcome")
    events = list(found[: _limit(request.GET.get("limit", ""))])
    return render(request, "events/embedded.html", {"events": events})


def _limit(written: str) -> int:
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 4 else SHOWN
    return min(max(number, 1), MOST)


@desk.page("events.view")
def partners_sites(request: HttpRequest) -> HttpResponse:
    """For each organisation its link and what to paste; narrowed down and in the language that it wants."""
    frame = current_frame(request)
    chosen = {name: request.GET.get(name, "") for name in NARROWS}
    language = request.GET.get("language")
    language = language if language in dict(settings.LANGUAGES) else get_language()
    context = {
        "lines": _lines(frame, chosen, language) if frame.programme else [],
        "chosen": chosen | {"language": language},
        "provinces": Territory.objects.filter(programme__is_current=True),
        "kinds": kinds.choices(),
        "languages": settings.LANGUAGES,
    }
    return render(request, "events/staff/elsewhere.html", context)


def _lines(frame: Frame, chosen: dict[str, str], language: str) -> list[dict[str, Any]]:
    with override(language):
        return [_line(frame.programme, one, chosen) for one in frame.organisations]


def _line(programme: Programme, organisation: Organisation, chosen: dict[str, str]) -> dict[str, Any]:
    """The link, the frame, and a line of HTML, each with the word of the organisation."""
    narrowed = {name: value for name, value in chosen.items() if value}
    query = urlencode(narrowed | {"via": channel_of(organisation.slug)})
    page, embedding = reverse("events:list" if narrowed else "events:home"), reverse("events:embedded")
    title = _("The events of %(programme)s") % {"programme": programme.name}
    link = f"{settings.SITE_URL}{page}?{query}"
    return {
        "organisation": organisation,
        "link": link,
        "frame": format_html(FRAME, f"{settings.SITE_URL}{embedding}?{query}", title),
        "html": format_html(LINE, programme.name, programme.claim, link, title),
    }
