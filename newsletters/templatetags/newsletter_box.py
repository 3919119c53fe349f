"""`{% newsletter_box %}`: the newest newsletter and a form of one field, for the home page. One query."""

from typing import Any

from django import template

from newsletters.models import Newsletter
from newsletters.services import subscriptions

register = template.Library()


@register.inclusion_tag("newsletters/box.html", takes_context=True)
def newsletter_box(context: dict[str, Any]) -> dict[str, Any]:
    programme = context["frame"].programme
    newest = Newsletter.objects.public().first()
    return {
        "newest": newest,
        "programme": programme,
        "consent_text": subscriptions.consent_text(programme) if programme else "",
        "request": context.get("request"),
    }
