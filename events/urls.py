"""Events for everybody: the home page, the list, one event, the calendars. Staff pages follow under `desk/`."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from events import feeds
from events.views import public

app_name = "events"
urlpatterns = [
    path("", public.home, name="home"),
    path(_("events/"), public.listing, name="list"),
    path(_("events.ics"), feeds.all_events, name="calendar"),
    path(_("events/<slug:slug>.ics"), feeds.one_event, name="event-calendar"),
    path(_("events/<slug:slug>/"), public.detail, name="detail"),
]
