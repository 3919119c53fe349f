"""What the public frame needs beyond Django's own tags: the same page in another language, and where one is.

`{% in_language "en" %}` is this page's address in English, `{% current_if "events" %}` marks the menu entry of the room
one is in.
"""

from django import template
from django.conf import settings
from django.urls import translate_url
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag(takes_context=True)
def in_language(context: template.Context, language: str) -> str:
    """The address of the page on show in `language`, or that language's home where the page has no address."""
    request = context.get("request")
    if request is None or request.resolver_match is None:
        return "/" if language == settings.LANGUAGE_CODE else f"/{language}/"
    return translate_url(request.get_full_path(), language)


@register.simple_tag(takes_context=True)
def absolute_in_language(context: template.Context, language: str) -> str:
    return settings.SITE_URL + in_language(context, language)


@register.simple_tag(takes_context=True)
def current_if(context: template.Context, *names: str) -> SafeString:
    """`aria-current` when the page belongs to one of the rooms or is one of the addresses (`room:name`) named."""
    match = getattr(context.get("request"), "resolver_match", None)
    here = {match.app_name, match.view_name} if match else set()
    return mark_safe(' aria-current="true"') if here & set(names) else mark_safe("")  # noqa: S308 (a constant)
