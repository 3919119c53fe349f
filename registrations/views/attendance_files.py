"""The staff's pages of attendance files: bring one, look at what would become of it, say yes, take it back.

What is decided on the way is kept with the file: one may close the page, choose another clock, go on tomorrow.
"""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts import desk
from accounts.services import trail
from core.errors import refusals_shown
from events.views.staff import event_for
from registrations.desk import READ_FILE, WITHDREW_FILE
from registrations.forms.attendance_files import AttendanceFileForm, ClockForm, WhoForm, WithdrawFileForm
from registrations.models import Evidence
from registrations.services import RegistrationError, log_plans, platform_logs
from registrations.services.kept_files import BrokenFileError
from registrations.views import kept_files

PERMISSION = "registrations.change"
PAGE = 100


def _file(request: HttpRequest, slug: str, pk: int) -> Evidence:
    files = Evidence.objects.visible_to(request.user, PERMISSION).filter(kind=Evidence.Kind.LOG, event__slug=slug)
    return get_object_or_404(files.select_related("event__programme", "added_by", "withdrawn_by"), pk=pk)


@desk.page(PERMISSION)
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """The files of an event; one sent is kept and opened."""
    event = event_for(request, slug, PERMISSION)
    form = AttendanceFileForm(request.POST, request.FILES) if request.method == "POST" else AttendanceFileForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = platform_logs.keep(event=event, name=file.name, content=file.read(), by=request.user)
        except RegistrationError as error:
            error.add_to(form)
        else:
            if not kept.is_new:
                messages.info(request, _("This very file was here already: this is how far you were."))
            return redirect("registrations:attendance-file", slug, kept.evidence.pk)
    standing = Q(scans__isnull=False, scans__corrections=None)
    files = event.evidence.filter(kind=Evidence.Kind.LOG).select_related("added_by")
    files = files.annotate(people=Count("scans__registration", filter=standing, distinct=True)).order_by("-added_at")
    context = {"event": event, "form": form, "files": files}
    return render(request, "registrations/staff/attendance_files.html", context, status=422 if form.errors else 200)


@dataclass
class _Looked:
    """What the page of a file shows."""

    plan: log_plans.Plan
    page: Page
    clock: ClockForm
    who: WhoForm

    def is_valid(self) -> bool:
        return all([self.clock.is_valid(), self.who.is_valid()])


@desk.page(PERMISSION)
def preview(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What would become of the file. Every button keeps what was decided; one of them carries it out."""
    evidence = _file(request, slug, pk)
    if evidence.withdrawn_at:
        return redirect("registrations:attendance-file-result", slug, pk)
    try:
        looked = _look(request, evidence)
    except BrokenFileError as error:
        return kept_files.broken(request, evidence, error)
    if request.method == "POST" and looked.is_valid():
        try:
            return _decided(request, evidence, looked)
        except RegistrationError as error:
            error.add_to(looked.clock)
    context = {"event": evidence.event, "evidence": evidence, "looked": looked, "plan": looked.plan}
    status = 422 if looked.clock.errors or looked.who.errors else 200
    return render(request, "registrations/staff/attendance_file.html", context, status=status)


@desk.page(PERMISSION)
@require_GET
def result(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What the file changed, and the way to take it back."""
    return _result(request, _file(request, slug, pk), WithdrawFileForm())


@desk.page(PERMISSION)
@require_POST
def undo(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    evidence = _file(request, slug, pk)
    form = WithdrawFileForm(request.POST)
    if not form.is_valid():
        return _result(request, evidence, form)
    with refusals_shown(request):
        outcome = platform_logs.undo(evidence=evidence, by=request.user, reason=form.cleaned_data["reason"])
        trail.note(actor=request.user, subject=evidence.event, act=WITHDREW_FILE)
        words = ngettext(
            "Withdrawn: the minutes of %(number)d person changed.",
            "Withdrawn: the minutes of %(number)d people changed.",
            len(outcome.changes),
        )
        messages.success(request, words % {"number": len(outcome.changes)})
    return redirect("registrations:attendance-files", slug)


@desk.page(PERMISSION)
@require_GET
def download(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The file as it came."""
    return kept_files.brought(request, _file(request, slug, pk))


def _look(request: HttpRequest, evidence: Evidence) -> _Looked:
    plan = log_plans.plan(evidence=evidence)
    page = Paginator(plan.doubtful, PAGE).get_page(request.POST.get("page") or request.GET.get("page"))
    data = request.POST if request.method == "POST" else None
    return _Looked(plan, page, ClockForm(data, plan=plan), WhoForm(list(page), plan, data))


def _decided(request: HttpRequest, evidence: Evidence, looked: _Looked) -> HttpResponse:
    """Keep what was decided, then do what the button says. What is read by another clock is looked at again first."""
    here = request.path if looked.page.number == 1 else f"{request.path}?page={looked.page.number}"
    is_columns_news = not looked.plan.is_columns_seen
    platform_logs.decide(evidence=evidence, choices=looked.who.choices, **looked.clock.said)
    evidence.refresh_from_db(fields=["options"])
    if looked.clock.is_news or is_columns_news:
        messages.info(request, _("The file is read this way now: look at it once more."))
        return redirect(request.path)
    action = request.POST.get("action")
    if action == "accept":
        number = platform_logs.accept_proposals(evidence=evidence)
        words = ngettext("%(number)d name is accepted.", "%(number)d names are accepted.", number)
        messages.success(request, words % {"number": number})
    if action != "confirm":
        onward = request.POST.get("to")
        return redirect(f"{request.path}?page={onward}" if onward and onward.isdecimal() else here)
    outcome = platform_logs.carry_out(evidence=evidence, by=request.user)
    if outcome.added or outcome.taken_back:
        trail.note(actor=request.user, subject=evidence.event, act=READ_FILE, detail=f"({len(outcome.changes)})")
    else:
        messages.info(request, _("Nothing to change: what this file says is known already."))
    return redirect("registrations:attendance-file-result", evidence.event.slug, evidence.pk)


def _result(request: HttpRequest, evidence: Evidence, form: WithdrawFileForm) -> HttpResponse:
    carried_out = evidence.options.get("carried_out", {})
    changed = {key: (before, after) for key, before, after in carried_out.get("changes", [])}
    people = list(evidence.event.registrations.filter(pk__in=changed))
    for person in people:
        person.minutes_before, person.minutes_then = changed[person.pk]
    context = {
        "event": evidence.event,
        "evidence": evidence,
        "people": people,
        "carried_out_at": parse_datetime(carried_out["at"]) if carried_out else None,
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "registrations/staff/attendance_file_result.html", context, status=status)
