"""A kept file as a download: its very bytes, or a page that says why not and what to do.

For what was brought and for registers alike. Whatever stands in a file, it runs nothing here.
"""

from io import BytesIO

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.services import trail
from events.models import Event
from registrations.desk import FILE_TAKEN, SEALED_TAKEN
from registrations.models import Evidence, Seal
from registrations.services import evidence as rules
from registrations.services import kept_files


def brought(request: HttpRequest, evidence: Evidence) -> HttpResponse:
    try:
        content = kept_files.content(evidence.file, evidence.sha256)
    except kept_files.BrokenFileError as error:
        return broken(request, evidence, error)
    trail.note(actor=request.user, subject=evidence.event, act=FILE_TAKEN, detail=f"({evidence.sha256[:12]})")
    return _given(content, rules.download_name(evidence, content), rules.content_type(evidence))


def sealed(request: HttpRequest, register: Seal, kind: str) -> HttpResponse:
    """`kind` is `xlsx` or `pdf`."""
    name, sha256 = f"registro-{register.event.slug}-{register.number}.{kind}", getattr(register, f"{kind}_sha256")
    try:
        content = kept_files.content(getattr(register, kind), sha256)
    except kept_files.BrokenFileError as error:
        return _broken(request, register.event, name, sha256, error)
    trail.note(actor=request.user, subject=register.event, act=SEALED_TAKEN, detail=f"({register.number}, {kind})")
    return _given(content, name)


def broken(request: HttpRequest, evidence: Evidence, error: kept_files.BrokenFileError) -> HttpResponse:
    return _broken(request, evidence.event, evidence.name, evidence.sha256, error, evidence)


def _broken(
    request: HttpRequest,
    event: Event,
    name: str,
    sha256: str,
    error: kept_files.BrokenFileError,
    evidence: Evidence | None = None,
) -> HttpResponse:
    context = {"event": event, "name": name, "sha256": sha256, "refusal": error, "evidence": evidence}
    return render(request, "registrations/staff/broken_file.html", context, status=error.status)


def _given(content: bytes, name: str, content_type: str = "") -> FileResponse:
    response = FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type=content_type or None)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
