"""The history of the mail to one address, and freeing it. The page is named by one of its mails, not by the address."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import refusals_shown
from mail import history as histories
from mail.models import Delivery
from mail.services import feedback
from mail.views.guard import staff


@staff()
def history(request: HttpRequest, pk: int) -> HttpResponse:
    delivery = _known(pk)
    return render(request, "mail/history.html", {"delivery": delivery, "history": histories.of(delivery.email)})


@staff("mail.decide")
@require_POST
def free(request: HttpRequest, pk: int) -> HttpResponse:
    with refusals_shown(request):
        feedback.free(email=_known(pk).email, by=request.user, reason=request.POST.get("reason", ""))
        messages.success(request, _("The next newsletter goes to this address again."))
    return redirect("mail:history", pk)


def _known(pk: int) -> Delivery:
    return get_object_or_404(Delivery.objects.exclude(email=""), pk=pk)
