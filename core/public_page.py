"""Public pages, kept whole for a few seconds: what every stranger sees alike is drawn once and handed to all.

`@public_page("province", "page")` stands on views whose page is the same for everybody. The names are the only
parameters that their addresses take: an address with any other is answered but not kept, so that nobody fills the
cache. Nothing personal is ever kept: not for who brings a session or a waiting message, not what sets a cookie, holds
a form's token or says itself how it may be kept. Without a cache everything is drawn anew
(docs/decisions/0014-public-pages-are-kept-for-seconds.md).
"""

import hashlib
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import get_language

View = Callable[..., HttpResponse]


def public_page(*parameters: str) -> Callable[[View], View]:
    """Decorator: keep the page for `settings.PUBLIC_PAGE_SECONDS`, for each address and language apart."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not _is_for_everybody(request, set(parameters)):
                response = view(request, *args, **kwargs)
                if "Cache-Control" not in response:
                    patch_cache_control(response, private=True)
                return response
            key = _key(request)
            response = cache.get(key)
            if response is None:
                response = view(request, *args, **kwargs)
                if not _is_the_same_for_all(request, response):
                    return response
                patch_cache_control(response, public=True, max_age=settings.PUBLIC_PAGE_SECONDS)
                patch_vary_headers(response, ["Cookie"])
                cache.set(key, response, settings.PUBLIC_PAGE_SECONDS)
            return response

        return answer

    return decorate


def _is_for_everybody(request: HttpRequest, parameters: set[str]) -> bool:
    """Asked by a stranger (no session, no message waiting), at an address that others ask for too."""
    return (
        bool(settings.PUBLIC_PAGE_SECONDS)
        and request.method in {"GET", "HEAD"}
        and not request.COOKIES.keys() & {settings.SESSION_COOKIE_NAME, CookieStorage.cookie_name}
        and request.GET.keys() <= parameters
    )


def _is_the_same_for_all(request: HttpRequest, response: HttpResponse) -> bool:
    """Whole, and without anything that was made for this one visitor."""
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and "Cache-Control" not in response
        and "CSRF_COOKIE_NEEDS_UPDATE" not in request.META
        and not request.session.modified
    )


def _key(request: HttpRequest) -> str:
    address = f"{get_language()} {request.build_absolute_uri()}"
    return f"public_page:{hashlib.sha256(address.encode()).hexdigest()}"
