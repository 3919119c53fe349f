"""What was saved when, and by whom; what changed; and the way back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.desk import page
from core.errors import refusals_shown
from newsletters.services import versions, writing
from newsletters.views.desk import find


@page("newsletters.view")
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    newsletter = find(request, slug)
    kept = newsletter.versions.select_related("saved_by")
    return render(request, "newsletters/desk/versions.html", {"newsletter": newsletter, "versions": kept})


@page("newsletters.view")
def show(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One version beside the one before it."""
    newsletter = find(request, slug)
    version = get_object_or_404(newsletter.versions.select_related("saved_by"), number=number)
    before = newsletter.versions.filter(number__lt=number).first()
    context = {
        "newsletter": newsletter,
        "version": version,
        "before": before,
        "differences": versions.differences(before, version),
        "has_other_audience": before and (before.audience, before.topic) != (version.audience, version.topic),
        "has_other_images": before and before.embeds_images != version.embeds_images,
        "may_restore": newsletter.is_editable
        and newsletter.version != number
        and request.user.has_perm("newsletters.change", newsletter),
    }
    return render(request, "newsletters/desk/version.html", context)


@page("newsletters.change")
@require_POST
def restore(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    newsletter = find(request, slug, "newsletters.change")
    with refusals_shown(request):
        writing.restore(newsletter=newsletter, number=number, by=request.user)
        messages.success(request, _("It says again what it said then. Nothing else was lost: every version is kept."))
    return redirect("newsletters:staff-edit", slug)
