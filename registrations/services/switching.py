"""Which mails leave for an event, and when the planned ones do: what the staff choose, kept where it is not the usual.

Called by the page "Mails of this event". A planned mail that left does not leave again when its time is moved.
Refusals: `invalid` with the fields (`minutes_<kind>`), and `needed` for a mail without which nothing would work.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from events.models import Event
from registrations import kinds
from registrations.services import RegistrationError

SOONEST = 5
"""Minutes before the start: later than that a reminder is of no use."""


@transaction.atomic
def choose(*, event: Event, choices: Mapping[str, Mapping[str, Any]]) -> Event:
    """`choices` say of each kind `on` and, of planned ones, `minutes`; what is not named stays as it is."""
    _check(choices)
    event = Event.objects.select_for_update(of=("self",)).select_related("programme").get(pk=event.pk)
    mails = dict(event.mails)
    for key, choice in choices.items():
        kind, chosen = kinds.KINDS[key], dict(mails.get(key, {})) | dict(choice)
        usual = {"on": kind.is_usual} | ({"minutes": kind.plan.minutes} if kind.plan else {})
        mails[key] = {name: value for name, value in chosen.items() if value != usual.get(name)}
    event.mails = {key: chosen for key, chosen in mails.items() if chosen}
    event.save(update_fields=["mails"])
    return event


def _check(choices: Mapping[str, Mapping[str, Any]]) -> None:
    problems = {}
    for key, choice in choices.items():
        kind = kinds.KINDS[key]
        if kind.needed_because and not choice.get("on", True):
            raise RegistrationError("needed", kind.needed_because, {f"on_{key}": kind.needed_because})
        if "minutes" in choice and kind.plan:
            least = 0 if kind.plan.is_after else SOONEST
            if not least <= choice["minutes"] <= kinds.LONGEST:
                problems[f"minutes_{key}"] = _("Choose between %(least)d minutes and 60 days.") % {"least": least}
    if problems:
        raise RegistrationError("invalid", _("Please check what you wrote."), problems)
