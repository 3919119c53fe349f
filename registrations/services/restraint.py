"""What a stranger may ask for before anybody has opened a mail: so that nobody empties an event or floods an inbox.

Generous enough for fifty colleagues behind one office address; whoever opens the link in the mail no longer counts.
Asked by `signup` wherever a `client` (`core.limits.client_of`) is named: our staff, the door and our own commands name
none and are not counted. Refusal: `too_many` (429), alike for addresses that are registered and for those that are not.
"""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from core.limits import Limit
from events.models import Event
from registrations.models import Registration
from registrations.services import RegistrationError

HOUR = timedelta(hours=1)
MAILS = Limit("mails of a client to an address", 10, HOUR)
"""What one client can have us send to one address, whatever the event."""
MAILS_OF_ALL = Limit("mails to an address", 40, HOUR)
"""The same of all clients together: so much more that nobody alone keeps an address from registering."""
REQUESTS = Limit("requests of a client", 150, HOUR)
"""Forms of one client that may lead to a mail: register, send again, correct the address, find the links, hand over."""
CORRECTIONS = Limit("corrections of a registration", 5, HOUR)
CHANGES = Limit("changes of a registration", 20, HOUR)
"""What a person may change by her link, each of which may write to her."""
HANDOVERS = Limit("offers of a place", 5, HOUR)
"""Colleagues to whom one registration has us write."""
UNCONFIRMED = 60
"""Registrations of one client, in all events, whose mail nobody has opened yet."""
ALWAYS_HELD = 10


class TooManyError(RegistrationError):
    status = 429
    retry_after = int(HOUR.total_seconds())

    def __init__(self, message: Any, fields: dict[str, Any] | None = None):
        super().__init__("too_many", message, fields)


def held_by_one(capacity: int) -> int:
    """How many places of a mode one client may hold unconfirmed: ten, and half of those beyond."""
    return ALWAYS_HELD + max(0, capacity - ALWAYS_HELD) // 2


def ask(*, client: str, email: str) -> None:
    """Count a request that may lead to a mail to `email`."""
    if not client:
        return
    if not REQUESTS.count(client):
        raise TooManyError(_("Too many requests have come from your network. Try again in an hour."))
    if not MAILS.count(f"{client} {email}") or not MAILS_OF_ALL.count(email):
        sentence = _("We have already written to this address several times. Look among the spam, or try in an hour.")
        raise TooManyError(sentence, {"email": sentence})


def correct(*, client: str, registration: Registration) -> None:
    """Count a correction of the address of `registration`."""
    if client and not CORRECTIONS.count(str(registration.pk)):
        sentence = _("The address was corrected too many times. Try again in an hour.")
        raise TooManyError(sentence, {"email": sentence})


def change(*, client: str, registration: Registration) -> None:
    """Count a change that somebody makes by the link of `registration`."""
    if client and not CHANGES.count(str(registration.pk)):
        raise TooManyError(_("You have changed a lot in a short time. Try again in an hour."))


def hand_over(*, client: str, registration: Registration) -> None:
    """Count an offer of the place of `registration` to a colleague."""
    if client and not HANDOVERS.count(str(registration.pk)):
        raise TooManyError(_("You have offered your place too many times. Try again in an hour."))


def hold(*, client: str, event: Event, mode: str, number: int = 1) -> None:
    """May `client` have so many more registrations that nobody has confirmed? Call inside `places.deciding(event)`."""
    if not client:
        return
    held = Registration.objects.filter(client=client).aggregate(
        everywhere=Count("pk"), here=Count("pk", Q(event=event, mode=mode, state=Registration.State.PENDING))
    )
    most_here = held_by_one(getattr(event, f"{mode}_capacity"))
    if held["everywhere"] + number > UNCONFIRMED or held["here"] + number > most_here:
        raise TooManyError(
            _("Many registrations from your network are still to be confirmed. Open the links in those mails first.")
        )
