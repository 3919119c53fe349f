"""The staff's page of what is on paper: the register and the list to print, and the sheets that come back signed."""

from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import desk
from accounts.services import trail
from core.errors import refusals_shown
from events.models import Event, Mode
from events.views.staff import event_for
from registrations.desk import FILE_WITHDRAWN, LIST_PRINTED, REGISTER_PRINTED, SHEET_KEPT
from registrations.documents import list as paper_list
from registrations.documents import register
from registrations.forms.paper import RegisterForm, SignedSheetForm, SpareRowsForm
from registrations.models import Evidence
from registrations.services import RegistrationError
from registrations.services import evidence as rules
from registrations.views import kept_files

PERMISSION = "registrations.export"
BROUGHT_HERE = [Evidence.Kind.SIGNATURES, Evidence.Kind.LIST]


def _event(request: HttpRequest, slug: str) -> Event:
    event = event_for(request, slug, PERMISSION)
    prefetch_related_objects([event], "sessions", "speakers", "programme__organisations")
    return event


def _file(request: HttpRequest, slug: str, pk: int) -> Evidence:
    mine = Evidence.objects.visible_to(request.user, PERMISSION).select_related("event")
    return get_object_or_404(mine, event__slug=slug, pk=pk)


def _expected(event: Event) -> int:
    return event.registrations.expected().filter(mode=Mode.IN_PERSON).count()


def _page(request: HttpRequest, event: Event, *, status: int = 200, **forms: Any) -> HttpResponse:
    people = _expected(event)
    files = event.evidence.filter(kind__in=BROUGHT_HERE).select_related("added_by", "withdrawn_by")
    context = {
        "event": event,
        "people": people,
        "register_form": RegisterForm(event=event, people=people, prefix="register"),
        "list_form": SpareRowsForm(prefix="list"),
        "sheet_form": SignedSheetForm(event=event),
        "files": files.order_by("-added_at", "-pk"),
    }
    return render(request, "registrations/staff/paper.html", context | forms, status=status)


@desk.page(PERMISSION)
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Sent back, it keeps a signed sheet."""
    event = _event(request, slug)
    if request.method != "POST":
        return _page(request, event)
    form = SignedSheetForm(request.POST, request.FILES, event=event)
    if form.is_valid():
        try:
            kept = rules.keep(event=event, by=request.user, **form.arguments())
        except RegistrationError as error:
            error.add_to(form)
        else:
            _tell_kept(request, event, kept)
            return redirect("registrations:paper", slug)
    return _page(request, event, status=422, sheet_form=form)


def _tell_kept(request: HttpRequest, event: Event, kept: rules.Kept) -> None:
    if kept.is_new:
        trail.note(actor=request.user, subject=event, act=SHEET_KEPT, detail=f"({kept.evidence.sha256[:12]})")
        messages.success(request, _("The file is kept, with its fingerprint."))
    else:
        messages.info(request, _("This very file is here already: nothing has changed."))


@require_GET
@desk.page(PERMISSION)
def register_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    event = _event(request, slug)
    form = RegisterForm(request.GET, event=event, people=_expected(event), prefix="register")
    if not form.is_valid():
        return _page(request, event, status=422, register_form=form)
    part, spare = form.cleaned_data["part"], form.cleaned_data["spare"]
    content = register.render(event, form.chosen(part), spare=spare)
    trail.note(actor=request.user, subject=event, act=REGISTER_PRINTED)
    return _pdf(content, register.file_name(event, part))


@require_GET
@desk.page(PERMISSION)
def list_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    event = _event(request, slug)
    form = SpareRowsForm(request.GET, prefix="list")
    if not form.is_valid():
        return _page(request, event, status=422, list_form=form)
    content = paper_list.render(event, spare=form.cleaned_data["spare"])
    trail.note(actor=request.user, subject=event, act=LIST_PRINTED)
    return _pdf(content, paper_list.file_name(event))


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@require_GET
@desk.page(PERMISSION)
def file(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The file as it came, as a download."""
    return kept_files.brought(request, _file(request, slug, pk))


@require_POST
@desk.page(PERMISSION)
def withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    evidence = _file(request, slug, pk)
    if evidence.kind not in BROUGHT_HERE:
        raise Http404
    with refusals_shown(request):
        rules.withdraw(evidence=evidence, by=request.user, reason=request.POST.get("reason", ""))
        detail = f"({evidence.sha256[:12]})"
        trail.note(actor=request.user, subject=evidence.event, act=FILE_WITHDRAWN, detail=detail)
        messages.success(request, _("Withdrawn: the file stays here, marked as not valid."))
    return redirect("registrations:paper", slug)
