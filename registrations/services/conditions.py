"""What must be true of an event or of a registration before something may happen to it, said once for all services.

Each raises a RegistrationError with the sentence for the person: `closed`, `cancelled`, `invalid`.
"""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from events.models import Event
from registrations.models import Registration
from registrations.services import RegistrationError


def must_take_registrations(event: Event) -> None:
    state = event.registration_state
    if state == Event.RegistrationState.CLOSED:
        raise RegistrationError("closed", _why_closed(event))
    if state == Event.RegistrationState.NOT_YET:
        opens = _("Registration for this event opens on %(when)s.") % {"when": _moment(event.registration_opens_at)}
        raise RegistrationError("closed", opens)


def _why_closed(event: Event) -> str:
    if event.cancelled_at or not event.published_at:
        return _("Registration for this event is closed.")
    closed_at = min(event.registration_closes_at, event.ends_at)
    return _("Registration for this event closed on %(when)s.") % {"when": _moment(closed_at)}


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "l j F Y, G:i")


def must_offer(event: Event, mode: str) -> None:
    if mode not in event.places:
        sentence = _("One cannot take part in this event in this way.")
        raise RegistrationError("invalid", sentence, {"mode": sentence})


def must_not_be_over(event: Event) -> None:
    if event.state in {Event.State.OVER, Event.State.CANCELLED}:
        raise RegistrationError("closed", _("This event is over or was cancelled."))


def must_be_alive(registration: Registration) -> None:
    if not registration.is_alive:
        raise RegistrationError("cancelled", _("This registration was cancelled."))


def must_be_movable(registration: Registration) -> None:
    must_not_be_over(registration.event)
    if registration.entered_at:
        raise RegistrationError("closed", _("You have already come in, so this can no longer be changed."))


def must_take_changes(event: Event) -> None:
    """Until the deadline of the event a person changes answers and mode herself."""
    if not event.takes_changes:
        raise RegistrationError("closed", _("The time for changes is over: write to us, or cancel if you cannot come."))
