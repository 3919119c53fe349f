"""The staff's mail pages: the mailbox of an installation that sends nothing, and every e-mail with sample data."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache

from mail import pages
from mail.composing import compose
from mail.emails import KINDS
from mail.emails import render as render_email

PAGE = 50
IN_FRAME = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
}
"""A mail brings its own styles and nothing else: no script, no request to another host."""


def _staff(view: Callable) -> Callable:
    """This room is below the desk and so brings its own guard."""

    @never_cache
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm("mail.view"):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def _mailbox(view: Callable) -> Callable:
    """Only where mail stays on this machine."""

    @_staff
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if settings.EMAIL_URL:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@_mailbox
def mailbox(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:100]
    deliveries = pages.readable().order_by("-pk")
    if words:
        deliveries = deliveries.filter(email__icontains=words)
    page = Paginator(deliveries, PAGE).get_page(request.GET.get("page"))
    return render(request, "mail/mailbox.html", {"page": page, "shown": words})


@_mailbox
def message(request: HttpRequest, pk: int) -> HttpResponse:
    delivery = get_object_or_404(pages.readable(), pk=pk)
    context = {"delivery": delivery, "subject": pages.subject_of(delivery), "text": pages.text_of(delivery)}
    return render(request, "mail/message.html", context)


@csp(IN_FRAME)
@_mailbox
def message_html(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(pages.html_of(get_object_or_404(pages.readable(), pk=pk)))


@_mailbox
def message_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The message as it left, for a mail program."""
    response = HttpResponse(compose(get_object_or_404(pages.readable(), pk=pk)), content_type="message/rfc822")
    response["Content-Disposition"] = f'attachment; filename="{pk}.eml"'
    return response


@_staff
def preview(request: HttpRequest) -> HttpResponse:
    """Every kind of e-mail; with `kind`, that one in text and HTML."""
    kind, language = _chosen(request)
    context = {
        "kinds": sorted(KINDS),
        "kind": kind,
        "language": language,
        "languages": settings.LANGUAGES,
        "has_mailbox": not settings.EMAIL_URL,
        "rendered": _sample(kind, language) if kind else None,
    }
    return render(request, "mail/preview.html", context)


@csp(IN_FRAME)
@_staff
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
