"""How the sender stands before the world: the last check, and the button that makes a new one."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from mail import signing
from mail.sender_findings import in_words
from mail.services import deliverability
from mail.views.guard import staff


@staff()
def sender(request: HttpRequest) -> HttpResponse:
    """A POST looks now, for up to five seconds. Where nothing leaves this machine there is nothing to look at."""
    if request.method == "POST" and settings.EMAIL_URL:
        deliverability.check()
        return redirect("mail:sender")
    check = deliverability.last() if settings.EMAIL_URL else None
    context = {
        "leaves": bool(settings.EMAIL_URL),
        "domain": signing.sender_domain(),
        "check": check,
        "findings": in_words(check.findings) if check else [],
    }
    return render(request, "mail/sender.html", context)
