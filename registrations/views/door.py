"""The phone at the door: its page, pairing with one tap, the service worker that keeps the page.

The check-in page itself holds nobody's data and asks for no login, so that it opens without network; what it shows
comes through the API with the phone's token. Somebody who is logged in and may check people in pairs her phone with one
tap; anybody else types the pairing code that an organiser reads from the desk (`views.phones`).
"""

import hashlib
import json
from datetime import timedelta
from functools import lru_cache

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from accounts.services import trail
from events.models import Event
from registrations.consents import PURPOSES
from registrations.desk import PAIRED
from registrations.services import devices, door_table

PERMISSION = "registrations.check_in"
MODULES = sorted((settings.BASE_DIR / "static" / "js" / "door").glob("*.js"))
NOT_IMPORTED = {"worker.js", "decode_worker.js"}  # they run beside the page
FIRST = [f"js/door/{name}.js" for name in ("reading", "decode", "engines", "page", "wedge", "ticket")]
IMPORTED = FIRST + [
    name for path in MODULES if path.name not in NOT_IMPORTED and (name := f"js/door/{path.name}") not in FIRST
]
READERS = ["zxing/reader/index.js", "zxing/zxing_reader.wasm", "qr/decode.js", "js/door/decode_worker.js"]
LOADED = ["js/door/door.js", "css/door.css", *READERS]  # by their versioned addresses
ALSO_IMPORTED = ["zxing/share.js", "qr/index.js"]  # by the readers
ICONS = [("door-192", 192, "any"), ("door-512", 512, "any"), ("door-maskable-512", 512, "maskable")]
FONTS = [f"bootstrap-italia/fonts/titillium-web-{weight}.woff2" for weight in (400, 700)]
OFFERED = 6


@never_cache
@gzip_page
@require_safe
def door(request: HttpRequest) -> HttpResponse:
    """The page of the phone; `nearest` are the events that who is logged in can pair it for."""
    context = {
        "nearest": _nearest(request),
        "purposes": PURPOSES.values(),
        "reading": settings.STATIC_URL + FIRST[0],
        "early": [settings.STATIC_URL + name for name in FIRST],
        "modules": [settings.STATIC_URL + name for name in IMPORTED[len(FIRST) :]],
        "config": {
            "api": reverse("api:openapi-json").removesuffix("openapi.json"),
            "page": reverse("registrations:checkin"),
            "pair": reverse("registrations:checkin-pair"),
            "worker": reverse("registrations:checkin-worker"),
            "language": get_language(),
            "zone": settings.TIME_ZONE,
            **dict(zip(["zxing", "wasm", "qr", "reader"], map(static, READERS), strict=True)),
        },
    }
    response = render(request, "registrations/checkin.html", context)
    response["Permissions-Policy"] = "camera=(self), microphone=()"
    return response


@login_required
@require_POST
def pair_here(request: HttpRequest) -> HttpResponse:
    """One tap: this very phone becomes a door's phone for the events chosen. Answers with its token."""
    chosen = _held(request).filter(slug__in=request.POST.getlist("event"))
    try:
        name = _("Phone of %(name)s") % {"name": request.user.first_name}
        _device, code = devices.create_pairing(events=chosen, created_by=request.user, name=name)
        device, token = devices.pair(code=code)
    except devices.DeviceError as error:
        return JsonResponse({"code": error.code, "message": str(error)}, status=error.status)
    for event in chosen:
        trail.note(actor=request.user, subject=event, act=PAIRED)
    events = [
        {"id": event.pk, "slug": event.slug, "title": str(event.title), "closes_at": door_table.closes_at(event)}
        for event in chosen
    ]
    return JsonResponse({"token": token, "name": device.name, "events": events})


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker that keeps the page for the time without network. A new version of any file is a new one."""
    files = {static(name) for name in [*LOADED, *FONTS]}
    files |= {settings.STATIC_URL + name for name in [*IMPORTED, *ALSO_IMPORTED]}
    kept = {"version": _version(), "page": reverse("registrations:checkin"), "files": sorted(files)}
    script = f"self.DOOR = {json.dumps(kept)};\nimportScripts({json.dumps(static('js/door/worker.js'))});\n"
    return HttpResponse(script, content_type="text/javascript", headers={"Cache-Control": "no-cache"})


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What makes the page an app on the home screen: its name, its icons, where it begins."""
    door = reverse("registrations:checkin")
    icons = [
        {"src": static(f"icons/{name}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for name, size, purpose in ICONS
    ]
    told = {
        "id": door, "start_url": door, "scope": door, "lang": get_language(),
        "name": _("Check-in at the door"), "short_name": _("Check-in"),
        "display": "standalone", "orientation": "portrait",
        "background_color": "#12211a", "theme_color": "#12211a", "icons": icons,
    }  # fmt: skip
    headers = {"Cache-Control": "max-age=3600"}
    return HttpResponse(json.dumps(told), content_type="application/manifest+json", headers=headers)


def _held(request: HttpRequest) -> QuerySet[Event]:
    """Where there is a door to stand at: announced, and not called off."""
    mine = Event.objects.visible_to(request.user, PERMISSION)
    return mine.filter(published_at__isnull=False, cancelled_at=None)


def _nearest(request: HttpRequest) -> list[Event]:
    """Events that are on or come next; today's, or the one asked for, is chosen beforehand."""
    now = timezone.now()
    nearest = list(
        _held(request).filter(ends_at__gt=now - door_table.CLOSES_AFTER).order_by("starts_at", "pk")[:OFFERED]
    )
    asked = request.GET.get("event", "")
    for event in nearest:
        event.is_chosen = event.slug == asked if asked else event.starts_at - timedelta(hours=12) <= now
    return nearest


def _version() -> str:
    return _fingerprint() if settings.DEBUG else _fingerprint_kept()


def _fingerprint() -> str:
    templates = (settings.BASE_DIR / "templates" / "registrations").glob("*checkin*.html")
    paths = [*MODULES, settings.BASE_DIR / "static" / "css" / "door.css", *sorted(templates)]
    stamp = settings.BASE_DIR / "package-lock.json"
    return hashlib.sha256(b"".join(path.read_bytes() for path in [*paths, stamp])).hexdigest()[:16]


_fingerprint_kept = lru_cache(_fingerprint)
