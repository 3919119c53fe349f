"""How many people came to each event: counted by the room above, which knows, and shown on the pages here.

`registrations` registers its count when the project starts (see `registrations/figures.py`). The figures of a programme
are read together and kept for a minute, so that a page pays nothing for them.
"""

from collections.abc import Callable

from django.core.cache import cache

CACHE_SECONDS = 60
Count = Callable[[int], dict[int, int]]
_counts: list[Count] = []


def counts_people(count: Count) -> Count:
    """Decorator: a function of a programme's key that returns how many people came, by the event's key."""
    _counts.append(count)
    return count


def people(programme_id: int) -> dict[int, int]:
    """How many people came, by the event's key; events that nobody came to are not in it."""
    key = f"events.people:{programme_id}"
    found = cache.get(key)
    if found is None:
        found = {event: number for count in _counts for event, number in count(programme_id).items()}
        cache.set(key, found, CACHE_SECONDS)
    return found
