"""The pack for partners: texts to copy for each channel, a link for each organisation, the picture to go with them."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, override

from accounts.desk import page
from core import preview_picture
from newsletters.services import archive, composing, sharing
from newsletters.views.desk import find
from programmes.models import Organisation


@page("newsletters.view")
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """In the language and for the organisation that the address names (`?language=en&for=cna`)."""
    newsletter = find(request, slug)
    partners = list(newsletter.programme.organisations.exclude(role=Organisation.Role.FUNDER))
    chosen = next((one for one in partners if one.slug == request.GET.get("for")), None)
    language = _language(request)
    with override(language):
        links = [(one, sharing.link_for(newsletter, one)) for one in partners]
        own_link = sharing.link_for(newsletter, chosen)
    context = {
        "newsletter": newsletter,
        "posts": sharing.posts(newsletter, language, chosen),
        "partners": links,
        "chosen": chosen,
        "own_link": own_link,
        "language": language,
        "languages": settings.LANGUAGES,
    }
    return render(request, "newsletters/desk/share.html", context)


@page("newsletters.view")
def picture(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture as it will be public, also before the newsletter is."""
    newsletter, language = find(request, slug), _language(request)
    with override(language):
        subject = composing.web_version(newsletter, language).subject
        content = preview_picture.png(archive.picture(newsletter, subject))
    response = HttpResponse(content, content_type="image/png")
    response["Content-Disposition"] = f'inline; filename="{newsletter.slug}-{language}.png"'
    return response


def _language(request: HttpRequest) -> str:
    wanted = request.GET.get("language")
    return wanted if wanted in dict(settings.LANGUAGES) else get_language()
