"""Who stands behind the programme, what the law wants said, and the small files that browsers and robots ask for."""

from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _

from programmes import views

app_name = "programmes"
urlpatterns = [
    path(_("partners/"), views.partners, name="partners"),
    path(_("privacy/"), views.privacy, name="privacy"),
    path(_("accessibility/"), views.accessibility, name="accessibility"),
    path(_("legal-notes/"), views.legal, name="legal"),
    path(_("site-map/"), views.sitemap, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
    re_path(r"^colour/(?P<colour>[0-9a-f]{6})\.css$", views.colour, name="colour"),
]
