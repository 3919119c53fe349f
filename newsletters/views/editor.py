"""Writing a newsletter: text left, the phone that will show it right, and in plain words what will happen.

The page is one form: whatever button is pressed, what is written is kept first, in the same transaction, so that what
leaves is what was on the screen.
"""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.desk import page
from newsletters.forms.editor import TOOLS, EditorForm
from newsletters.forms.preview import PreviewForm
from newsletters.forms.schedule import ScheduleForm
from newsletters.models import Newsletter
from newsletters.services import NewsletterError, audiences, scheduling, writing
from newsletters.views.desk import find
from newsletters.views.large_texts import takes_large_texts


@page("newsletters.change")
@takes_large_texts
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Text left, phone right. What has left already is shown on its way instead."""
    newsletter = find(request, slug, "newsletters.change")
    if not newsletter.is_editable:
        return redirect("newsletters:staff-progress", slug)
    form = EditorForm(request.POST or None, newsletter=newsletter)
    when = ScheduleForm(request.POST if request.POST.get("do") == "schedule" else None, newsletter=newsletter)
    if request.method == "POST" and form.is_valid() and _keep_and_do(request, newsletter, form, when):
        goes_on = request.POST.get("do") == "before"
        return redirect("newsletters:staff-before" if goes_on else "newsletters:staff-edit", slug)
    context = {"newsletter": newsletter, "form": form, "when": when, "STATES": Newsletter.State, "tools": TOOLS}
    context["preview"] = PreviewForm(request.POST or None, newsletter=newsletter)
    context["is_conflict"] = form.has_error(NON_FIELD_ERRORS, "changed")
    context["reach"] = audiences.reach(newsletter.programme, form.audience_on_screen())
    context["may_send"] = request.user.has_perm("newsletters.send", newsletter)
    return render(request, "newsletters/desk/edit.html", context)


def _keep_and_do(request: HttpRequest, newsletter: Newsletter, form: EditorForm, when: ScheduleForm) -> bool:
    """Save, then what the button says; both or neither. A refusal goes to its field."""
    act = ACTIONS.get(request.POST.get("do", ""), _save)
    if act in NEEDS_SEND and not request.user.has_perm("newsletters.send", newsletter):
        raise PermissionDenied
    try:
        with transaction.atomic():
            kept = writing.save(
                newsletter=newsletter, version=form.cleaned_data["version"], by=request.user, **form.words()
            )
            act(request, kept, form, when)
            if act is _save and newsletter.state == "scheduled" and kept.state == "draft":
                messages.warning(request, _("It was approved in other words: it is a draft again and does not leave."))
    except NewsletterError as error:
        error.add_to(when if error.fields.keys() & when.fields.keys() else form)
        return False
    return True


def _save(request: HttpRequest, newsletter: Newsletter, form: EditorForm, when: ScheduleForm) -> None:
    messages.success(request, _("Saved."))


def _schedule(request: HttpRequest, newsletter: Newsletter, form: EditorForm, when: ScheduleForm) -> None:
    if not when.is_valid():
        raise NewsletterError("invalid", _("Choose a day and a time."))
    scheduling.schedule(newsletter=newsletter, send_at=when.instant(), by=request.user)
    messages.success(request, _("Scheduled: it leaves by itself."))


def _send(request: HttpRequest, newsletter: Newsletter, form: EditorForm, when: ScheduleForm) -> None:
    scheduling.send_now(newsletter=newsletter, by=request.user)
    messages.success(request, _("It leaves within half a minute."))


def _unschedule(request: HttpRequest, newsletter: Newsletter, form: EditorForm, when: ScheduleForm) -> None:
    scheduling.unschedule(newsletter=newsletter)
    messages.success(request, _("It is a draft again and does not leave."))


def _test(request: HttpRequest, newsletter: Newsletter, form: EditorForm, when: ScheduleForm) -> None:
    shown = PreviewForm(request.POST, newsletter=newsletter)
    writing.send_test(newsletter=newsletter, to=request.user, language=shown.language)
    messages.success(request, _("A trial copy is on its way to %(email)s.") % {"email": request.user.email})


ACTIONS: dict[str, Callable[..., None]] = {
    "schedule": _schedule, "send": _send, "unschedule": _unschedule, "test": _test
}  # fmt: skip
NEEDS_SEND = {_schedule, _send, _unschedule}


@page("newsletters.change")
@require_POST
@takes_large_texts
def reach(request: HttpRequest, slug: str) -> HttpResponse:
    """The panel in plain words, for the audience that is ticked now."""
    newsletter = find(request, slug, "newsletters.change")
    form = EditorForm(request.POST, newsletter=newsletter)
    counted = audiences.reach(newsletter.programme, form.audience_on_screen())
    return render(request, "newsletters/desk/reach.html", {"newsletter": newsletter, "reach": counted})
