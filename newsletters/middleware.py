"""Visits that come from a newsletter, counted without learning whose they are.

The mark in the address (`?n=luglio`) is no part of the page: it is taken away before the page is looked up, so that the
page kept for all strangers is the same, and given back afterwards for redirects. Counted is a page of ours that was
really shown to a stranger who followed a link: no HEAD, no prefetch, no robot that says so, nobody of the staff, no
address that holds somebody's token. The row is written after the answer has gone out; when it cannot be, nobody waits.
"""

import logging
import re
from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from core.limits import client_of
from newsletters.services import figures

log = logging.getLogger(__name__)
SLUG = re.compile(r"[-\w]{1,80}")
ROBOT = re.compile(r"bot\b|crawl|spider|preview|scan|python|curl|wget|headless", re.IGNORECASE)
PUBLIC_NAMES = {"slug"}
"""What may vary in the address of a counted page: tokens and tickets may not."""


def count_visits(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if request.method not in {"GET", "HEAD"} or f"{figures.PARAMETER}=" not in query:
            return get_response(request)
        pairs = parse_qsl(query, keep_blank_values=True)
        slug = dict(pairs).get(figures.PARAMETER, "")
        request.META["QUERY_STRING"] = urlencode([pair for pair in pairs if pair[0] != figures.PARAMETER])
        response = get_response(request)
        request.META["QUERY_STRING"] = query
        if SLUG.fullmatch(slug) and _is_a_visit(request, response):
            response._resource_closers.append(partial(_count, slug, request.path, client_of(request)))
        return response

    return middleware


def _is_a_visit(request: HttpRequest, response: HttpResponse) -> bool:
    headers, match = request.headers, request.resolver_match
    return (
        request.method == "GET"
        and response.status_code == 200
        and response.headers.get("Content-Type", "").startswith("text/html")
        and match is not None
        and match.kwargs.keys() <= PUBLIC_NAMES
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and "prefetch" not in headers.get("Sec-Purpose", headers.get("Purpose", headers.get("X-Moz", "")))
        and headers.get("Sec-Fetch-Dest", "document") == "document"
        and not ROBOT.search(headers.get("User-Agent", ""))
    )


def _count(slug: str, page: str, client: str) -> None:
    try:
        figures.count_visit(slug=slug, page=page, client=client)
    except DatabaseError:
        log.warning("a visit from newsletter %s was not counted", slug, exc_info=True)
