"""The staff's list of newsletters, a new one, and its way once it leaves. Writing is `editor`."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.desk import page
from core.errors import refusals_shown
from newsletters.forms.editor import BeginForm
from newsletters.models import Newsletter
from newsletters.services import progress as counting
from newsletters.services import steering, writing
from programmes.context import current_frame


def find(request: HttpRequest, slug: str, permission: str = "newsletters.view") -> Newsletter:
    visible = Newsletter.objects.visible_to(request.user, permission)
    return get_object_or_404(visible.select_related("programme", "mailing", "scheduled_by"), slug=slug)


@page("newsletters.view")
def listing(request: HttpRequest) -> HttpResponse:
    newsletters = Newsletter.objects.visible_to(request.user).select_related("mailing", "programme").with_numbers()
    context = {"newsletters": newsletters, "may_begin": request.user.has_perm("newsletters.change")}
    return render(request, "newsletters/desk/list.html", context)


@page("newsletters.change")
def begin(request: HttpRequest) -> HttpResponse:
    programme = current_frame(request).programme
    if programme is None or not request.user.has_perm("newsletters.change", programme):
        raise PermissionDenied
    form = BeginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        newsletter = writing.begin(programme=programme, **form.words())
        return redirect("newsletters:staff-edit", newsletter.slug)
    return render(request, "newsletters/desk/begin.html", {"form": form})


@page("newsletters.view")
def progress(request: HttpRequest, slug: str) -> HttpResponse:
    """How far it is; htmx asks for the numbers only."""
    newsletter = find(request, slug)
    if newsletter.is_editable:
        return redirect("newsletters:staff-edit", slug)
    numbers = counting.of(newsletter)
    context: dict[str, Any] = {"newsletter": newsletter, "progress": numbers, "troubled": counting.troubled(newsletter)}
    context["may_send"] = request.user.has_perm("newsletters.send", newsletter)
    return render(request, f"newsletters/desk/{'numbers' if request.htmx else 'progress'}.html", context)


STEERING = {"pause": steering.pause, "resume": steering.resume, "cancel": steering.cancel}


@page("newsletters.send")
@require_POST
def steer(request: HttpRequest, slug: str) -> HttpResponse:
    """Pause, go on, or stop for good."""
    newsletter = find(request, slug, "newsletters.send")
    act = STEERING.get(request.POST.get("do", ""))
    with refusals_shown(request):
        if act:
            act(newsletter=newsletter)
    return redirect("newsletters:staff-progress", slug)
