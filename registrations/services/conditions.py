"""What must be true of an event or of a registration before something may happen to it, said once for all services.

Each raises a RegistrationError with the sentence for the person: `closed`, `cancelled`, `invalid`.
"""

from django.utils.translation import gettext as _

from events.models import Event
from registrations.models import Registration
from registrations.services import RegistrationError


def must_take_registrations(event: Event) -> None:
    state = event.registration_state
    if state == Event.RegistrationState.CLOSED:
        raise RegistrationError("closed", _("Registration for this event is closed."))
    if state == Event.RegistrationState.NOT_YET:
        raise RegistrationError("closed", _("Registration for this event is not open yet."))


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
