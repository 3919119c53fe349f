"""Where anybody checks that a certificate is genuine: by the QR, by the link, or by typing the code.

Shows as little of the person as proves the point. Codes cannot be guessed, and trying many is slowed down.
"""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from core.limits import Limit, client_of
from core.tokens import clean_code, grouped
from registrations.documents.certificate import in_hours
from registrations.services import certificates

LONGEST_CODE = 32
CHECKS = Limit("certificate checks", 30, timedelta(minutes=1))
"""From one address. An office with many certificates stays below it; a program that tries codes does not."""


@require_GET
def form(request: HttpRequest) -> HttpResponse:
    code = clean_code(request.GET.get("code", ""))[:LONGEST_CODE]
    if code:
        return redirect("registrations:verify", grouped(code))
    return _page(request, {"is_empty": "code" in request.GET})


@never_cache
@require_GET
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Genuine, revoked or unknown (404)."""
    client = client_of(request)
    if client and not CHECKS.count(client):
        return _page(request, {"is_too_fast": True}, status=429)
    typed = clean_code(code)[:LONGEST_CODE]
    certificate = certificates.find(code)
    if certificate is None:
        return _page(request, {"is_unknown": True, "typed": grouped(typed)}, status=404)
    return _page(request, {"certificate": certificate, "attended": in_hours(certificate.minutes)})


def _page(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    response = render(request, "registrations/verify.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response
