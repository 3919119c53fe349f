"""Two ways in beside allauth's: a link made at the server's shell, and the codes of a trial on one's own machine."""

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.local import is_trial_on_own_machine
from accounts.services import login_link
from mail.models import Delivery

SHOWN = 10


@never_cache
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link only asks: programs that look at links ahead must not use it up."""
    user = login_link.user_of(token=token)
    if user is None:
        return render(request, "accounts/login_link_old.html", status=404)
    if request.method == "POST":
        return perform_login(request, Login(user=user, email=user.email))
    return render(request, "accounts/login_link.html", {"person": user})


@never_cache
@require_safe
def local_codes(request: HttpRequest) -> HttpResponse:
    if not is_trial_on_own_machine(request):
        raise Http404
    deliveries = Delivery.objects.filter(message__kind="accounts.login_code").select_related("message")
    return render(request, "accounts/local_codes.html", {"deliveries": deliveries.order_by("-pk")[:SHOWN]})
