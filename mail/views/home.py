"""The staff's mail page: whether mail leaves, what waits and how fast it may go; whose mail became what."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.numbers import whole
from mail.forms import AddressForm, DomainRateForm, RateForm
from mail.models import Route
from mail.services import office, returns, routes
from mail.views.guard import staff


@staff()
def home(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **forms) -> HttpResponse:
    now = office.now()
    context = {
        "office": now,
        "leaves": bool(settings.EMAIL_URL),
        "rate": RateForm(initial={"per_minute": now.relay.per_minute}, prefix="relay"),
        "domain_rate": DomainRateForm(prefix="domain"),
        "search": AddressForm(),
        "returns": returns.mailbox_state(),
        **forms,
    }
    return render(request, "mail/home.html", context, status=status)


@staff("mail.decide")
@require_POST
def set_rate(request: HttpRequest) -> HttpResponse:
    """Of the relay, or with `for` = "domain" of one domain behind it."""
    kind, name = (DomainRateForm, "domain") if request.POST.get("for") == "domain" else (RateForm, "relay")
    form = kind(request.POST, prefix=name)
    if not form.is_valid():
        return _page(request, 422, **{"domain_rate" if name == "domain" else "rate": form})
    routes.set_rate(**form.cleaned_data)
    messages.success(request, _("Saved. All senders keep to it from now on."))
    return redirect("mail:home")


@staff("mail.decide")
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """Try again at once where mail waits for the mail server or for a domain."""
    if route := Route.objects.filter(pk=whole(request.POST.get("route", ""))).first():
        routes.release(route=route)
        messages.success(request, _("We try again now."))
    return redirect("mail:home")


@staff()
@require_POST
def address(request: HttpRequest) -> HttpResponse:
    """To the history of one address. By POST: no address stands in an address."""
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _page(request, 422, search=form)
    newest = office.newest_to(form.cleaned_data["address"])
    if newest is None:
        messages.info(request, _("Nothing was written to this address, or longer ago than we keep it (six months)."))
        return redirect("mail:home")
    return redirect("mail:history", newest.pk)
