"""The staff's page of the registers that are evidence: what the next will hold, those that are sealed, their files."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts import desk
from accounts.services import trail
from core.errors import refusals_shown
from events.views.staff import event_for
from registrations.desk import SEALED
from registrations.forms.sealed import WitnessForm
from registrations.models import Seal
from registrations.services import sealed_overview, sealing, witnessing
from registrations.views import kept_files

PERMISSION = "registrations.export"


@desk.page(PERMISSION)
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Sent back, it seals the next register; asked with what somebody kept, it says which register that is of."""
    event = event_for(request, slug, PERMISSION)
    if request.method == "POST":
        with refusals_shown(request):
            kept = sealing.seal(event=event, by=request.user)
            trail.note(actor=request.user, subject=event, act=SEALED, detail=f"({kept.number})")
            messages.success(request, _("Register no. %(number)d is sealed.") % {"number": kept.number})
        return redirect("registrations:sealed", slug)
    overview = sealed_overview.overview(event)
    form = WitnessForm(request.GET if "kept" in request.GET else None)
    context = {"event": event, "overview": overview, "witness_form": form}
    if form.is_valid():
        context["recognised"] = witnessing.recognised(overview.seals, form.cleaned_data["kept"])
    return render(request, "registrations/staff/sealed.html", context, status=422 if form.errors else 200)


@require_GET
@desk.page(PERMISSION)
def pdf(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return _file(request, slug, pk, "pdf")


@require_GET
@desk.page(PERMISSION)
def xlsx(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return _file(request, slug, pk, "xlsx")


def _file(request: HttpRequest, slug: str, pk: int, kind: str) -> HttpResponse:
    mine = Seal.objects.visible_to(request.user, PERMISSION).select_related("event")
    kept = get_object_or_404(mine, event__slug=slug, pk=pk)
    return kept_files.sealed(request, kept, kind)
