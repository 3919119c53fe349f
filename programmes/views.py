"""The pages about the programme itself. Each shows the frame and its own words; none asks the database for more."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core.public_page import public_page
from programmes.context import current_frame
from programmes.models import Organisation

PRIVATE = [_("desk/"), _("accounts/"), _("registrations/"), _("newsletter/preferences/")]
"""Beginnings of addresses that only staff or one person should open."""


@require_safe
@public_page()
def partners(request: HttpRequest) -> HttpResponse:
    """Everybody by role, the lead first."""
    return render(request, "programmes/partners.html")


@require_safe
@public_page()
def privacy(request: HttpRequest) -> HttpResponse:
    """What happens to people's data, in the words of their language; the controller is the lead organisation."""
    return _long_text(request, "privacy", lead=_lead(request))


@require_safe
@public_page()
def accessibility(request: HttpRequest) -> HttpResponse:
    """The self-assessed declaration of accessibility, and whom to tell about a barrier."""
    return _long_text(request, "accessibility", lead=_lead(request), site_url=settings.SITE_URL)


@require_safe
@public_page()
def legal(request: HttpRequest) -> HttpResponse:
    return _long_text(request, "legal", lead=_lead(request))


def _long_text(request: HttpRequest, name: str, **context) -> HttpResponse:
    """`programmes/<name>.html` around the text of the reader's language, or the English one where there is none."""
    texts = [f"programmes/texts/{name}.{language}.html" for language in (get_language(), "en")]
    return render(request, f"programmes/{name}.html", context | {"texts": texts})


def _lead(request: HttpRequest) -> Organisation | None:
    everybody = current_frame(request).partners
    return next((one for one in everybody if one.role == Organisation.Role.LEAD), None)


@require_safe
@public_page()
def sitemap(request: HttpRequest) -> HttpResponse:
    return render(request, "programmes/sitemap.html")


@require_safe
@cache_control(public=True, max_age=86400)
def robots(request: HttpRequest) -> HttpResponse:
    """Personal links and the staff's pages are not for search engines, in any language."""
    lines = ["User-agent: *", "Disallow: /api/", "Disallow: /t/"]
    for language, _label in settings.LANGUAGES:
        with override(language):
            home = reverse("events:home")
            lines += [f"Disallow: {home}{path}" for path in PRIVATE]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("favicon.svg"), permanent=True)


@require_safe
@cache_control(public=True, max_age=31536000, immutable=True)
def colour(request: HttpRequest, colour: str) -> HttpResponse:
    """The programme's own colour as the one token that `convivio.css` derives the others from."""
    return HttpResponse(f":root {{ --main: #{colour}; }}\n", content_type="text/css; charset=utf-8")
