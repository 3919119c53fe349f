"""The map of addresses. Each room brings its own; pages are in every language, probes and APIs in none."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy as _

from config import api
from config.views import errors, probes, uploads
from mail.views import webhooks

handler500 = errors.broken

urlpatterns = [
    path("healthz", probes.healthz),
    path("readyz", probes.readyz),
    path("metrics", probes.metrics),
    path("webhooks/mail/<slug:provider>/tracking/", webhooks.tracking, name="mail-webhook"),
    path("media/<path:path>", uploads.uploaded, name="uploads"),
    path("api/v1/", api.urls),
    re_path("^api/(?P<rest>.*)$", api.nothing_here),
    *i18n_patterns(
        path("", include("events.urls")),
        path("", include("programmes.urls")),
        path("", include("newsletters.urls")),
        path("", include("accounts.urls")),
        path("", include("mail.urls")),
        path("", include("registrations.urls")),
        path(_("accounts/"), include("accounts.login_urls")),
        prefix_default_language=False,
    ),
]
