"""At the form's door: the invitation that a link shows, and what somebody reads whom the form does not open for.

Nothing is told here about anybody else who is invited, nor by whom a used link was used: that mail goes to her alone.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core.errors import refusals_shown
from core.limits import client_of
from events.models import Event
from registrations.models import Invitation
from registrations.services import RegistrationError, admitting, signup

PARAMETER = "invito"
CODES = {"invitation_required", "invitation_used"}


def token_of(request: HttpRequest) -> str:
    return (request.POST.get("invitation") or request.GET.get(PARAMETER, ""))[:32]


def look(event: Event, token: str) -> tuple[Invitation | None, RegistrationError | None]:
    """The invitation of the link, or why the form does not open."""
    try:
        return admitting.find_invitation(event, token), None
    except RegistrationError as error:
        return None, error


def known_of(invitation: Invitation | None) -> dict[str, str]:
    """What the form knows beforehand of who was invited."""
    if invitation is None:
        return {}
    names = ("first_name", "last_name", "email", "organisation")
    return {name: getattr(invitation, name) for name in names} | {"invitation": invitation.token}


def refused(request: HttpRequest, event: Event, token: str, refusal: RegistrationError) -> HttpResponse:
    """Why the form does not open. Who used her link already has her registration's mail sent again."""
    registration = admitting.used_by(event, token) if refusal.code == "invitation_used" else None
    if registration and "send_link" in request.POST:
        with refusals_shown(request):
            signup.resend(registration=registration, client=client_of(request))
            messages.success(request, _("The mail is on its way to the address that was registered."))
        return redirect(f"{request.path}?{PARAMETER}={token}")
    context = {"event": event, "token": token, "refusal": refusal, "may_resend": registration is not None}
    status = refusal.status if request.method == "POST" else 200
    return render(request, "registrations/not_admitted.html", context, status=status)
