"""The coordinator's list of who belongs to the programme's organisations, and what their addresses end with.

Searching is a POST: no address of a person stands in the address of a page.
"""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import desk
from accounts.services import trail
from programmes.context import current_frame
from programmes.models import Member, Programme
from registrations.desk import LISTED, SET_DOMAINS, UNLISTED
from registrations.forms.admission import PeopleListForm
from registrations.services import RegistrationError
from registrations.services import members as rules
from registrations.views.lists import Brought, bring, outcome

SHOWN = 200


def _programme(request: HttpRequest) -> Programme:
    programme = current_frame(request).programme
    if programme is None or not request.user.has_perm("programmes.change", programme):
        raise PermissionDenied
    return programme


@desk.page("programmes.change")
def members(request: HttpRequest) -> HttpResponse:
    """The list with a search, and a list brought in."""
    programme = _programme(request)
    if request.method == "POST" and "words" in request.POST:
        return _page(request, programme, Brought(PeopleListForm()))
    brought = bring(
        request, look_at=partial(rules.look_at, programme=programme), write=partial(rules.add, programme=programme)
    )
    if brought.written is not None:
        trail.note(actor=request.user, subject=programme, act=LISTED, detail=f"({brought.written})")
        words = ngettext(
            "%(number)d person is on the list now.", "%(number)d people are on the list now.", brought.written
        )
        messages.success(request, outcome(brought, words % {"number": brought.written}))
    return _page(request, programme, brought, brought.status)


def _page(
    request: HttpRequest, programme: Programme, brought: Brought, status: int = 200, **context: Any
) -> HttpResponse:
    words = request.POST.get("words", "").strip()[:100]
    found = list(rules.search(programme, words)[: SHOWN + 1])
    context = {
        "form": brought.form,
        "sifted": brought.sifted,
        "words": words,
        "found": found[:SHOWN],
        "has_more": len(found) > SHOWN,
        "number": Member.objects.filter(programme=programme).count(),
        "organisations": rules.organisations_of(programme),
    } | context
    return render(request, "registrations/staff/members.html", context, status=status)


@require_POST
@desk.page("programmes.change")
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    programme = _programme(request)
    rules.remove(member=get_object_or_404(Member, programme=programme, pk=pk))
    trail.note(actor=request.user, subject=programme, act=UNLISTED)
    messages.success(request, _("Taken off the list."))
    return redirect("registrations:members")


@require_POST
@desk.page("programmes.change")
def domains(request: HttpRequest) -> HttpResponse:
    programme = _programme(request)
    organisations = list(rules.organisations_of(programme))
    typed = {one.pk: request.POST.get(f"domains-{one.pk}", one.email_domains)[:1000] for one in organisations}
    try:
        rules.set_domains(programme=programme, domains=typed)
    except RegistrationError as error:
        for one in organisations:
            one.email_domains, one.problem = typed[one.pk], error.fields.get(f"domains-{one.pk}")
        return _page(request, programme, Brought(PeopleListForm()), 422, organisations=organisations, refusal=error)
    trail.note(actor=request.user, subject=programme, act=SET_DOMAINS)
    messages.success(request, _("Saved."))
    return redirect("registrations:members")
