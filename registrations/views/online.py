"""A person's own door to the online room, behind her personal link.

One button notes that she comes in and opens the room in a window of its own; the page stays beside it, keeps her
attendance and takes the codes of the room. A form may not lead to another site (Content-Security-Policy), so that the
new window opens on a page of ours, which goes on to the room by itself. Everything works by plain forms.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.errors import refusals_shown
from events.models import Mode
from registrations.forms.online import RoomCodeForm
from registrations.models import Registration
from registrations.services import RegistrationError, presence, room_codes
from registrations.views.personal import personal, registration_of, remember_owner

ACTS = {"enter": presence.enter, "stay": presence.stay, "leave": presence.leave}


@personal
def online(request: HttpRequest, token: str) -> HttpResponse:
    registration = registration_of(token)
    if registration.state != Registration.State.CONFIRMED or registration.erased_at:
        return redirect("registrations:manage", token)
    if registration.mode != Mode.ONLINE:
        context = {"registration": registration, "event": registration.event}
        return render(request, "registrations/online_in_person.html", context, status=_refused_if_sent(request))
    remember_owner(request, registration)
    if request.method != "POST":
        return _page(request, registration, RoomCodeForm())
    if "X-Heartbeat" in request.headers:
        return _heard(request, registration)
    return _give(request, registration) if "code" in request.POST else _act(request, registration)


@personal
@require_safe
def room(request: HttpRequest, token: str) -> HttpResponse:
    """The way on to the room itself, for who has come in."""
    registration = registration_of(token)
    event = registration.event
    if not event.online_url or not presence.is_open(event) or not presence.so_far(registration).since:
        return redirect("registrations:online", token)
    return render(request, "registrations/online_room.html", {"registration": registration, "event": event})


def _act(request: HttpRequest, registration: Registration) -> HttpResponse:
    act = _asked(request)
    with refusals_shown(request):
        ACTS[act](registration=registration)
        if act == "enter" and registration.event.online_url:
            return redirect("registrations:online-room", registration.token)
    return redirect("registrations:online", registration.token)


def _heard(request: HttpRequest, registration: Registration) -> HttpResponse:
    """The answer to the page's own sign of life: what counts so far, or nothing (204) when she does not count."""
    try:
        ACTS[_asked(request)](registration=registration)
    except RegistrationError:
        return HttpResponse(status=204)
    so_far = presence.so_far(registration)
    if not so_far.since:
        return HttpResponse(status=204)
    return render(request, "registrations/_online_facts.html", {"event": registration.event, "so_far": so_far})


def _give(request: HttpRequest, registration: Registration) -> HttpResponse:
    form = RoomCodeForm(request.POST)
    if not form.is_valid():
        return _page(request, registration, form, status=422)
    try:
        moment = room_codes.give(registration=registration, typed=form.cleaned_data["code"])
    except RegistrationError as error:
        error.add_to(form)
        return _page(request, registration, form, status=error.status)
    is_start = moment == room_codes.Moment.START
    messages.success(
        request, _("Thank you, we have your start code.") if is_start else _("Thank you, we have your end code.")
    )
    return redirect("registrations:online", registration.token)


def _page(request: HttpRequest, registration: Registration, form: RoomCodeForm, status: int = 200) -> HttpResponse:
    event = registration.event
    context: dict[str, Any] = {
        "registration": registration,
        "event": event,
        "is_open": presence.is_open(event),
        "takes_codes": room_codes.are_taken(event),
        "so_far": presence.so_far(registration),
        "form": form,
    }
    return render(request, "registrations/online.html", context, status=status)


def _asked(request: HttpRequest) -> str:
    return next((act for act in ACTS if act in request.POST), "enter")


def _refused_if_sent(request: HttpRequest) -> int:
    return 409 if request.method == "POST" else 200
