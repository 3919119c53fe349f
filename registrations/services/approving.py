"""Registrations that the staff decide about: where the event asks for it, and of people from 14 to 17.

A request holds its place until it is decided, so that nobody is approved into a full event. Who waits in line may be
approved beforehand: her place, once she accepts it, is then hers without another question. Twice is once.
Refusals: `cancelled`, `closed`, `no_reason`.
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from core.names import one_line
from registrations.models import Registration
from registrations.services import RegistrationError, changing, notices, places, waiting_list
from registrations.services.conditions import must_be_alive, must_not_be_over
from registrations.signals import registration_confirmed

State = Registration.State


def approve(*, registration: Registration) -> Registration:
    """Whoever asked has the place for good and gets the ticket; who waits is marked as approved."""
    with places.deciding_about(registration) as event:
        if registration.approved_at and registration.state != State.REQUESTED:
            return registration
        must_be_alive(registration)
        must_not_be_over(event)
        registration.approved_at = timezone.now()
        is_decided = registration.state == State.REQUESTED
        if is_decided:
            registration.state, registration.told_sequence = State.CONFIRMED, event.sequence
        registration.save(update_fields=["approved_at", "state", "told_sequence", "changed_at"])
        if is_decided:
            registration_confirmed.send(Registration, registration=registration)
            notices.send_ticket(registration)
    return registration


def refuse(*, registration: Registration, because: str) -> Registration:
    """The place goes to the next in line; the person is told why. Only of who has not been approved."""
    because = one_line(because)
    if not because:
        sentence = _("Say why: the person reads it.")
        raise RegistrationError("no_reason", sentence, {"because": sentence})
    with places.deciding_about(registration) as event:
        if registration.state == State.REFUSED:
            return registration
        must_be_alive(registration)
        if registration.state == State.CONFIRMED:
            raise RegistrationError("closed", _("This registration is confirmed already: cancel it instead."))
        if registration.holds_place:
            places.release(event, registration.mode)
        registration.state, registration.refused_because = State.REFUSED, because[:300]
        changing.end(registration)
        registration.save(update_fields=[*changing.ENDED, "refused_because"])
        notices.tell_refused(registration)
        waiting_list.serve(event)
    return registration
