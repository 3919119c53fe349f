"""“Send me my links”: one field, and the same answer for every address."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core.limits import client_of
from registrations.forms.own import LostLinkForm
from registrations.services import RegistrationError, lost_links


def lost(request: HttpRequest) -> HttpResponse:
    form = LostLinkForm(request.POST or None)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            lost_links.ask(email=form.cleaned_data["email"], client=client_of(request))
        except RegistrationError as error:
            error.add_to(form)
            status = error.status
        else:
            messages.success(
                request,
                _("If somebody is registered with this address, a mail with the links is on its way. Nothing comes? "
                  "Look among the spam, and try the other addresses you use."),
            )  # fmt: skip
            return redirect("registrations:lost")
    return render(request, "registrations/lost.html", {"form": form}, status=status)
