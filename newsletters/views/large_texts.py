"""Ten megabytes pasted into the editor come back with a sentence at the field, not with a page that lost them.

Everywhere else a form may bring a megabyte (`DATA_UPLOAD_MAX_MEMORY_SIZE`). Here whoever may write newsletters may
bring more; the form says that it is too long, and nothing is kept.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

LARGEST = 40_000_000
"""Bytes of a form, in which every accented letter takes six."""


def takes_large_texts(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Stands below `page`, so that only who may comes here; the form's token is checked after its body is read."""
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def read_first(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if length > LARGEST:
            return render(request, "newsletters/desk/too_large.html", status=413)
        if request.method == "POST" and not hasattr(request, "_body"):
            request._body = request.read(length)
        return protected(request, *args, **kwargs)

    return read_first
