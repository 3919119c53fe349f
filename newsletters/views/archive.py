"""What was sent, for everybody: the list, each newsletter as a page, and the picture beside its link."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from core import preview_picture
from core.public_page import public_page
from newsletters.services import archive, composing, subscriptions


def _issue(slug: str) -> archive.Issue:
    for issue in archive.issues():
        if issue.newsletter.slug == slug:
            return issue
    raise Http404


@public_page()
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "newsletters/archive.html", {"issues": archive.issues()})


@public_page()
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """As it was sent, without what was personal in it."""
    issue = _issue(slug)
    context = {
        "issue": issue,
        "newsletter": issue.newsletter,
        "page": composing.web_version(issue.newsletter, get_language()),
        "corrections": archive.corrections(issue.newsletter),
        "address": archive.public_address(issue.newsletter),
        "picture": f"{archive.public_address(issue.newsletter)}preview.png",
        "consent_text": subscriptions.consent_text(issue.newsletter.programme),
    }
    return render(request, "newsletters/detail.html", context)


@require_safe
@conditional_page
@cache_control(public=True, max_age=3600)
def picture(request: HttpRequest, slug: str) -> HttpResponse:
    """Drawn once and kept; asked for by the machines of whoever shows the link."""
    newsletter = _issue(slug).newsletter
    subject = composing.web_version(newsletter, get_language()).subject
    return HttpResponse(preview_picture.png(archive.picture(newsletter, subject)), content_type="image/png")
