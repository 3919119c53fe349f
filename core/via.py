"""Through whom somebody came: `?via=cna` on any public page, carried in its links as far as the form, without a cookie.

The word is no part of the page. It is taken away before the page is looked up, so that the page kept for all strangers
is the same and no partner's word is ever kept in it; the links of the answer then get it back, for this visitor alone.
A view that wants the word asks for `request.via`. What is not a short simple word is dropped (`channel`).
"""

import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

PARAMETER = "via"
LONGEST = 40
WORD = re.compile(rf"[a-z0-9](?:[a-z0-9_-]{{0,{LONGEST - 2}}}[a-z0-9])?")
LINK = re.compile(rb'(<a\b[^>]*?\bhref=")((?:/(?!/)|\?)[^"#]*)', re.IGNORECASE)
GET_FORM = re.compile(rb'<form\b(?![^>]*\bmethod="post")[^>]*>', re.IGNORECASE)
NO_PAGES = (b"/static/", b"/media/", b"/api/")


def channel(written: object) -> str:
    """The word as it is stored, or nothing."""
    word = str(written or "").strip().lower()
    return word if WORD.fullmatch(word) else ""


def channel_of(slug: str) -> str:
    """The word for an organisation: its short name, as far as a word may be long."""
    return channel(slug[:LONGEST].strip("-_"))


def carry(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware. It changes no address that a form is posted to: the form holds the word itself."""

    def middleware(request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        request.via = ""
        if f"{PARAMETER}=" not in query:
            return get_response(request)
        pairs = parse_qsl(query, keep_blank_values=True)
        request.via = channel(dict(pairs).get(PARAMETER))
        request.META["QUERY_STRING"] = urlencode([pair for pair in pairs if pair[0] != PARAMETER])
        response = get_response(request)
        request.META["QUERY_STRING"] = query
        if request.via and _is_page(response):
            response.content = carried(response.content, request.via)
            if response.has_header("Content-Length"):
                response["Content-Length"] = str(len(response.content))
            if response.has_header("Cache-Control"):
                patch_cache_control(response, private=True)
        return response

    return middleware


def carried(page: bytes, via: str) -> bytes:
    """The page with the word in every link to a page of this site and in every form that makes an address."""
    mark = f"{PARAMETER}={via}".encode()

    def linked(found: re.Match[bytes]) -> bytes:
        start, address = found.groups()
        path = address.partition(b"?")[0]
        if path.startswith(NO_PAGES) or b"." in path.rpartition(b"/")[2]:
            return found[0]
        sign = b"" if address.endswith(b"?") else b"&amp;" if b"?" in address else b"?"
        return start + address + sign + mark

    field = f'<input type="hidden" name="{PARAMETER}" value="{via}">'.encode()
    return GET_FORM.sub(lambda found: found[0] + field, LINK.sub(linked, page))


def _is_page(response: HttpResponse) -> bool:
    return (
        not response.streaming
        and response.status_code < 500
        and response.headers.get("Content-Type", "").startswith("text/html")
    )
