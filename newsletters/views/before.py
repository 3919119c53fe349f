"""What will happen, before it does: who gets it, who does not and why, how long it takes; and the deciding buttons."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.desk import page
from core.numbers import whole
from mail.services import routes
from newsletters.forms.schedule import ScheduleForm
from newsletters.models import Newsletter
from newsletters.services import NewsletterError, approving, audiences, checking, prospect, scheduling
from newsletters.views.desk import find

SHOWN = 25
LONGEST_SEARCH = 100


@page("newsletters.view")
def before(request: HttpRequest, slug: str) -> HttpResponse:
    newsletter = find(request, slug)
    if not newsletter.is_editable:
        return redirect("newsletters:staff-progress", slug)
    when = ScheduleForm(request.POST if request.POST.get("do") == "schedule" else None, newsletter=newsletter)
    if request.method == "POST" and _act(request, newsletter, when):
        return redirect("newsletters:staff-before", slug)
    found = checking.findings(newsletter)
    context = _who(request, newsletter) | {
        "newsletter": newsletter,
        "when": when,
        "blocking": [one for one in found if one.is_blocking],
        "warnings": [one for one in found if not one.is_blocking],
        "may_send": request.user.has_perm("newsletters.send", newsletter),
        "may_approve": approving.may_approve(newsletter, request.user),
    }
    return render(request, "newsletters/desk/before.html", context)


def _who(request: HttpRequest, newsletter: Newsletter) -> dict[str, Any]:
    reach = audiences.reach(newsletter.programme, audiences.Audience.of(newsletter))
    groups = prospect.groups(reach)
    asked, words = request.GET.get("who", ""), request.GET.get("q", "").replace("\0", "")[:LONGEST_SEARCH]
    group = next((one for one in groups if one.key == asked), groups[0])
    people = Paginator(prospect.people(newsletter, group.key, words), SHOWN)
    return {
        "reach": reach,
        "groups": groups,
        "group": group,
        "words_searched": words,
        "page": people.get_page(request.GET.get("page")),
        "duration": prospect.in_words(routes.estimate(count=reach.recipients)),
    }


def _act(request: HttpRequest, newsletter: Newsletter, when: ScheduleForm) -> bool:
    """Do what the button says. A refusal stands at its field, or above the page."""
    act = ACTIONS.get(request.POST.get("do", ""))
    if act is None:
        return True
    needed = "newsletters.change" if act in CHECKS else "newsletters.send"
    if not request.user.has_perm(needed, newsletter):
        raise PermissionDenied
    version = whole(request.POST.get("version", ""))
    try:
        act(request, newsletter, when, newsletter.version if version is None else version)
    except NewsletterError as error:
        if error.fields.keys() & when.fields.keys():
            error.add_to(when)
        else:
            messages.error(request, error.message)
        return False
    return True


def _check(request: HttpRequest, newsletter: Newsletter, when: ScheduleForm, version: int) -> None:
    found = checking.check(newsletter=newsletter, by=request.user, version=version)
    number = sum(one.is_blocking for one in found)
    if number:
        text = ngettext(
            "%(number)s thing has to be put right first.", "%(number)s things have to be put right first.", number
        )
        messages.warning(request, text % {"number": number})
    else:
        messages.success(request, _("Checked: nothing stands in the way."))


def _links(request: HttpRequest, newsletter: Newsletter, when: ScheduleForm, version: int) -> None:
    checking.check_links(newsletter=newsletter)
    messages.success(request, _("The pages of others were asked: what they answered stands in the checklist."))


def _approve(request: HttpRequest, newsletter: Newsletter, when: ScheduleForm, version: int) -> None:
    approving.approve(newsletter=newsletter, by=request.user, version=version)
    messages.success(request, _("Approved: now it can be scheduled."))


def _schedule(request: HttpRequest, newsletter: Newsletter, when: ScheduleForm, version: int) -> None:
    if not when.is_valid():
        raise NewsletterError("invalid", _("Choose a day and a time."))
    scheduling.schedule(newsletter=newsletter, send_at=when.instant(), by=request.user, version=version)
    messages.success(request, _("Scheduled: it leaves by itself."))


def _send(request: HttpRequest, newsletter: Newsletter, when: ScheduleForm, version: int) -> None:
    scheduling.send_now(newsletter=newsletter, by=request.user, version=version)
    messages.success(request, _("It leaves within half a minute."))


def _unschedule(request: HttpRequest, newsletter: Newsletter, when: ScheduleForm, version: int) -> None:
    scheduling.unschedule(newsletter=newsletter)
    messages.success(request, _("It is a draft again and does not leave."))


ACTIONS = {
    "check": _check, "links": _links, "approve": _approve,
    "schedule": _schedule, "send": _send, "unschedule": _unschedule,
}  # fmt: skip
CHECKS = {_check, _links}
