"""`{% icon "it-calendar" %}`: a picture of Bootstrap Italia. It decorates; the words beside it say what it means."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """`name` as in the design system's list of icons; `classes` such as "icon-sm" or "icon-primary"."""
    sprite = static("bootstrap-italia/svg/public.svg")
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>', classes, sprite, name)
