"""The staff's list of newsletters, a new one, and its way once it leaves.

Writing is `editor`, what happens before it leaves `before`, putting a mistake right on the way `correct`.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.desk import page
from core.errors import refusals_shown
from core.numbers import whole
from mail.services import doubts, routes
from newsletters.forms.editor import BeginForm
from newsletters.forms.rules import RulesForm
from newsletters.models import Newsletter
from newsletters.services import NewsletterError, approving, prospect, remaining, steering, writing
from newsletters.services import progress as counting
from programmes.context import current_frame

SHOWN = 100


def find(request: HttpRequest, slug: str, permission: str = "newsletters.view") -> Newsletter:
    visible = Newsletter.objects.visible_to(request.user, permission)
    return get_object_or_404(visible.select_related("programme", "mailing", "scheduled_by"), slug=slug)


@page("newsletters.view")
def listing(request: HttpRequest) -> HttpResponse:
    newsletters = Newsletter.objects.visible_to(request.user).select_related("mailing", "programme").with_numbers()
    context = {
        "newsletters": newsletters,
        "may_begin": request.user.has_perm("newsletters.change"),
        "may_rule": request.user.has_perm("newsletters.rule"),
    }
    return render(request, "newsletters/desk/list.html", context)


@page("newsletters.change")
def begin(request: HttpRequest) -> HttpResponse:
    programme = current_frame(request).programme
    if programme is None or not request.user.has_perm("newsletters.change", programme):
        raise PermissionDenied
    form = BeginForm(request.POST or None, last=writing.last(programme))
    if request.method == "POST" and form.is_valid():
        try:
            newsletter = writing.begin(programme=programme, **form.words())
            return redirect("newsletters:staff-edit", newsletter.slug)
        except NewsletterError as error:
            error.add_to(form)
    return render(request, "newsletters/desk/begin.html", {"form": form})


@page("newsletters.view")
def progress(request: HttpRequest, slug: str) -> HttpResponse:
    """How far it is; htmx asks for the numbers only."""
    newsletter = find(request, slug)
    if newsletter.is_editable:
        return redirect("newsletters:staff-edit", slug)
    numbers = counting.of(newsletter)
    context: dict[str, Any] = {"newsletter": newsletter, "progress": numbers, "hold": counting.relay_hold()}
    context["may_send"] = request.user.has_perm("newsletters.send", newsletter)
    context["may_approve"] = approving.may_approve(newsletter, request.user)
    context["quiet"] = 0 if context["hold"] else counting.quiet_for(newsletter, numbers)
    context["time_left"] = prospect.in_words(routes.estimate(count=numbers.still_open))
    if request.htmx:
        return render(request, "newsletters/desk/numbers.html", context)
    is_over = not newsletter.is_on_its_way
    context |= {
        "adds_up": counting.adds_up(newsletter),
        "refused": counting.refused(newsletter),
        "doubts": doubts.open_doubts(newsletter.mailing)[:SHOWN],
        "remaining": remaining.of(newsletter) if is_over else None,
    }
    return render(request, "newsletters/desk/progress.html", context)


def _rest(*, newsletter: Newsletter) -> None:
    remaining.send(newsletter=newsletter)


def _rest_with_refused(*, newsletter: Newsletter) -> None:
    remaining.send(newsletter=newsletter, with_refused=True)


STEERING = {
    "pause": steering.pause, "resume": steering.resume, "cancel": steering.cancel,
    "rest": _rest, "rest-with-refused": _rest_with_refused,
}  # fmt: skip


@page("newsletters.send")
@require_POST
def steer(request: HttpRequest, slug: str) -> HttpResponse:
    """Pause, approve a correction, go on, stop, or send to those who did not get it."""
    newsletter = find(request, slug, "newsletters.send")
    act = STEERING.get(request.POST.get("do", ""))
    with refusals_shown(request):
        if act:
            act(newsletter=newsletter)
        elif request.POST.get("do") == "approve":
            version = whole(request.POST.get("version", ""))
            approving.approve(newsletter=newsletter, by=request.user, version=version)
            messages.success(request, _("Approved: now it can go on."))
    return redirect("newsletters:staff-progress", slug)


@page("newsletters.rule")
def rules(request: HttpRequest) -> HttpResponse:
    """Whether a second person approves, and after which delay somebody is asked."""
    programme = current_frame(request).programme
    if programme is None or not request.user.has_perm("newsletters.rule", programme):
        raise PermissionDenied
    form = RulesForm(request.POST or None, programme=programme)
    if request.method == "POST" and form.is_valid():
        approving.set_rules(programme=programme, **form.cleaned_data)
        messages.success(request, _("Kept. What is scheduled already leaves as it was promised."))
        return redirect("newsletters:staff-list")
    return render(request, "newsletters/desk/rules.html", {"form": form})
