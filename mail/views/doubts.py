"""The messages of which nobody knows whether they arrived, by name, and a person's word about them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from core.errors import refusals_shown
from core.numbers import whole
from mail.models import Delivery
from mail.services import doubts
from mail.views.guard import staff

SHOWN = 100


@staff()
def listing(request: HttpRequest) -> HttpResponse:
    return render(request, "mail/doubts.html", {"doubts": doubts.open_doubts()[:SHOWN]})


@staff("mail.decide")
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """About one, or about all that the page showed: `do` is "again" or "leave"."""
    again, chosen = request.POST.get("do") == "again", _chosen(request)
    with refusals_shown(request):
        if len(chosen) == 1:
            (doubts.send_again if again else doubts.leave)(delivery=chosen[0], by=request.user)
            messages.success(request, _("It leaves again now.") if again else _("Noted: it is not sent again."))
        elif chosen:
            decided = doubts.decide_all(deliveries=chosen, again=again, by=request.user)
            messages.success(request, _said(decided, len(chosen) - decided))
    return redirect(_back(request))


def _said(decided: int, others: int) -> str:
    sentence = ngettext("%(number)d message decided.", "%(number)d messages decided.", decided) % {"number": decided}
    if others:
        sentence += " " + ngettext(
            "%(number)d stays as it is: somebody was faster, or it must not leave any more.",
            "%(number)d stay as they are: somebody was faster, or they must not leave any more.",
            others,
        ) % {"number": others}
    return sentence


def _chosen(request: HttpRequest) -> list[Delivery]:
    numbers = [pk for pk in map(whole, request.POST.getlist("delivery")) if pk is not None]
    return list(Delivery.objects.filter(pk__in=numbers[:SHOWN]))


def _back(request: HttpRequest) -> str:
    """The page that the word was given on: a newsletter's, or the list of all doubts."""
    page = request.POST.get("next", "")
    return page if url_has_allowed_host_and_scheme(page, {request.get_host()}) else "mail:doubts"
