"""What no page wants to see in an address: a NUL character, which nobody types and which PostgreSQL refuses.

In the path there is nothing by that name (404); in the query it is left out. Forms and the API clean their own input.
"""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse


def addresses_without_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:
            raise Http404
        request.META["QUERY_STRING"] = request.META.get("QUERY_STRING", "").replace("%00", "")
        return get_response(request)

    return middleware
