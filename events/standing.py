"""How an event stands, in the few words a card, a tile of the map or a table has room for.

One place decides which words and which tone, so that the home page, the list, the map and the event's own page never
disagree. The tone is never the only sign: the words are always there.
"""

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from events.models import Event

FEW = 10
"""From this many places left on, we say that they are the last ones."""


@dataclass(frozen=True)
class Standing:
    """`tone`: good, warn, stop, calm, live or over, for `components/badge.html`; `words`: what it says.

    `brief` is for a tile of the map, where the date stands beside it and the colour has a legend.
    """

    tone: str
    words: str
    brief: str = ""


def standing(event: Event, people: int | None = None) -> Standing:
    """`people`: how many came, where that is known, for an event that is over."""
    state, registration = event.state, event.registration_state
    if state == Event.State.CANCELLED:
        return Standing("stop", pgettext("event", "Cancelled"), pgettext("event", "Cancelled"))
    if state == Event.State.OVER:
        return _over(people)
    if state == Event.State.RUNNING:
        return Standing("live", _("Running now"), _("Running now"))
    if registration == Event.RegistrationState.OPEN:
        return _places(event.places_left)
    if registration == Event.RegistrationState.FULL:
        full = pgettext("event", "Full")
        return Standing("warn", _("Full: waiting list") if event.has_waiting_list else full, full)
    if registration == Event.RegistrationState.NOT_YET:
        day = date_format(localtime(event.registration_opens_at), "j F")
        return Standing("calm", _("Registration from %(day)s") % {"day": day})
    return Standing("calm", _("Registration closed"))


def _over(people: int | None) -> Standing:
    if not people:
        return Standing("over", _("Over"))
    words = ngettext("%(people)d person came", "%(people)d people came", people) % {"people": people}
    return Standing("over", words, ngettext("%(people)d person", "%(people)d people", people) % {"people": people})


def _places(left: int) -> Standing:
    words = ngettext("%(left)d place left", "%(left)d places left", left) % {"left": left}
    brief = ngettext("%(left)d place", "%(left)d places", left) % {"left": left}
    if left > FEW:
        return Standing("good", words, brief)
    return Standing("warn", ngettext("Last %(left)d place", "Last %(left)d places", left) % {"left": left}, brief)
