"""What will happen when a newsletter leaves: to whom, not to whom and why, and how long it takes.

Counted live, and listed by name and page, so that nobody has to trust a number. The sums are those that `sending.start`
will freeze. How long it takes is estimated by `mail.services.routes`; how it then goes is `progress`.
"""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from django.db.models import QuerySet
from django.utils.translation import gettext, ngettext

from newsletters.models import Newsletter, Subscription
from newsletters.services import audiences

GETS_IT = "gets"


@dataclass(frozen=True)
class Group:
    """People of whom the same is true: they get it, or they do not, for one reason."""

    key: str
    label: str
    number: int


def groups(reach: audiences.Reach) -> list[Group]:
    """Who gets it first, then who does not, by reason."""
    gets_it = Group(GETS_IT, gettext("Get it"), reach.recipients)
    return [gets_it, *(Group(key, str(audiences.REASONS[key]), number) for key, number in reach.left_out.items())]


def people(newsletter: Newsletter, group: str, words: str = "") -> QuerySet[Subscription]:
    """Those of one group by address, narrowed to who has `words` in name or address."""
    found = audiences.candidates(newsletter.programme, audiences.Audience.of(newsletter))
    found = found.filter(left_out="" if group == GETS_IT else group).search(words)
    return found.select_related("territory").order_by("email")


def in_words(time: timedelta) -> str:
    """“less than a minute”, “about 3 minutes”, “about 2 hours”."""
    minutes = ceil(time.total_seconds() / 60)
    if minutes <= 1:
        return gettext("less than a minute")
    if minutes < 90:
        return ngettext("about %(number)s minute", "about %(number)s minutes", minutes) % {"number": minutes}
    hours = round(minutes / 60)
    return ngettext("about %(number)s hour", "about %(number)s hours", hours) % {"number": hours}
