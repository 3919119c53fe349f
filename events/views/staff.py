"""The staff's pages about events: the list, one event's board, making a copy, editing, publishing, cancelling."""

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import desk
from accounts.services import trail
from core.errors import refusals_shown
from events import forms, kinds
from events.models import Event
from events.services import EventError, editing
from programmes.context import current_frame
from programmes.models import Territory

PART_TITLES = {
    "sessions": lambda: _("Agenda"),
    "speakers": lambda: _("Speakers"),
    "materials": lambda: _("Materials"),
}
PAGE = 50


def event_for(request: HttpRequest, slug: str, permission: str = "events.change") -> Event:
    """The event, when she may do `permission` to it; otherwise 404 without a hint."""
    events = Event.objects.visible_to(request.user, permission)
    return get_object_or_404(events.select_related("programme", "territory", "venue", "organiser"), slug=slug)


@desk.page("events.view")
def listing(request: HttpRequest) -> HttpResponse:
    events = Event.objects.visible_to(request.user).select_related("territory", "venue")
    chosen = {name: request.GET.get(name, "") for name in ("q", "state", "province", "kind")}
    events = events.in_state(chosen["state"]).search(chosen["q"])
    if chosen["province"]:
        events = events.in_province(chosen["province"])
    if chosen["kind"]:
        events = events.filter(kind=chosen["kind"])
    return render(
        request,
        "events/staff/list.html",
        {
            "page": Paginator(events.order_by("starts_at", "pk"), PAGE).get_page(request.GET.get("page")),
            "chosen": chosen,
            "states": [*Event.State.choices, ("draft", _("Not published"))],
            "kinds": kinds.choices(),
            "provinces": Territory.objects.filter(programme__is_current=True),
            "may_change": request.user.has_perm("events.change"),
        },
    )


@desk.page("events.view")
def board(request: HttpRequest, slug: str) -> HttpResponse:
    event = event_for(request, slug, "events.view")
    may_change = request.user.has_perm("events.change", event)
    context = {
        "event": event,
        "may_change": may_change,
        "panels": desk.panels_for(request, event, board="event"),
        "trail": trail.lines(event) if may_change else [],
    }
    return render(request, "events/staff/board.html", context)


@desk.page("events.change")
def create(request: HttpRequest) -> HttpResponse:
    """From another event, or from nothing: where there is none yet, and whenever one wants."""
    programme = current_frame(request).programme
    if programme is None:
        raise Http404
    sources = Event.objects.visible_to(request.user).filter(programme=programme)
    is_blank = "blank" in request.GET or not sources.exists()
    initial = {"source": sources.filter(slug=request.GET.get("from", "")).first()}
    make_form = forms.BlankForm if is_blank else forms.CopyForm
    form = make_form(request.POST or None, user=request.user, programme=programme, initial=initial)
    if form.is_valid():
        make = partial(editing.create_event, programme=programme) if is_blank else editing.copy_event
        try:
            event = make(**form.cleaned_data)
        except EventError as error:
            error.add_to(form)
        else:
            messages.success(request, _("Created. Look it over, then publish it."))
            return redirect("events:staff-edit", slug=event.slug)
    return render(request, "events/staff/create.html", {"form": form, "is_blank": is_blank})


@desk.page("events.change")
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    event = event_for(request, slug)
    form = forms.EventForm(request.POST or None, instance=event, user=request.user)
    if form.is_valid():
        try:
            editing.update_event(event=event, changes=form.changes, seen=form.seen)
        except EventError as error:
            error.add_to(form)
        else:
            messages.success(request, _("Saved."))
            return redirect("events:staff-event", slug=slug)
    return render(request, "events/staff/edit.html", {"form": form, "event": event})


@desk.page("events.change")
def parts(request: HttpRequest, slug: str, part: str) -> HttpResponse:
    """Agenda, speakers or materials: what is there, and one empty form that makes another."""
    if part not in PART_TITLES:
        raise Http404
    event = event_for(request, slug)
    formset = forms.parts_of(event, part, request.POST or None, request.FILES or None)
    if formset.is_valid():
        editing.save_parts(event=event, parts=formset)
        messages.success(request, _("Saved."))
        return redirect("events:staff-parts", slug=slug, part=part)
    titles = {name: title() for name, title in PART_TITLES.items()}
    context = {"event": event, "formset": formset, "part": part, "titles": titles, "title": titles[part]}
    return render(request, "events/staff/parts.html", context)


@require_POST
@desk.page("events.change")
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Put it on the public site, or take it off."""
    event = event_for(request, slug)
    with refusals_shown(request):
        if request.POST.get("to") == "withdraw":
            editing.withdraw(event=event)
            messages.success(request, _("The event is no longer on the public site."))
        else:
            editing.publish(event=event)
            messages.success(request, _("The event is on the public site."))
    return redirect("events:staff-event", slug=slug)


@desk.page("events.change")
def cancel(request: HttpRequest, slug: str) -> HttpResponse:
    """Say first who will be told, then do it."""
    event = event_for(request, slug)
    if request.method == "POST":
        with refusals_shown(request):
            editing.cancel_event(event=event)
            messages.success(request, _("The event is cancelled. Everybody registered is being told."))
        return redirect("events:staff-event", slug=slug)
    people = event.in_person_taken + event.online_taken
    return render(request, "events/staff/cancel.html", {"event": event, "people": people})
