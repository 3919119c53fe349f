"""The organiser's page for certificates, and the download of one's own."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.desk import page
from accounts.services import trail
from core.errors import refusals_shown
from events.models import Event
from events.views.staff import event_for
from registrations.desk import ISSUED, REPLACED, REVOKED
from registrations.documents.certificate import file_name
from registrations.models import Certificate
from registrations.services import certificate_overview, certificates

PERMISSION = "registrations.issue_certificates"


def _event(request: HttpRequest, slug: str) -> Event:
    return event_for(request, slug, PERMISSION)


def _certificate(request: HttpRequest, slug: str, pk: int) -> Certificate:
    mine = Certificate.objects.visible_to(request.user, PERMISSION).select_related("registration__event")
    return get_object_or_404(mine, registration__event__slug=slug, pk=pk)


@page(PERMISSION)
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """Who reached the threshold, who did not and why; sent back, it issues at once."""
    event = _event(request, slug)
    if request.method == "POST":
        with refusals_shown(request):
            issued = len(certificates.issue(event=event))
            trail.note(actor=request.user, subject=event, act=ISSUED, detail=f"({issued})")
            told = ngettext(
                "%(number)d certificate issued: the PDF and its mail are on their way.",
                "%(number)d certificates issued: the PDFs and their mails are on their way.",
                issued,
            )
            messages.success(request, told % {"number": issued})
        return redirect("registrations:certificates", slug)
    context = {
        "event": event,
        "overview": certificate_overview.overview(event=event),
        "is_automatic_soon": certificate_overview.is_automatic_soon(event),
    }
    return render(request, "registrations/certificates.html", context)


@page(PERMISSION)
@require_POST
def resend(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    certificate = _certificate(request, slug, pk)
    with refusals_shown(request):
        certificates.resend(certificate=certificate)
        messages.success(request, _("The certificate of %(name)s is mailed once more.") % {"name": certificate.name})
    return redirect("registrations:certificates", slug)


@page(PERMISSION)
@require_POST
def revoke(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    certificate = _certificate(request, slug, pk)
    with refusals_shown(request):
        certificates.revoke(certificate=certificate, reason=request.POST.get("reason", ""))
        trail.note(actor=request.user, subject=certificate.event, act=REVOKED)
        messages.success(request, _("The certificate of %(name)s is revoked.") % {"name": certificate.name})
    return redirect("registrations:certificates", slug)


@page(PERMISSION)
@require_POST
def reissue(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A new certificate for the registration `pk`, in the place of the one that counted."""
    registration = get_object_or_404(_event(request, slug).registrations, pk=pk)
    with refusals_shown(request):
        certificates.reissue(registration=registration, reason=request.POST.get("reason", ""))
        trail.note(actor=request.user, subject=registration.event, act=REPLACED)
        messages.success(request, _("%(name)s gets a new certificate.") % {"name": registration.name})
    return redirect("registrations:certificates", slug)


@page(PERMISSION)
@require_GET
def download(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return _pdf(_certificate(request, slug, pk))


@never_cache
@require_GET
def own_certificate(request: HttpRequest, token: str) -> HttpResponse:
    """One's own certificate, by the link in the mail; there is none as long as the worker has not made it."""
    valid = Certificate.objects.valid().select_related("registration__event")
    return _pdf(get_object_or_404(valid, registration__token=token))


def _pdf(certificate: Certificate) -> FileResponse:
    if not certificate.pdf:
        raise Http404
    return FileResponse(certificate.pdf.open(), as_attachment=True, filename=file_name(certificate))
