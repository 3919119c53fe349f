"""A participant's own pages: the registration with all one can do with it, the ticket, the appointment."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, get_language_from_path, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import refusals_shown
from core.limits import client_of
from core.tokens import grouped
from events.models import Event
from registrations.documents import qr
from registrations.forms.participant import ConsentsForm
from registrations.models import Registration
from registrations.services import (
    agreeing,
    asking,
    changing,
    handing_over,
    notices,
    own_details,
    presence,
    restraint,
    signup,
    tickets,
    waiting_list,
)
from registrations.views.personal import is_owner, personal, registration_of, remember_owner

State = Registration.State


@personal
@require_safe
def manage(request: HttpRequest, token: str) -> HttpResponse:
    registration = registration_of(token)
    if registration.erased_at:
        return render(request, "registrations/erased.html", _erased(registration))
    if registration.state == State.EXPIRED or (registration.is_alive and not registration.is_known):
        return redirect("registrations:confirm", token)
    remember_owner(request, registration)
    event, agreements = registration.event, agreeing.agreements(registration)
    context = {
        "registration": registration,
        "event": event,
        "is_coming": registration.state == State.CONFIRMED and not event.cancelled_at,
        "is_over": event.state == Event.State.OVER,
        "can_change": registration.is_alive
        and event.state in {Event.State.PLANNED, Event.State.RUNNING}
        and not registration.entered_at,
        "other": next((places for mode, places in event.places.items() if mode != registration.mode), None),
        "position": waiting_list.position(registration),
        "is_room_open": presence.is_open(event),
        "certificate": registration.certificates.filter(revoked_at=None).first(),
        "agreements": agreements,
        "consents": ConsentsForm(agreements=agreements),
        "may_change_details": own_details.may_change(registration),
        "may_hand_over": handing_over.may_offer(registration),
        "handover": registration.handovers.select_related("successor").order_by("-pk").first(),
        "asks": asking.asks(registration),
        "answered": asking.answered(registration),
        "needs": asking.needs_of(registration),
        **_ticket(registration),
    }
    return render(request, "registrations/manage.html", context)


def _erased(registration: Registration) -> dict[str, object]:
    """What is left to show of somebody whose data are erased."""
    return {
        "registration": registration,
        "event": registration.event,
        "certificate": registration.certificates.filter(revoked_at=None).first(),
    }


def _ticket(registration: Registration) -> dict[str, object]:
    if registration.state != State.CONFIRMED:
        return {}
    return {
        "ticket": tickets.ticket_of(registration),
        "qr": qr.svg(tickets.ticket_url(registration)),
        "code": grouped(registration.code),
    }


@personal
@require_POST
def change_mode(request: HttpRequest, token: str) -> HttpResponse:
    registration = registration_of(token)
    with refusals_shown(request):
        changing.change_mode(registration=registration, mode=request.POST.get("mode", ""), client=client_of(request))
        messages.success(
            request, _("Done: you take part %(mode)s.") % {"mode": registration.get_mode_display().lower()}
        )
    return redirect("registrations:manage", token)


@personal
@require_POST
def wait_for(request: HttpRequest, token: str) -> HttpResponse:
    """On the waiting list: for one mode only, or for either."""
    registration = registration_of(token)
    with refusals_shown(request):
        waiting_list.choose_modes(registration=registration, accepts_other=request.POST.get("other") == "yes")
        messages.success(request, _("Your choices are kept."))
    return redirect("registrations:manage", token)


@personal
def offer(request: HttpRequest, token: str) -> HttpResponse:
    """A place became free: yes or no. Opening the link changes nothing, its buttons do."""
    registration = registration_of(token)
    if request.method == "POST":
        answer = waiting_list.accept if request.POST.get("answer") == "yes" else waiting_list.decline
        with refusals_shown(request):
            registration = answer(registration=registration)
        return redirect("registrations:manage", token)
    if registration.state != State.OFFERED:
        return redirect("registrations:manage", token)
    context = {"registration": registration, "event": registration.event}
    return render(request, "registrations/offer.html", context)


@personal
@require_POST
def choose_consents(request: HttpRequest, token: str) -> HttpResponse:
    registration = registration_of(token)
    form = ConsentsForm(request.POST, agreements=agreeing.agreements(registration))
    if form.is_valid():
        with refusals_shown(request):
            restraint.change(client=client_of(request), registration=registration)
            agreeing.choose(registration=registration, agreed=form.cleaned_data, language=get_language())
            messages.success(request, _("Your choices are kept."))
    return redirect("registrations:manage", token)


@personal
@require_POST
def resend(request: HttpRequest, token: str) -> HttpResponse:
    with refusals_shown(request):
        signup.resend(registration=registration_of(token), client=client_of(request))
        messages.success(
            request, _("The mail is on its way. It may take a minute or two; please look among the spam, too.")
        )
    return redirect("registrations:manage", token)


@personal
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    registration = registration_of(token)
    if request.method == "POST":
        with refusals_shown(request):
            changing.cancel(registration=registration)
        return redirect("registrations:manage", token)
    if not registration.is_alive:
        return redirect("registrations:manage", token)
    context = {"registration": registration, "event": registration.event}
    return render(request, "registrations/cancel.html", context)


@personal
@require_safe
def own_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The appointment as a file, for who lost the mail: the same entry, so that nobody has it twice."""
    registration = registration_of(token)
    with override(registration.language):
        content = notices.appointment(registration)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{registration.event.slug}.ics"'
    return response


@personal
def ticket(request: HttpRequest, ticket: str) -> HttpResponse:
    """What the QR opens. A forged ticket is no page at all; one that no longer counts says so, and names nobody."""
    registration = _bearer(ticket)
    if registration.ticket_version != tickets.read(ticket).version or registration.state != State.CONFIRMED:
        context = {"event": registration.event, "reason": _why_void(registration)}
        with override(get_language_from_path(request.path) or registration.language):
            return render(request, "registrations/ticket_void.html", context, status=410)
    if request.method == "POST":
        with refusals_shown(request):
            signup.resend(registration=registration, client=client_of(request))
            messages.success(request, _("We have sent the link to the address of this registration."))
        return redirect(request.path)
    context = {
        "registration": registration,
        "event": registration.event,
        "is_owner": is_owner(request, registration),
        **_ticket(registration),
    }
    with override(get_language_from_path(request.path) or registration.language):
        return render(request, "registrations/ticket.html", context)


def _bearer(text: str) -> Registration:
    genuine = tickets.read(text)
    if not isinstance(genuine, tickets.Ticket):
        raise Http404
    found = Registration.objects.filter(event=genuine.event_id, code=genuine.code, ticket_version__gte=genuine.version)
    registration = found.select_related(
        "event__programme", "event__venue", "event__territory", "group__facilitator"
    ).first()
    if registration is None:
        raise Http404
    return registration


def _why_void(registration: Registration) -> str:
    if registration.state == State.CONFIRMED:
        return "replaced"
    is_handed_over = registration.handovers.filter(accepted_at__isnull=False).exists()
    return "handed_over" if is_handed_over else "cancelled"
