"""The staff's pages about places: which there are, one more, one changed."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import desk
from events.forms import VenueForm
from events.models import Venue
from events.services import venues
from programmes.context import current_frame


@desk.page("events.change")
def listing(request: HttpRequest) -> HttpResponse:
    rows = Venue.objects.visible_to(request.user).filter(programme__is_current=True).select_related("territory")
    return render(request, "events/staff/venues.html", {"venues": rows.order_by("town", "name")})


@desk.page("events.change")
def create(request: HttpRequest) -> HttpResponse:
    programme = current_frame(request).programme
    if programme is None:
        raise Http404
    return _edited(request, Venue(programme=programme))


@desk.page("events.change")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Venue.objects.visible_to(request.user).select_related("programme")
    return _edited(request, get_object_or_404(rows, pk=pk))


def _edited(request: HttpRequest, venue: Venue) -> HttpResponse:
    form = VenueForm(request.POST or None, instance=venue, user=request.user)
    if form.is_valid():
        if venue.pk:
            venues.update_venue(venue=venue, changes=form.changes)
        else:
            form.save()
        messages.success(request, _("Saved."))
        return redirect("events:staff-venues")
    return render(request, "events/staff/venue.html", {"form": form})
