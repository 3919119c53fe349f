"""Who works here: everybody with her roles, adding a person, taking a role away, closing an account."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import desk
from accounts.forms import PersonForm
from accounts.models import Membership, User
from accounts.roles import ROLES
from accounts.services import AccountError, staffing
from core.errors import refusals_shown
from programmes.context import current_frame
from programmes.models import Programme


def _programme(request: HttpRequest, permission: str) -> Programme:
    programme = current_frame(request).programme
    if programme is None or not request.user.has_perm(permission, programme):
        raise Http404
    return programme


@desk.page("accounts.view")
def people(request: HttpRequest) -> HttpResponse:
    programme = _programme(request, "accounts.view")
    memberships = Membership.objects.filter(programme=programme).select_related("user", "territory")
    by_user: dict[User, list[Membership]] = {}
    for membership in memberships.order_by("user__first_name", "user__last_name", "user", "pk"):
        by_user.setdefault(membership.user, []).append(membership)
    return render(request, "accounts/people.html", {"people": by_user.items()})


@desk.page("accounts.change")
def add(request: HttpRequest) -> HttpResponse:
    programme = _programme(request, "accounts.change")
    form = PersonForm(request.POST or None, programme=programme)
    if form.is_valid():
        try:
            membership = staffing.give_role(by=request.user, programme=programme, **form.cleaned_data)
        except AccountError as error:
            error.add_to(form)
        else:
            messages.success(request, _("%(name)s may log in now.") % {"name": membership.user})
            return redirect("accounts:people")
    return render(request, "accounts/person_add.html", {"form": form, "roles": ROLES.values()})


@require_POST
@desk.page("accounts.change")
def take_role(request: HttpRequest, pk: int) -> HttpResponse:
    memberships = Membership.objects.filter(programme=_programme(request, "accounts.change"))
    membership = get_object_or_404(memberships.select_related("user", "programme"), pk=pk)
    with refusals_shown(request):
        staffing.take_role(by=request.user, membership=membership)
        messages.success(request, _("The role is taken away."))
    return redirect("accounts:people")


@require_POST
@desk.page("accounts.change")
def set_active(request: HttpRequest, pk: int) -> HttpResponse:
    programme = _programme(request, "accounts.change")
    user = get_object_or_404(User.objects.filter(memberships__programme=programme).distinct(), pk=pk)
    with refusals_shown(request):
        staffing.set_active(by=request.user, user=user, is_active=request.POST.get("to") == "open")
        messages.success(request, _("Done."))
    return redirect("accounts:people")
