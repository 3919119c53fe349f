"""Every e-mail that the house writes, with sample data."""

from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from mail import pages
from mail.emails import KINDS
from mail.emails import render as render_email
from mail.views.guard import IN_FRAME, staff


@staff()
def preview(request: HttpRequest) -> HttpResponse:
    """Every kind of e-mail; with `kind`, that one in text and HTML."""
    kind, language = _chosen(request)
    context = {
        "kinds": sorted(KINDS),
        "kind": kind,
        "language": language,
        "languages": settings.LANGUAGES,
        "rendered": _sample(kind, language) if kind else None,
    }
    return render(request, "mail/preview.html", context)


@csp(IN_FRAME)
@staff()
def preview_html(request: HttpRequest) -> HttpResponse:
    kind, language = _chosen(request)
    if not kind:
        raise Http404
    return HttpResponse(pages.in_new_window(_sample(kind, language).html))


def _chosen(request: HttpRequest) -> tuple[str, str]:
    kind, language = request.GET.get("kind", ""), request.GET.get("language", settings.LANGUAGE_CODE)
    if kind and kind not in KINDS or language not in dict(settings.LANGUAGES):
        raise Http404
    return kind, language


def _sample(kind: str, language: str):
    found = KINDS[kind]
    return render_email(kind, found.context(*found.sample()), language)
