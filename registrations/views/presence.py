"""The staff's pages about presence that somebody has to look at or to put right."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from accounts import desk
from accounts.services import trail
from core.errors import refusals_shown
from events.views.staff import event_for
from registrations.desk import CORRECTED_PRESENCE, LOOKED_AT
from registrations.forms.presence import AssignForm, EntryForm
from registrations.models import Registration, Scan
from registrations.services import RegistrationError, correcting_presence, doubts, tickets
from registrations.views.staff import person_for, person_page

PAGE = 25
MOST_FOUND = 20
DECISIONS: dict[str, tuple[str, Callable, Promise]] = {
    "settle": (
        LOOKED_AT,
        correcting_presence.settle,
        gettext_lazy("Looked at: it stays as it is."),
    ),
    "annul": (
        CORRECTED_PRESENCE,
        correcting_presence.annul,
        gettext_lazy("Taken back: it no longer counts, and stays written."),
    ),
    "annul-stay": (
        CORRECTED_PRESENCE,
        correcting_presence.annul_stay,
        gettext_lazy("Taken back: it no longer counts, and stays written."),
    ),
    "register": (
        CORRECTED_PRESENCE,
        correcting_presence.register,
        gettext_lazy("Registered in person."),
    ),
}


def scan_for(request: HttpRequest, slug: str, pk: int) -> Scan:
    scans = Scan.objects.visible_to(request.user, "registrations.change").with_annulments()
    return get_object_or_404(scans.select_related("event", "device", "registration"), event__slug=slug, pk=pk)


@desk.page("registrations.change")
def to_look_at(request: HttpRequest, slug: str) -> HttpResponse:
    event = event_for(request, slug, "registrations.change")
    waiting = event.scans.to_look_at().with_annulments().order_by("at", "pk")
    page = Paginator(waiting.select_related("event", "device", "registration"), PAGE).get_page(request.GET.get("page"))
    context = {
        "event": event,
        "page": page,
        "doubts": doubts.doubts_of(page.object_list),
        "heaps": doubts.heaps_of(event),
    }
    return render(request, "registrations/staff/to_look_at.html", context)


@require_POST
@desk.page("registrations.change")
def decide(request: HttpRequest, slug: str, pk: int, decision: str) -> HttpResponse:
    """Fine as it is, taken back, or registered after all; back to the page where the button was."""
    if decision not in DECISIONS:
        raise Http404
    scan = scan_for(request, slug, pk)
    act, service, sentence = DECISIONS[decision]
    with refusals_shown(request):
        service(scan=scan, reason=request.POST.get("reason", ""), by=request.user)
        trail.note(actor=request.user, subject=scan.event, act=act, detail=_of_whom(scan.registration))
        messages.success(request, sentence)
    if "person" in request.POST and scan.registration_id:
        return redirect(reverse("registrations:staff-detail", args=[slug, scan.registration_id]) + "#presence")
    return redirect("registrations:to-look-at", slug=slug)


@require_POST
@desk.page("registrations.change")
def settle_phone(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """All that a phone has left behind, with one word."""
    event = event_for(request, slug, "registrations.change")
    device = get_object_or_404(event.devices, pk=pk)
    with refusals_shown(request):
        why = request.POST.get("reason", "")
        number = correcting_presence.settle_all(event=event, device=device, reason=why, by=request.user)
        trail.note(actor=request.user, subject=event, act=LOOKED_AT, detail=f"({number})")
        words = ngettext(
            "Looked at: %(number)d scan stays as it is.", "Looked at: %(number)d scans stay as they are.", number
        )
        messages.success(request, words % {"number": number})
    return redirect("registrations:to-look-at", slug=slug)


@desk.page("registrations.change")
def whose(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say whose ticket it was: search, choose, and why."""
    scan = scan_for(request, slug, pk)
    words = request.GET.get("q", "").strip()[:300]
    people = scan.event.registrations.expected()
    found = tickets.find(people, words) if words else people.filter(pk=scan.registration_id)
    found = people.filter(pk__in=list(found.values_list("pk", flat=True)[:MOST_FOUND]))
    form = AssignForm(request.POST or None, people=found, initial={"person": scan.registration_id})
    if form.is_valid():
        try:
            person = form.cleaned_data["person"]
            reason = form.cleaned_data["reason"]
            correcting_presence.assign(scan=scan, registration=person, reason=reason, by=request.user)
        except RegistrationError as error:
            error.add_to(form)
        else:
            trail.note(actor=request.user, subject=scan.event, act=CORRECTED_PRESENCE, detail=_of_whom(person))
            messages.success(request, _("Written down: it was %(name)s.") % {"name": person})
            return redirect("registrations:to-look-at", slug=slug)
    (doubt,) = doubts.doubts_of([scan])
    context = {"event": scan.event, "doubt": doubt, "form": form, "words": words, "found": found}
    return render(request, "registrations/staff/whose.html", context, status=422 if form.errors else 200)


@require_POST
@desk.page("registrations.change")
def add(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """An entrance or an exit that no phone saw."""
    registration = person_for(request, slug, pk, "registrations.change")
    form = EntryForm(request.POST, registration=registration)
    if form.is_valid():
        try:
            correcting_presence.add(registration=registration, by=request.user, **form.cleaned_data)
        except RegistrationError as error:
            error.add_to(form)
        else:
            detail = _of_whom(registration)
            trail.note(actor=request.user, subject=registration.event, act=CORRECTED_PRESENCE, detail=detail)
            messages.success(request, _("Written down: the minutes are counted anew."))
            return redirect(reverse("registrations:staff-detail", args=[slug, pk]) + "#presence")
    form.begin_at_what_is_wrong()
    return person_page(request, registration, entry=form)


def _of_whom(person: Registration | None) -> str:
    """For the trail: the code, by which the desk finds a person; no name."""
    return f"({person.code})" if person else ""
