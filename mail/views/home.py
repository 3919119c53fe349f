"""The staff's mail page: whether mail leaves, what waits, and the way to everything about it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mail.views.guard import staff


@staff()
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "mail/home.html", {"has_mailbox": not settings.EMAIL_URL})
