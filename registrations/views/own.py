"""A participant's own data: mend them, take them along, have them erased."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.limits import client_of
from registrations.forms.own import DetailsForm
from registrations.services import RegistrationError, erasing, own_data, own_details
from registrations.views.personal import personal, registration_of


@personal
def details(request: HttpRequest, token: str) -> HttpResponse:
    registration = registration_of(token)
    if not own_details.may_change(registration):
        return redirect("registrations:manage", token)
    form = DetailsForm(request.POST or None, registration=registration)
    context = {"registration": registration, "event": registration.event, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            own_details.change(registration=registration, client=client_of(request), **form.cleaned_data)
        except RegistrationError as error:
            error.add_to(form)
            form.show_again_over(registration)
            context["is_stale"] = error.code == "stale"
            return render(request, "registrations/details.html", context, status=error.status)
        messages.success(request, _("Saved."))
        return redirect("registrations:manage", token)
    return render(request, "registrations/details.html", context, status=422 if form.errors else 200)


@personal
@require_safe
def data(request: HttpRequest, token: str) -> HttpResponse:
    """Everything about this registration as a file that programs read."""
    registration = registration_of(token)
    response = JsonResponse(own_data.everything(registration), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{registration.event.slug}.json"'
    return response


@personal
def erase(request: HttpRequest, token: str) -> HttpResponse:
    """First what would happen, exactly; the button does it, or asks the staff."""
    registration = registration_of(token)
    if request.method == "POST":
        registration = erasing.ask(registration=registration)
        if registration.is_erasure_open:
            messages.success(request, _("We have your request and answer by mail within 30 days."))
    elif not registration.erased_at:
        context = {
            "registration": registration,
            "event": registration.event,
            "was_present": erasing.was_present(registration),
        }
        return render(request, "registrations/erase.html", context)
    return redirect("registrations:manage", token)
