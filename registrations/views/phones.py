"""The desk's page of the phones at the door: a pairing code for a new one, and revoking one."""

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.desk import page
from accounts.services import trail
from core.tokens import grouped
from events.models import Event
from events.views.staff import event_for
from registrations.desk import PAIRED, UNPAIRED
from registrations.documents import qr
from registrations.services import devices

PERMISSION = "registrations.check_in"


@page(PERMISSION)
def phones(request: HttpRequest, slug: str) -> HttpResponse:
    """The phones of an event; sent back, a code for a new one, shown this once."""
    event = _event(request, slug)
    new = None
    if request.method == "POST":
        device, code = devices.create_pairing(
            events=[event], created_by=request.user, name=request.POST.get("name", "")
        )
        trail.note(actor=request.user, subject=event, act=PAIRED)
        address = f"{settings.SITE_URL}{reverse('registrations:checkin')}#{code}"
        new = {"device": device, "code": grouped(code), "qr": qr.svg(address), "until": device.pairing_expires_at}
    known = event.devices.select_related("created_by").annotate(read=Count("scans", Q(scans__event=event)))
    context = {"event": event, "phones": known.order_by("-created_at"), "new": new, "now": timezone.now()}
    return render(request, "registrations/devices.html", context)


@page(PERMISSION)
@require_POST
def revoke(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    event = _event(request, slug)
    device = get_object_or_404(event.devices, pk=pk)
    devices.revoke(device=device)
    trail.note(actor=request.user, subject=event, act=UNPAIRED)
    messages.success(request, _("“%(name)s” is no longer paired. It is told the next time it asks.") % {"name": device})
    return redirect("registrations:devices", slug)


def _event(request: HttpRequest, slug: str) -> Event:
    return event_for(request, slug, PERMISSION)
