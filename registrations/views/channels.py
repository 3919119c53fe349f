"""The staff's page about where people come from, over all the events that she may see."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import desk
from events.models import Event
from programmes.context import current_frame
from programmes.models import Territory
from registrations.channels import by_channel
from registrations.models import Registration


@desk.page("events.view")
def overview(request: HttpRequest) -> HttpResponse:
    """Of the whole programme, or of one province."""
    events = Event.objects.visible_to(request.user).filter(programme__is_current=True)
    chosen = request.GET.get("province", "")
    if chosen:
        events = events.in_province(chosen)
    found = Registration.objects.filter(event__in=events.values("pk").order_by())
    context = {
        "channels": by_channel(found, current_frame(request).organisations),
        "provinces": Territory.objects.filter(programme__is_current=True),
        "chosen": chosen,
    }
    return render(request, "registrations/staff/channels.html", context)
