"""The doors of the staff's mail pages. This room is below the desk and so brings its own guard."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

IN_FRAME = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
}
"""A mail brings its own styles and nothing else: no script, no request to another host."""


def staff(permission: str = "mail.view") -> Callable[[Callable], Callable]:
    """Decorator of a page for who holds `permission`. Never cached: it shows people's data."""

    def decorate(view: Callable) -> Callable:
        @never_cache
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate
