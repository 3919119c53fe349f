"""An event in words, for templates of every room: `{{ event|when }}`, `{% standing_of event as … %}`."""

from django import template

from events import audience, dates
from events.differences import differences
from events.models import Event
from events.standing import Standing, standing

register = template.Library()
register.filter("when", dates.in_words)
register.filter("day_of", dates.day_in_words)
register.filter("hours", dates.hours_in_words)
register.filter("how_long", dates.length_in_words)
register.filter("how_much_counts", dates.counted_in_words)
register.filter("for_whom", audience.in_words)
register.filter("differences", differences)


@register.filter
def with_province(event: Event) -> str:
    """Its name, and its province where the name does not say it: sister events are told apart."""
    name, province = str(event), str(event.territory or "")
    return name if province in name else f"{name} – {province}"


@register.simple_tag
def standing_of(event: Event, people: int | None = None) -> Standing:
    return standing(event, people)
