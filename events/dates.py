"""When an event is, in words that one can read aloud: "martedì 21 maggio 2024, dalle 9:30 alle 13:30".

Pages, mails and tickets say it alike. An event that goes past midnight says both days.
"""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from events.models import Event


def day_in_words(event: Event) -> str:
    return date_format(event.local_start, "l j F Y")


def hours_in_words(event: Event) -> str:
    """The hours, and the second day's name where there is one."""
    start, end = event.local_start, timezone.localtime(event.ends_at)
    begins, ends = date_format(start, "G:i"), date_format(end, "G:i")
    if start.date() == end.date():
        return _("from %(begins)s to %(ends)s") % {"begins": begins, "ends": ends}
    day = date_format(end, "l j F")
    return _("from %(begins)s to %(ends)s of %(day)s") % {"begins": begins, "ends": ends, "day": day}


def in_words(event: Event) -> str:
    return f"{day_in_words(event)}, {hours_in_words(event)}"


def length_in_words(event: Event) -> str:
    """`4 h`, `3 h 30 min`."""
    return _in_words(event.duration_minutes)


def counted_in_words(event: Event) -> str:
    """What counts of it, without the nights: `8 h`."""
    return _in_words(event.minutes_counted)


def _in_words(length: int) -> str:
    hours, minutes = divmod(length, 60)
    parts = ([f"{hours} h"] if hours else []) + ([f"{minutes} min"] if minutes else [])
    return " ".join(parts)
