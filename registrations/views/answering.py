"""A participant's own page of answers: what the event asks, what she needs, what the funder wants to know."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from registrations.forms.asking import AnswersForm
from registrations.models import Registration
from registrations.services import RegistrationError, asking
from registrations.views.personal import personal, registration_of


@personal
def answers(request: HttpRequest, token: str) -> HttpResponse:
    registration = registration_of(token)
    is_known = registration.state == Registration.State.CONFIRMED or registration.email_confirmed_at
    if not registration.is_alive or not is_known:
        return redirect("registrations:manage", token)
    if not registration.event.takes_changes:
        return _page(request, registration, None, 409 if request.method == "POST" else 200)
    form = AnswersForm(request.POST or None, registration=registration)
    if not form.is_valid():
        return _page(request, registration, form, 422 if form.is_bound else 200)
    try:
        asking.change(
            registration=registration,
            answers=form.answers,
            needs=form.needs,
            monitoring=form.monitoring,
            version=form.questions_version,
            seen_at=request.POST.get("seen_at", ""),
        )
    except RegistrationError as error:
        error.add_to(form)
        return _page(request, registration_of(token), form, error.status, is_stale=error.code == "stale")
    messages.success(request, _("Your answers are saved."))
    return redirect("registrations:manage", token)


def _page(
    request: HttpRequest, registration: Registration, form: AnswersForm | None, status: int, *, is_stale: bool = False
) -> HttpResponse:
    sent = request.POST.get("seen_at") if form and form.is_bound and not is_stale else None
    context = {
        "registration": registration,
        "event": registration.event,
        "form": form,
        "is_closed": form is None,
        "is_stale": is_stale,
        "answered": asking.answered(registration) if is_stale or form is None else [],
        "seen_at": sent or asking.seen(registration),
    }
    return render(request, "registrations/answers.html", context, status=status)
