"""The staff's page about somebody who asks that her data be erased: what may go, what stays, and the two answers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import desk
from accounts.services import trail
from registrations.desk import ERASED, KEPT
from registrations.forms.staff import KeepDataForm
from registrations.services import RegistrationError, erasing
from registrations.views.staff import person_for


@desk.page("registrations.change")
def decide(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    registration = person_for(request, slug, pk, "registrations.change")
    form = KeepDataForm(request.POST if "refuse" in request.POST else None)
    if "grant" in request.POST:
        erasing.grant(registration=registration)
        trail.note(actor=request.user, subject=registration.event, act=ERASED)
        messages.success(request, _("Erased. The person was told by mail, where there was an address."))
        return redirect("registrations:staff-detail", slug=slug, pk=pk)
    if form.is_valid():
        try:
            erasing.refuse(registration=registration, reason=form.cleaned_data["reason"])
        except RegistrationError as error:
            error.add_to(form)
        else:
            trail.note(actor=request.user, subject=registration.event, act=KEPT)
            messages.success(request, _("The refusal and its reason are on their way by mail."))
            return redirect("registrations:staff-detail", slug=slug, pk=pk)
    context = {
        "registration": registration,
        "event": registration.event,
        "form": form,
        "was_present": erasing.was_present(registration),
    }
    return render(request, "registrations/staff/erasure.html", context, status=422 if form.errors else 200)
