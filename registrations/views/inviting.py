"""The staff's page of an event's invitations: a list brought in and looked at first, who answered, reminders."""

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import desk
from accounts.services import trail
from core.errors import refusals_shown
from events.views.staff import event_for
from registrations.desk import INVITED, REMINDED, WITHDREW
from registrations.models import Invitation
from registrations.services import inviting as rules
from registrations.views.lists import bring, outcome

PAGE = 100


@desk.page("registrations.change")
def invitations(request: HttpRequest, slug: str) -> HttpResponse:
    event = event_for(request, slug, "registrations.change")
    brought = bring(request, look_at=partial(rules.look_at, event=event), write=partial(rules.invite, event=event))
    if brought.written is not None:
        trail.note(actor=request.user, subject=event, act=INVITED, detail=f"({brought.written})")
        words = ngettext("%(number)d person is invited.", "%(number)d people are invited.", brought.written)
        messages.success(request, outcome(brought, words % {"number": brought.written}))
    invited = event.invitations.select_related("registration")
    context = {
        "event": event,
        "form": brought.form,
        "sifted": brought.sifted,
        "page": Paginator(invited, PAGE).get_page(request.GET.get("page")),
        "figures": rules.figures(event),
    }
    return render(request, "registrations/staff/invitations.html", context, status=brought.status)


@require_POST
@desk.page("registrations.change")
def remind(request: HttpRequest, slug: str) -> HttpResponse:
    event = event_for(request, slug, "registrations.change")
    number = rules.remind(event=event)
    if number:
        trail.note(actor=request.user, subject=event, act=REMINDED, detail=f"({number})")
        words = ngettext("%(number)d person is reminded.", "%(number)d people are reminded.", number)
        messages.success(request, words % {"number": number})
    else:
        messages.info(request, _("Nobody to remind: everybody answered, or was written to since yesterday."))
    return redirect("registrations:invitations", slug=slug)


@require_POST
@desk.page("registrations.change")
def withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    visible = Invitation.objects.visible_to(request.user, "registrations.change").select_related("event")
    invitation = get_object_or_404(visible, event__slug=slug, pk=pk)
    with refusals_shown(request):
        rules.withdraw(invitation=invitation)
        trail.note(actor=request.user, subject=invitation.event, act=WITHDREW)
        messages.success(request, _("Withdrawn: the link opens nothing any more."))
    return redirect("registrations:invitations", slug=slug)
