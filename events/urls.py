"""Events for everybody: the home page, the list, one event, the calendars. Staff pages follow under `desk/`."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from events import feeds
from events.views import elsewhere, pictures, public, questions, series, staff, venues

app_name = "events"
urlpatterns = [
    path("", public.home, name="home"),
    path(_("events/"), public.listing, name="list"),
    path(_("events.ics"), feeds.all_events, name="calendar"),
    path(_("events/<slug:slug>.ics"), feeds.one_event, name="event-calendar"),
    path(_("events/<slug:slug>/"), public.detail, name="detail"),
    path(_("events/<slug:slug>/preview.png"), pictures.event, name="picture"),
    path(_("embed/events/"), elsewhere.embedded, name="embedded"),
    path("preview.png", pictures.home, name="home-picture"),
    path(_("desk/partners-sites/"), elsewhere.partners_sites, name="staff-elsewhere"),
    path(_("desk/venues/"), venues.listing, name="staff-venues"),
    path(_("desk/venues/new/"), venues.create, name="staff-venue-create"),
    path(_("desk/venues/<int:pk>/"), venues.edit, name="staff-venue"),
    path(_("desk/events/"), staff.listing, name="staff-list"),
    path(_("desk/events/new/"), staff.create, name="staff-create"),
    path(_("desk/events/<slug:slug>/"), staff.board, name="staff-event"),
    path(_("desk/events/<slug:slug>/series/"), series.overview, name="staff-series"),
    path(_("desk/events/<slug:slug>/series/new/"), series.create, name="staff-series-create"),
    path(_("desk/events/<slug:slug>/series/publish/"), series.publish, name="staff-series-publish"),
    path(_("desk/events/<slug:slug>/edit/"), staff.edit, name="staff-edit"),
    path(_("desk/events/<slug:slug>/publish/"), staff.publish, name="staff-publish"),
    path(_("desk/events/<slug:slug>/cancel/"), staff.cancel, name="staff-cancel"),
    path(_("desk/events/<slug:slug>/questions/"), questions.listing, name="staff-questions"),
    path(_("desk/events/<slug:slug>/questions/new/"), questions.create, name="staff-question-create"),
    path(_("desk/events/<slug:slug>/questions/<int:pk>/"), questions.edit, name="staff-question"),
    path(_("desk/events/<slug:slug>/questions/<int:pk>/move/"), questions.move, name="staff-question-move"),
    path(_("desk/events/<slug:slug>/questions/<int:pk>/remove/"), questions.remove, name="staff-question-remove"),
    path(_("desk/events/<slug:slug>/<str:part>/edit/"), staff.parts, name="staff-parts"),
]
