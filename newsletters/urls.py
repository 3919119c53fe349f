"""Newsletters for everybody: archive, one of them, a reader's own pages. For the staff: writing and sending."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from newsletters.views import archive, reader

app_name = "newsletters"
urlpatterns = [
    path(_("newsletter/"), archive.index, name="archive"),
    path(_("newsletter/subscribe/"), reader.subscribe, name="subscribe"),
    path(_("newsletter/subscribe/sent/"), reader.asked, name="asked"),
    path(_("newsletter/confirm/<str:token>/"), reader.confirm, name="confirm"),
    path(_("newsletter/preferences/<str:token>/"), reader.preferences, name="preferences"),
    path(_("newsletter/unsubscribe/<str:token>/"), reader.unsubscribe, name="unsubscribe"),
    path(_("newsletter/<slug:slug>/"), archive.detail, name="detail"),
]
