"""What was sent, for everybody: the list and each newsletter as a page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language

from core.public_page import public_page
from newsletters.models import Newsletter
from newsletters.services import composing


@public_page()
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "newsletters/archive.html", {"newsletters": Newsletter.objects.public()})


@public_page()
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """As it was sent, without what was personal in it."""
    newsletter = get_object_or_404(Newsletter.objects.public().select_related("programme"), slug=slug)
    page = composing.web_version(newsletter, get_language())
    return render(request, "newsletters/detail.html", {"newsletter": newsletter, "page": page})
