"""The answer when something breaks that nobody foresaw: a page for people, JSON for programs."""

from django.http import HttpRequest, HttpResponse
from django.views.defaults import server_error

from config import api


def broken(request: HttpRequest) -> HttpResponse:
    return api.broken(request) if request.path.startswith("/api/") else server_error(request)
