"""What a clock on the wall shows, as an instant: announcing an event and scheduling a newsletter ask the same.

On the night the clocks go forward an hour does not exist, on the night they go back one comes twice.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

YEARS = range(2000, 2100)
"""The years that a programme can be about; a date outside them is a slip of the keyboard."""


class NoSuchTimeError(ValueError):
    """Clocks go forward over this time. Says so in a sentence, with the next time that exists."""


def instants(local: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When clocks in `zone` show the naive `local`, in UTC: twice the same, but in the hour that comes twice.

    Raises `NoSuchTimeError`.
    """
    first, second = (local.replace(tzinfo=zone, fold=number).astimezone(UTC) for number in (0, 1))
    later = first.astimezone(zone)
    if later.replace(tzinfo=None) != local:
        sentence = _("At %(time)s clocks go forward and this time does not exist: choose another, such as %(later)s.")
        raise NoSuchTimeError(sentence % {"time": date_format(local, "H:i"), "later": date_format(later, "H:i")})
    return first, second


def in_words(moment: datetime, zone: str) -> str:
    """“martedì 14 maggio alle 9:00”, by the clock on the wall of `zone`; with the year where it is not this one."""
    there = moment.astimezone(ZoneInfo(zone))
    is_this_year = there.year == datetime.now(ZoneInfo(zone)).year
    day = date_format(there, "l j F" if is_this_year else "l j F Y")
    return _("%(day)s at %(time)s") % {"day": day, "time": date_format(there, "G:i")}
