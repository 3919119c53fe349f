"""The desk's pages of the phones at the door: a code for a new one, who is paired and well, renaming, revoking.

The list asks for itself again every two seconds (`static/js/fresh.js`): a phone appears the moment it is paired.
"""

import hashlib
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.desk import page
from accounts.services import trail
from core.tokens import grouped
from events.models import Event
from events.views.staff import event_for
from registrations.desk import PAIRED, RENAMED, UNPAIRED
from registrations.documents import qr
from registrations.services import devices
from registrations.services import phones as known_phones
from registrations.services.devices import DeviceError

PERMISSION = "registrations.check_in"


@page(PERMISSION)
def phones(request: HttpRequest, slug: str) -> HttpResponse:
    """The phones of an event; sent back, a code for a new one, shown this once."""
    event = _event(request, slug)
    near = list(known_phones.near(user=request.user, event=event))
    chosen = request.POST.getlist("event")
    is_asked = request.method == "POST" and not event.door_closed_at
    new = _pair(request, [event, *(one for one in near if one.slug in chosen)]) if is_asked else None
    context = {"event": event, "near": near, "chosen": chosen, "new": new, **_listed(event)}
    return render(request, "registrations/devices.html", context)


@page(PERMISSION)
@require_safe
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """The part of the page that changes, or 304."""
    shown = render_to_string("registrations/_devices.html", _listed(_event(request, slug)), request)
    etag = quote_etag(hashlib.sha256(shown.encode()).hexdigest()[:20])
    return get_conditional_response(request, etag=etag, response=HttpResponse(shown, headers={"ETag": etag}))


@page(PERMISSION)
def phone(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One phone: its name, and what happens when it is revoked."""
    event = _event(request, slug)
    shown = next((one for one in known_phones.of_event(event=event) if one.device.pk == pk), None)
    if shown is None:
        raise Http404
    error, name = None, shown.device.name
    if request.method == "POST":
        name = request.POST.get("name", "")
        try:
            known_phones.rename(device=shown.device, name=name)
        except DeviceError as refused:
            error = refused
        else:
            trail.note(actor=request.user, subject=event, act=RENAMED)
            return redirect("registrations:devices", slug)
    context = {"event": event, "phone": shown, "error": error, "name": name}
    return render(request, "registrations/device.html", context, status=422 if error else 200)


@page(PERMISSION)
@require_POST
def revoke(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    event = _event(request, slug)
    device = get_object_or_404(event.devices, pk=pk)
    devices.revoke(device=device)
    trail.note(actor=request.user, subject=event, act=UNPAIRED)
    messages.success(request, _("“%(name)s” is no longer paired. It is told the next time it asks.") % {"name": device})
    return redirect("registrations:devices", slug)


def _pair(request: HttpRequest, events: list[Event]) -> dict[str, Any]:
    device, code = devices.create_pairing(events=events, created_by=request.user, name=request.POST.get("name", ""))
    for event in events:
        trail.note(actor=request.user, subject=event, act=PAIRED)
    address = f"{settings.SITE_URL}{reverse('registrations:checkin')}#{code}"
    return {
        "device": device,
        "code": grouped(code),
        "qr": qr.svg(address),
        "until": device.pairing_expires_at,
        "events": events,
    }


def _listed(event: Event) -> dict[str, Any]:
    found = known_phones.of_event(event=event)
    return {
        "event": event,
        "phones": [one for one in found if one.is_known],
        "former": [one for one in found if not one.is_known],
    }


def _event(request: HttpRequest, slug: str) -> Event:
    event = event_for(request, slug, PERMISSION)
    event.door_closed_at = devices.door_closed_at(event)
    return event
