"""The mailbox of an installation that sends nothing: what it would have sent, for trying and for training."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from mail import pages
from mail.composing import BODIES, compose
from mail.views.guard import IN_FRAME, staff

PAGE = 50


def _where_mail_stays(view: Callable) -> Callable:
    @staff()
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if settings.EMAIL_URL:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@_where_mail_stays
def mailbox(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:100]
    deliveries = pages.readable().defer(*BODIES).order_by("-pk")
    if words:
        deliveries = deliveries.filter(email__icontains=words)
    page = Paginator(deliveries, PAGE).get_page(request.GET.get("page"))
    return render(request, "mail/mailbox.html", {"page": page, "shown": words})


@_where_mail_stays
def message(request: HttpRequest, pk: int) -> HttpResponse:
    delivery = get_object_or_404(pages.readable(), pk=pk)
    context = {"delivery": delivery, "subject": pages.subject_of(delivery), "text": pages.text_of(delivery)}
    return render(request, "mail/message.html", context)


@csp(IN_FRAME)
@_where_mail_stays
def message_html(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(pages.html_of(get_object_or_404(pages.readable(), pk=pk)))


@_where_mail_stays
def message_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The message as it left, for a mail program."""
    response = HttpResponse(compose(get_object_or_404(pages.readable(), pk=pk)), content_type="message/rfc822")
    response["Content-Disposition"] = f'attachment; filename="{pk}.eml"'
    return response
