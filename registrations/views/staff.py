"""The staff's pages about the people of an event: list, person, by hand, export."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import desk
from accounts.services import trail
from core.errors import refusals_shown
from core.numbers import whole
from events.models import Event, Mode
from events.views.staff import event_for
from registrations import exports, listing
from registrations.desk import (
    APPROVED,
    CANCELLED,
    CHANGED_MODE,
    CORRECTED,
    EXPORTED,
    PROMOTED,
    REFUSED,
    REGISTERED,
    RESENT,
)
from registrations.forms.presence import EntryForm
from registrations.forms.staff import ByHandForm, CorrectForm
from registrations.models import Consent, Registration
from registrations.presence_picture import picture_of
from registrations.services import (
    RegistrationError,
    agreeing,
    approving,
    asking,
    changing,
    correcting,
    correspondence,
    signup,
    waiting_list,
)
from registrations.services.presence_overview import presence_of

PAGE = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ACTIONS: dict[str, tuple[str, Callable, Promise]] = {
    "cancel": (
        CANCELLED,
        lambda one, post: changing.cancel(registration=one),
        gettext_lazy("The registration is cancelled."),
    ),
    "mode": (
        CHANGED_MODE,
        lambda one, post: changing.change_mode(registration=one, mode=post.get("mode", ""), after_deadline=True),
        gettext_lazy("The mode is changed."),
    ),
    "promote": (
        PROMOTED,
        lambda one, post: waiting_list.promote(registration=one, because=post.get("because", "")),
        gettext_lazy("Done: the next free place is offered here first."),
    ),
    "approve": (
        APPROVED,
        lambda one, post: approving.approve(registration=one),
        gettext_lazy("Approved."),
    ),
    "refuse": (
        REFUSED,
        lambda one, post: approving.refuse(registration=one, because=post.get("because", "")),
        gettext_lazy("Not approved: the person is told, the place goes to the next one."),
    ),
    "resend": (
        RESENT,
        lambda one, post: signup.resend(registration=one),
        gettext_lazy("The mail is on its way again."),
    ),
}


def person_for(request: HttpRequest, slug: str, pk: int, permission: str) -> Registration:
    people = Registration.objects.visible_to(request.user, permission)
    related = people.select_related("event__programme", "event__venue", "group__facilitator")
    return get_object_or_404(related, event__slug=slug, pk=pk)


@desk.page("registrations.view")
def people(request: HttpRequest, slug: str) -> HttpResponse:
    event = event_for(request, slug, "registrations.view")
    shown = listing.Listing.read(request.GET)
    context = {
        "event": event,
        "shown": shown,
        "page": Paginator(shown.apply(event.registrations), PAGE).get_page(request.GET.get("page")),
        "states": [(listing.ALIVE, _("Registered or waiting")), ("all", _("All")), *Registration.State.choices],
        "modes": Mode.choices,
        "presences": listing.PRESENCE_LABELS,
        "orders": listing.ORDER_LABELS,
        "exports": [one for one in exports.EXPORTS.values() if request.user.has_perm(one.permission, event)],
        "may_export": request.user.has_perm("registrations.export", event),
        "may_change": request.user.has_perm("registrations.change", event),
    }
    context["may_approve"] = context["may_change"] and shown.state == Registration.State.REQUESTED
    return render(request, "registrations/staff/list.html", context)


@desk.page("registrations.view")
def person(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    registration = person_for(request, slug, pk, "registrations.view")
    may_change = request.user.has_perm("registrations.change", registration)
    form = CorrectForm(request.POST or None, instance=registration)
    if request.method == "POST" and may_change and form.is_valid():
        try:
            correcting.correct(registration=registration, **form.cleaned_data)
        except RegistrationError as error:
            error.add_to(form)
        else:
            trail.note(actor=request.user, subject=registration.event, act=CORRECTED)
            messages.success(request, _("Corrected."))
            return redirect("registrations:staff-detail", slug=slug, pk=pk)
    stored = person_for(request, slug, pk, "registrations.view") if form.errors else registration
    return person_page(request, stored, form=form)


def person_page(
    request: HttpRequest,
    registration: Registration,
    *,
    form: CorrectForm | None = None,
    entry: EntryForm | None = None,
) -> HttpResponse:
    """Everything about a person, with a form as it was sent where that was refused."""
    may_change = request.user.has_perm("registrations.change", registration)
    presence = presence_of(registration)
    context = {
        "event": registration.event,
        "registration": registration,
        "form": form or CorrectForm(instance=registration),
        "entry": entry or EntryForm(registration=registration),
        "may_change": may_change,
        "presence": presence,
        "picture": picture_of(presence),
        "agreements": agreeing.agreements(registration),
        "answered": asking.answered(registration),
        "needs": asking.needs_of(registration) if may_change else {},
        "mails": correspondence.mails_of(registration),
        "other": next((one for mode, one in registration.event.places.items() if mode != registration.mode), None),
        "certificate": registration.certificates.filter(revoked_at=None).first(),
        "position": waiting_list.position(registration),
    }
    return render(request, "registrations/staff/person.html", context)


@require_POST
@desk.page("registrations.change")
def act(request: HttpRequest, slug: str, pk: int, action: str) -> HttpResponse:
    """Cancel, change the mode, put first, approve or not, send the mail again."""
    if action not in ACTIONS:
        raise Http404
    registration = person_for(request, slug, pk, "registrations.change")
    name, service, sentence = ACTIONS[action]
    with refusals_shown(request):
        service(registration, request.POST)
        trail.note(actor=request.user, subject=registration.event, act=name)
        messages.success(request, sentence)
    return redirect("registrations:staff-detail", slug=slug, pk=pk)


@require_POST
@desk.page("registrations.change")
def approve_many(request: HttpRequest, slug: str) -> HttpResponse:
    """Approve whom the checkboxes name, each for herself: what cannot be done for one hinders no other. Of who is under
    age a parent is called first: she is approved on her own page."""
    event = event_for(request, slug, "registrations.change")
    chosen = [pk for pk in map(whole, request.POST.getlist("people")) if pk is not None][:PAGE]
    requests = event.registrations.filter(pk__in=chosen, state=Registration.State.REQUESTED, is_minor=False)
    done = 0
    for registration in requests.select_related("event"):
        with refusals_shown(request):
            approving.approve(registration=registration)
            done += 1
    if done:
        words = ngettext("%(number)d person is approved.", "%(number)d people are approved.", done)
        trail.note(actor=request.user, subject=event, act=APPROVED, detail=f"({done})")
        messages.success(request, words % {"number": done})
    else:
        messages.info(request, _("Nobody was chosen who waits to be approved."))
    return redirect(reverse("registrations:staff-list", args=[slug]) + f"?state={Registration.State.REQUESTED}")


@desk.page("registrations.change")
def by_hand(request: HttpRequest, slug: str) -> HttpResponse:
    event = event_for(request, slug, "registrations.change")
    form = ByHandForm(request.POST or None, event=event)
    if form.is_valid():
        try:
            registration = _register(event, dict(form.cleaned_data))
        except RegistrationError as error:
            error.add_to(form)
        else:
            trail.note(actor=request.user, subject=event, act=REGISTERED)
            messages.success(request, _("%(name)s is registered.") % {"name": registration})
            return redirect("registrations:staff-detail", slug=slug, pk=registration.pk)
    return render(request, "registrations/staff/by_hand.html", {"event": event, "form": form})


def _register(event: Event, data: dict) -> Registration:
    """With an address she confirms herself; without one she stands before us."""
    data["consents"] = {key: data.pop(key) for key in ("privacy", "photos")}
    data["language"] = get_language()
    if data["email"]:
        return signup.register(event=event, via="desk", how=Consent.How.DESK, is_admitted=True, **data)
    del data["mode"]
    return signup.register_walk_in(event=event, how=Consent.How.DESK, **data)


@desk.page("registrations.export")
def export(request: HttpRequest, slug: str) -> HttpResponse:
    """The list as on the screen, as a file. It is written in the trail: personal data leave the house."""
    event = event_for(request, slug, "registrations.export")
    kind = exports.EXPORTS.get(request.GET.get("list", "people"))
    if kind is None or not request.user.has_perm(kind.permission, event):
        raise Http404
    found = listing.Listing.read(request.GET).apply(event.registrations)
    is_csv = request.GET.get("format") == "csv"
    number = found.count()
    people = ngettext("%(number)d person", "%(number)d people", number) % {"number": number}
    trail.note(actor=request.user, subject=event, act=EXPORTED, detail=f"({kind.label}, {people})")
    name = f"{slug}-{slugify(kind.label)}"
    if is_csv:
        response = StreamingHttpResponse(exports.as_csv(kind, found), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return response
    return FileResponse(exports.as_xlsx(kind, found), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)


@desk.page("registrations.export")
def signature_sheet(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the sheet to sign used to be: what is on paper has a page of its own now."""
    return redirect("registrations:paper", event_for(request, slug, "registrations.export").slug)
