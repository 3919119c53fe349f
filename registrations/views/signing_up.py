"""From the form to the confirmed place: register, look into the mail, confirm.

Nobody learns here whether an address is registered: whoever asks sees the same page, and only the owner of the address
gets the mail that says so. What was typed waits in the browser's session, so that a mistyped address can be corrected.
Opening the link changes nothing (mail scanners open links); its button does.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.addresses import normalise_email
from core.errors import refusals_shown
from core.limits import client_of
from core.tokens import link_token
from events.models import Event
from registrations.forms.participant import AgreeForm, EmailForm, RegistrationForm
from registrations.models import Registration
from registrations.services import RegistrationError, admitting, changing, places, signup
from registrations.views import admission
from registrations.views.personal import personal, registration_of, remember_owner

SENT = "sent_registrations"
REMEMBERED = 5
KEPT_SECONDS = 24 * 60 * 60
NOT_REMEMBERED = {"needs", "monitoring", "questions_version"}
"""What somebody needs and what the funder asks never waits in a session."""


def event_of(slug: str) -> Event:
    return get_object_or_404(Event.objects.public().select_related("programme", "venue", "territory"), slug=slug)


def create(request: HttpRequest, slug: str) -> HttpResponse:
    """The form. With somebody's own link it is a personal page."""
    token = admission.token_of(request)
    return (personal(_form) if token else _form)(request, event_of(slug), token)


def _form(request: HttpRequest, event: Event, token: str) -> HttpResponse:
    invitation, refusal = admission.look(event, token) if event.takes_registrations else (None, None)
    if refusal:
        return admission.refused(request, event, token, refusal)
    initial = {"via": request.via} | admission.known_of(invitation)
    form = RegistrationForm(request.POST or None, event=event, initial=initial)
    status = 200
    if request.method == "POST" and event.takes_registrations and form.is_valid():
        try:
            return _registered(request, event, form.request_data)
        except RegistrationError as error:
            if error.code in admission.CODES:
                return admission.refused(request, event, token, error)
            error.add_to(form)
            status = error.status
    if form.errors and status != 429:
        status = 422
    context = {"event": event, "form": form, "invitation": invitation, "keep_seconds": settings.PUBLIC_PAGE_SECONDS}
    return render(request, "registrations/create.html", context, status=status)


def _registered(request: HttpRequest, event: Event, data: dict) -> HttpResponse:
    """To the mail that confirms; whose own link has proved the address, at once to her registration."""
    registration = _register(request, event, data)
    if registration and registration.is_known:
        remember_owner(request, registration)
        return redirect("registrations:manage", registration.token)
    return redirect("registrations:sent", _keep(request, event, data, registration))


def _register(request: HttpRequest, event: Event, data: dict) -> Registration | None:
    """Register; None when the address is registered already, or not of those the event is for: its owner is told."""
    try:
        return signup.register(event=event, language=get_language(), client=client_of(request), **data)
    except RegistrationError as error:
        if error.code not in admitting.TOLD_BY_MAIL:
            raise
        signup.remind(event=event, email=data["email"])
        return None


def _keep(
    request: HttpRequest, event: Event, data: dict, registration: Registration | None, receipt: str | None = None
) -> str:
    receipt = receipt or link_token()
    waits = registration.state == Registration.State.WAITING if registration else _would_wait(event, data["mode"])
    until = timezone.now() + timedelta(minutes=event.programme.hold_minutes)
    sent = request.session.get(SENT, {})
    data = {name: value for name, value in data.items() if name not in NOT_REMEMBERED}
    sent[receipt] = {
        "event": event.slug,
        "data": {**data, "email": normalise_email(data["email"])},
        "registration": registration and registration.pk,
        "waits": waits,
        "until": until.isoformat(),
    }
    request.session[SENT] = dict(list(sent.items())[-REMEMBERED:])
    if not request.user.is_authenticated:
        request.session.set_expiry(KEPT_SECONDS)
    return receipt


def forget_receipts(request: HttpRequest, registration: Registration) -> None:
    """What was typed for it is needed no more."""
    sent = request.session.get(SENT, {})
    if any(one["registration"] == registration.pk for one in sent.values()):
        request.session[SENT] = {key: one for key, one in sent.items() if one["registration"] != registration.pk}


def _would_wait(event: Event, mode: str) -> bool:
    """What somebody new would have been told."""
    return not places.has_for_newcomer(event, mode)


@personal
def sent(request: HttpRequest, token: str) -> HttpResponse:
    """“Look into your mail”: for the browser that sent the form, and no other."""
    kept = request.session.get(SENT, {}).get(token)
    if kept is None:
        raise Http404
    event = event_of(kept["event"])
    form = EmailForm(request.POST if "correct" in request.POST else None)
    if request.method == "POST":
        if "resend" in request.POST:
            with refusals_shown(request):
                signup.remind(event=event, email=kept["data"]["email"], client=client_of(request))
                messages.success(
                    request, _("The mail is on its way. It may take a minute or two; please look among the spam, too.")
                )
            return redirect("registrations:sent", token)
        if form.is_valid() and _corrected(request, event, kept, token, form):
            messages.success(request, _("Sent to the new address."))
            return redirect("registrations:sent", token)
    context = {
        "event": event,
        "form": form,
        "email": kept["data"]["email"],
        "waits": kept["waits"],
        "until": datetime.fromisoformat(kept["until"]),
        "sender": settings.DEFAULT_FROM_EMAIL,
    }
    return render(request, "registrations/sent.html", context, status=422 if form.errors else 200)


def _corrected(request: HttpRequest, event: Event, kept: dict, token: str, form: EmailForm) -> bool:
    """Take back what went to the wrong address, if it was ours, and register the right one."""
    data = kept["data"] | {"email": form.cleaned_data["email"]}
    mine = Registration.objects.filter(pk=kept["registration"], email_confirmed_at=None).select_related("event")
    registration = mine.filter(state__in=Registration.ALIVE).first()
    try:
        registration = _moved(request, registration, data["email"]) if registration else _register(request, event, data)
    except RegistrationError as error:
        error.add_to(form)
        return False
    _keep(request, event, data, registration, token)
    return True


def _moved(request: HttpRequest, registration: Registration, email: str) -> Registration | None:
    try:
        return signup.correct_email(registration=registration, email=email, client=client_of(request))
    except RegistrationError as error:
        if error.code not in admitting.TOLD_BY_MAIL:
            raise
        changing.cancel(registration=registration)
        signup.remind(event=registration.event, email=email)
        return None


@personal
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    registration = registration_of(token)
    if registration.is_known and registration.is_alive and request.method != "POST":
        return redirect("registrations:manage", token)
    form = AgreeForm(request.POST or None, event=registration.event) if registration.has_yet_to_agree else None
    context = {"registration": registration, "event": registration.event, "form": form}
    if request.method != "POST":
        return render(request, "registrations/confirm.html", context)
    if form and not form.is_valid():
        return render(request, "registrations/confirm.html", context, status=422)
    try:
        words = {"consents": form.consents, "told": form.told} if form else {}
        signup.confirm(registration=registration, **words)
    except RegistrationError as error:
        return render(request, "registrations/confirm.html", context | {"refusal": error}, status=409)
    forget_receipts(request, registration)
    return redirect("registrations:manage", token)
