"""`{% desk_entries as entries %}`: the navigation for who is looking."""

from django import template

from accounts.desk import Entry, entries_for

register = template.Library()


@register.simple_tag(takes_context=True)
def desk_entries(context: dict) -> list[Entry]:
    return entries_for(context["request"].user)


@register.filter
def is_at(entry: Entry, path: str) -> bool:
    """Is `path` this entry's page or one below it?"""
    return path.startswith(entry.url)
