"""The API under /api/v1/: one shape of error, the reader's language, and the rooms' routers mounted in one place.

Every refusal is `{"code", "message", "fields"}`: a code for machines, a sentence in the language of `Accept-Language`,
and, where a field is wrong, a sentence beside it. What is answered lives in the rooms (`events.api`,
`registrations.api`); here is only how. No cookie is read, so no page elsewhere can act for a person who is logged in.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser as JSONParser

from core.errors import RuleError
from events.api import router as events
from registrations.api.checkin import router as checkin
from registrations.api.public import router as registrations

LONGEST = 20  # digits


class Parser(JSONParser):
    """A number too long to be one makes its own field wrong, not the whole request unreadable."""

    def parse_body(self, request: HttpRequest) -> Any:
        return json.loads(request.body, parse_int=lambda digits: int(digits) if len(digits) < LONGEST else digits)


api = NinjaAPI(
    parser=Parser(),
    title="Convivio",
    version="1",
    description="Events of a public programme, registration, and the door. Errors are {code, message, fields}.",
    urls_namespace="api",
    servers=[{"url": settings.SITE_URL}],
    docs_url=None,
)
api.add_router("", events)
api.add_router("", registrations)
api.add_router("checkin/", checkin)

BY_STATUS = {
    400: ("malformed", _("This is not JSON that can be read.")),
    401: ("unauthorised", _("Show who you are: Authorization: Bearer …")),
    403: ("forbidden", _("This is not allowed here.")),
    404: ("not_found", _("There is nothing here.")),
    405: ("method_not_allowed", _("This address does not take this method.")),
    413: ("too_large", _("This is too large to be read at once. Send less.")),
}
WRONG_INPUT = {"invalid", "consent_required", "key_reused", "too_young"}
SENTENCES = {
    "missing": _("This is missing."),
    "string_too_long": ngettext_lazy(
        "Write at most %(max_length)d character.", "Write at most %(max_length)d characters.", "max_length"
    ),
    "string_too_short": ngettext_lazy(
        "Write at least %(min_length)d character.", "Write at least %(min_length)d characters.", "min_length"
    ),
    "too_long": _("Send at most %(max_length)d at once."),
    "too_short": _("Send at least %(min_length)d."),
    "timezone_aware": _("A time needs its time zone."),
    "datetime_parsing": _("Write a time such as 2024-05-14T09:00:00+02:00."),
    "datetime_from_date_parsing": _("Write a time such as 2024-05-14T09:00:00+02:00."),
    "literal_error": _("Choose one of: %(expected)s."),
    "enum": _("Choose one of: %(expected)s."),
    "less_than_equal": _("At most %(le)s."),
    "greater_than_equal": _("At least %(ge)s."),
}


def refusal(request: HttpRequest, status: int, code: str, message: Any, fields: dict | None = None) -> HttpResponse:
    fields = {name: str(sentence) for name, sentence in (fields or {}).items()}
    response = api.create_response(request, {"code": code, "message": str(message), "fields": fields}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"  # RFC 9110, section 11.6.1
    return response


def refusal_by_status(request: HttpRequest, status: int) -> HttpResponse:
    code, message = BY_STATUS.get(status, ("refused", _("This cannot be done.")))
    return refusal(request, status, code, message)


@api.exception_handler(RuleError)
def _rule(request: HttpRequest, error: RuleError) -> HttpResponse:
    status = 422 if error.code in WRONG_INPUT else error.status
    response = refusal(request, status, error.code, error.message, error.fields)
    if error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    return response


@api.exception_handler(ValidationError)
def _validation(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields: dict[str, Any] = {}
    for problem in error.errors:
        path = [str(part) for part in problem["loc"]]
        name = ".".join(path[2:] if path[0] == "body" else path[1:]) or path[-1]
        sentence = SENTENCES.get(problem["type"], _("This is not what is expected here."))
        facts = dict(problem.get("ctx", {}))
        if "expected" in facts:  # pydantic's own English: 'a', 'b' or 'c'
            facts["expected"] = facts["expected"].replace("'", "").replace(" or ", ", ")
        fields.setdefault(name, sentence % facts)
    return refusal(request, 422, "invalid", _("Please check what you wrote."), fields)


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return refusal_by_status(request, error.status_code)


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return refusal_by_status(request, 404)


@api.exception_handler(PermissionDenied)
def _forbidden(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return refusal_by_status(request, 403)


@api.exception_handler(RequestDataTooBig)
def _too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return refusal_by_status(request, 413)


@api.exception_handler(UnreadablePostError)
def _cut_off(request: HttpRequest, error: UnreadablePostError) -> HttpResponse:
    return refusal_by_status(request, 400)


def _in_readers_language(view: Callable) -> Callable:
    """Addresses of the API have no language of their own: the reader's `Accept-Language` decides."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with translation.override(translation.get_language_from_request(request)):
            response = view(request, *args, **kwargs)
            if response.status_code == 405:
                allowed, response = response["Allow"], refusal_by_status(request, 405)
                response["Allow"] = allowed
            response["Content-Language"] = translation.get_language()
        patch_vary_headers(response, ["Accept-Language"])
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return wrapped


@_in_readers_language
def nothing_here(request: HttpRequest, rest: str = "") -> HttpResponse:
    """For every other address below /api/."""
    return refusal_by_status(request, 404)


nothing_here.csrf_exempt = True


@_in_readers_language
def broken(request: HttpRequest) -> HttpResponse:
    """For what nobody foresaw; the log has it (`config.urls.handler500`)."""
    return refusal(request, 500, "error", _("Something broke on our side. Try again in a few minutes."))


patterns, app_name, namespace = api.urls
for pattern in patterns:
    pattern.callback = _in_readers_language(pattern.callback)
urls = (patterns, app_name, namespace)
