"""A place that is handed over: the holder's page to offer it, and the colleague's to take it or to decline."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import refusals_shown
from core.limits import client_of
from registrations.forms.own import ColleagueForm, TakeOverForm
from registrations.models import Handover
from registrations.services import RegistrationError, handing_over
from registrations.views.personal import is_owner, personal, registration_of, remember_owner


@personal
def hand_over(request: HttpRequest, token: str) -> HttpResponse:
    registration = registration_of(token)
    if not handing_over.may_offer(registration) or registration.handovers.open().exists():
        return redirect("registrations:manage", token)
    form = ColleagueForm(request.POST or None)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            handing_over.offer(registration=registration, client=client_of(request), **form.cleaned_data)
        except RegistrationError as error:
            error.add_to(form)
            status = error.status
        else:
            messages.success(request, _("We have written to your colleague. Until the place is taken it stays yours."))
            return redirect("registrations:manage", token)
    context = {"registration": registration, "event": registration.event, "form": form}
    return render(request, "registrations/hand_over.html", context, status=status)


@personal
@require_POST
def take_back(request: HttpRequest, token: str) -> HttpResponse:
    with refusals_shown(request):
        handing_over.take_back(registration=registration_of(token))
        messages.success(request, _("Your place is yours alone again."))
    return redirect("registrations:manage", token)


@personal
def handover(request: HttpRequest, token: str) -> HttpResponse:
    """For who holds the link of the offer. Once used, it opens nothing any more, for whomever it was passed on to."""
    offer = _offer(token)
    if offer.successor and is_owner(request, offer.successor):
        return redirect("registrations:manage", offer.successor.token)
    if not offer.is_open or not handing_over.may_offer(offer.registration):
        return _page(request, offer, status=410)
    form = TakeOverForm(None if "decline" in request.POST else request.POST or None, handover=offer)
    if "decline" in request.POST:
        with refusals_shown(request):
            handing_over.decline(handover=offer)
            return _page(request, offer, is_declined=True)
    if form.is_valid():
        try:
            successor = handing_over.accept(handover=offer, language=get_language(), **form.request_data)
        except RegistrationError as error:
            error.add_to(form)
            return _page(request, offer, form=form, status=error.status)
        remember_owner(request, successor)
        return redirect("registrations:manage", successor.token)
    return _page(request, offer, form=form, status=422 if form.errors else 200)


def _offer(token: str) -> Handover:
    related = "registration__event__programme", "registration__event__venue", "successor"
    offer = Handover.objects.select_related(*related).filter(token=token).first()
    if offer is None:
        raise Http404
    return offer


def _page(request: HttpRequest, offer: Handover, status: int = 200, **more: object) -> HttpResponse:
    context = {"handover": offer, "registration": offer.registration, "event": offer.registration.event, **more}
    return render(request, "registrations/handover.html", context, status=status)
