"""Who reads us, for the staff: how many, one of them with all that is kept about her, and lists brought along.

Numbers are for who sees newsletters; names and addresses only for who writes them. An address never stands in the
address of a page: searching is a POST, a reader's page is found by its number.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.desk import page
from core.errors import refusals_shown
from newsletters.forms.readers import ListForm
from newsletters.models import Subscription
from newsletters.services import NewsletterError, brought_lists, importing, readers, subscriptions, tables
from programmes.context import current_frame
from programmes.models import Programme

MOST_ASKED = 1000
"""Mails that one list brought by this page may cause; larger ones are for the command, and for a reason."""
SHOWN = 200


def _programme(request: HttpRequest, permission: str) -> Programme:
    programme = current_frame(request).programme
    if programme is None or not request.user.has_perm(permission, programme):
        raise PermissionDenied
    return programme


@page("newsletters.view")
def overview(request: HttpRequest) -> HttpResponse:
    """The numbers; and, asked by POST, the readers with these words in their name or address."""
    programme = _programme(request, "newsletters.view")
    words = request.POST.get("words", "").strip()[:100]
    context: dict[str, Any] = {"numbers": readers.numbers(programme), "words": words}
    context["may_see_names"] = request.user.has_perm("newsletters.change", programme)
    if words and context["may_see_names"]:
        mine = Subscription.objects.visible_to(request.user).filter(programme=programme).select_related("territory")
        found = list(mine.search(words).order_by("email")[: readers.FOUND + 1])
        context |= {"found": found[: readers.FOUND], "has_more": len(found) > readers.FOUND}
    return render(request, "newsletters/desk/readers.html", context)


def _find(request: HttpRequest, pk: int) -> Subscription:
    visible = Subscription.objects.visible_to(request.user).select_related("programme", "territory")
    return get_object_or_404(visible, pk=pk)


@page("newsletters.change")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """All that is kept about one reader."""
    context = {"dossier": readers.dossier(_find(request, pk)), "STATES": Subscription.State}
    return render(request, "newsletters/desk/reader.html", context)


@page("newsletters.change")
@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Unsubscribe somebody who asked us in another way."""
    reader = _find(request, pk)
    with refusals_shown(request):
        subscriptions.unsubscribe_for_her(subscription=reader, by=request.user, note=request.POST.get("note", ""))
        messages.success(request, _("Done: nothing comes to this address any more."))
    return redirect("newsletters:staff-reader", pk)


@page("newsletters.change")
def proof(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as a file, for the privacy authority or for herself."""
    content = readers.as_json(readers.dossier(_find(request, pk)))
    response = JsonResponse(content, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="proof-{pk}.json"'
    return response


@page("newsletters.change")
def bring(request: HttpRequest) -> HttpResponse:
    """A list in a file: first what would become of it, then, with a yes, a worker brings it in."""
    programme = _programme(request, "newsletters.change")
    ticket = request.POST.get("ticket", "")
    form = ListForm(request.POST, request.FILES) if request.method == "POST" else ListForm()
    context: dict[str, Any] = {"form": form, "columns": tables.COLUMNS}
    try:
        if ticket:
            return _import(request, programme, ticket)
        if form.is_valid():
            context |= _try(request, programme, form.cleaned_data["file"])
    except NewsletterError as refusal:
        context["form"] = ListForm()
        context["refusal"] = refusal.message
    return render(request, "newsletters/desk/bring.html", context)


def _try(request: HttpRequest, programme: Programme, file: Any) -> dict[str, Any]:
    content = file.read()
    report = importing.import_subscribers(
        programme=programme, rows=tables.read_table(content), source=file.name, dry_run=True, most_asked=MOST_ASKED
    )
    ticket = "" if report.errors else brought_lists.keep(content=content, name=file.name, by=request.user)
    return {"report": report, "errors": report.errors[:SHOWN], "name": file.name, "ticket": ticket}


def _import(request: HttpRequest, programme: Programme, ticket: str) -> HttpResponse:
    if request.POST.get("do") == "give_up":
        brought_lists.give_up(ticket=ticket, by=request.user)
        return redirect("newsletters:staff-readers-bring")
    brought_lists.agree(ticket=ticket, by=request.user, programme=programme)
    messages.success(request, _("The list is being brought in: a long one takes some minutes. The numbers here grow."))
    return redirect("newsletters:staff-readers")
