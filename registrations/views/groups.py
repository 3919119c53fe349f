"""The organiser's page for the groups of a lab, the sheet for the wall, and a facilitator's own list."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.desk import page
from accounts.services import trail
from core.errors import refusals_shown
from core.numbers import whole
from events.models import Event
from events.views.staff import event_for
from registrations.desk import DISSOLVED, FORMED
from registrations.forms.groups import GroupsForm
from registrations.models import Group
from registrations.services import RegistrationError, groups

PERMISSION = "registrations.form_groups"


def _event(request: HttpRequest, slug: str) -> Event:
    return event_for(request, slug, PERMISSION)


@page(PERMISSION)
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """The groups as they are; sent back, it forms them."""
    event = _event(request, slug)
    form = GroupsForm(request.POST or None, event=event)
    if request.method == "POST" and form.is_valid():
        try:
            formed = groups.form_groups(event=event, **form.cleaned_data)
        except RegistrationError as error:
            error.add_to(form)
        else:
            trail.note(actor=request.user, subject=event, act=FORMED)
            messages.success(request, _told(formed))
            return redirect("registrations:groups", slug)
    context = {"event": event, "form": form, "picture": groups.picture(event=event)}
    return render(request, "registrations/groups.html", context, status=422 if form.errors else 200)


@page(PERMISSION)
@require_POST
def add_late(request: HttpRequest, slug: str) -> HttpResponse:
    with refusals_shown(request):
        late = groups.add_late(event=_event(request, slug))
        told = ngettext("%(number)d person seated, nobody moved.", "%(number)d people seated, nobody moved.", late)
        messages.success(request, told % {"number": late})
    return redirect("registrations:groups", slug)


@page(PERMISSION)
@require_POST
def move(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    event = _event(request, slug)
    person = get_object_or_404(event.registrations, pk=pk)
    number = whole(request.POST.get("group", ""))
    group = get_object_or_404(event.groups, number=number) if number is not None else None
    with refusals_shown(request):
        groups.move(registration=person, group=group)
        words = {"name": person.name, "number": group.number if group else 0}
        seated = _("%(name)s sits in group %(number)d now, and stays there when you form the groups again.")
        messages.success(request, (seated if group else _("%(name)s has no group now.")) % words)
    return redirect("registrations:groups", slug)


@page(PERMISSION)
@require_POST
def dissolve(request: HttpRequest, slug: str) -> HttpResponse:
    event = _event(request, slug)
    with refusals_shown(request):
        groups.dissolve(event=event)
        trail.note(actor=request.user, subject=event, act=DISSOLVED)
        messages.success(request, _("The groups are dissolved. You can form them again whenever you like."))
    return redirect("registrations:groups", slug)


@page(PERMISSION)
@require_GET
def wall_sheet(request: HttpRequest, slug: str) -> HttpResponse:
    """The tables with their people, to print and hang on the wall: names only."""
    event = _event(request, slug)
    return render(request, "registrations/groups_print.html", {"event": event, "picture": groups.picture(event=event)})


@page("registrations.view_group")
@require_GET
def my_groups(request: HttpRequest) -> HttpResponse:
    """What a facilitator sees: the groups she leads, the coming ones first, with their people."""
    led = (
        Group.objects.visible_to(request.user)
        .filter(facilitator=request.user)
        .select_related("event__venue", "event__territory")
        .prefetch_related("members")
        .order_by("-event__starts_at", "number")
    )
    now = timezone.now()
    coming = sorted((one for one in led if one.event.ends_at > now), key=lambda one: one.event.starts_at)
    context = {"coming": coming, "over": [one for one in led if one.event.ends_at <= now]}
    return render(request, "registrations/my_groups.html", context)


def _told(formed: groups.Formed) -> str:
    """What happened, in a sentence: how many groups, who got a seat, who changed it."""
    parts = [
        ngettext("%(number)d group.", "%(number)d groups.", len(formed.groups)) % {"number": len(formed.groups)},
        ngettext("%(number)d person got a seat.", "%(number)d people got a seat.", formed.placed)
        % {"number": formed.placed},
    ]
    if formed.moved:
        parts.append(
            ngettext("%(number)d person changed group.", "%(number)d people changed group.", formed.moved)
            % {"number": formed.moved}
        )
    return " ".join(parts)
