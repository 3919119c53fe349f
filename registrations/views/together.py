"""Registering several colleagues in one go: the form, and what happens next for each of them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language

from core.errors import RuleError
from core.limits import client_of
from core.tokens import link_token
from registrations.forms.together import TogetherForm, more_lines, people_of
from registrations.services import RegistrationError, together
from registrations.views.personal import personal
from registrations.views.signing_up import event_of

SENT = "sent_together"
REMEMBERED = 5


def create(request: HttpRequest, slug: str) -> HttpResponse:
    event = event_of(slug)
    form = TogetherForm(request.POST or None, event=event, initial={"via": request.via})
    people, status = people_of(request.POST or None), 200
    if "more" in request.POST:
        form = TogetherForm(event=event, initial=request.POST.dict())
        people = more_lines(request.POST)
    elif request.method == "POST" and event.takes_registrations:
        status = 422
        if form.is_valid() & people.is_valid():
            wishes = people.wishes()
            try:
                outcome = together.register_all(
                    event=event,
                    people=[person for _number, person in wishes],
                    language=get_language(),
                    client=client_of(request),
                    **form.request_data,
                )
            except RegistrationError as error:
                status = error.status if error.code == "too_many" else 422
                _show(error, form, people, [number for number, _person in wishes])
            else:
                return redirect("registrations:together-sent", _keep(request, event, wishes, outcome))
    context = {"event": event, "form": form, "people": people}
    return render(request, "registrations/together.html", context, status=status)


def _show(error: RegistrationError, form: TogetherForm, people, lines: list[int]) -> None:
    elsewhere = people.show(error, lines)
    if elsewhere or not error.fields:
        RuleError(error.code, error.message, elsewhere).add_to(form)


def _keep(request: HttpRequest, event, wishes, outcome: together.Outcome) -> str:
    receipt = link_token()
    sent = request.session.get(SENT, {})
    sent[receipt] = {
        "event": event.slug,
        "addresses": [person.email for _number, person in wishes][: outcome.placed + outcome.waiting],
        "left_out": [person.email for _number, person in wishes][outcome.placed + outcome.waiting :],
        "placed": outcome.placed,
        "waiting": outcome.waiting,
        "minutes": event.programme.hold_minutes,
    }
    request.session[SENT] = dict(list(sent.items())[-REMEMBERED:])
    return receipt


@personal
def sent(request: HttpRequest, token: str) -> HttpResponse:
    """For the browser that sent the form, and no other."""
    kept = request.session.get(SENT, {}).get(token)
    if kept is None:
        raise Http404
    return render(request, "registrations/together_sent.html", kept | {"event": event_of(kept["event"])})
