"""Giving somebody who stands at the door a place in the hall: who registered online, who waits, who never confirmed.

Called by `checkin` for a scan that asks for it (`admit`), inside the transaction that holds the event.
The places are counted as everywhere (`places`); above them somebody is let in only for a reason, and then holds none
(`Registration.is_extra`), so that the counters stay true. Who still has to agree to something or to be approved is
not admitted here: her presence can be noted (`force`), the rest is the desk's.
"""

from events.models import Event, Mode
from registrations.models import Registration
from registrations.services import notices, places, waiting_list
from registrations.signals import registration_confirmed

State = Registration.State
ADMISSIBLE = {State.PENDING, State.EXPIRED, State.WAITING, State.OFFERED, State.CANCELLED}
ADMITTED = [
    "state", "mode", "held_until", "queued_at", "promoted_at", "promoted_because", "wished_mode", "accepts_other_mode",
    "cancelled_at", "client", "is_extra", "extra_because", "told_sequence", "calendar_sequence", "changed_at",
]  # fmt: skip
"""What `admit` changes."""


def is_admissible(person: Registration) -> bool:
    """Could a place in the hall be all that she lacks?"""
    if person.erased_at or person.has_yet_to_agree:
        return False
    if person.state == State.CONFIRMED:
        return person.mode == Mode.ONLINE
    return person.state in ADMISSIBLE and person.state_with_place == State.CONFIRMED


def admit(*, event: Event, person: Registration, why: str = "", above: bool = False) -> bool:
    """She is registered in person from now on. False, and nothing changed, when there is no place.

    `event` is held by the caller. `above`: without a place if need be, for `why`, which must say something.
    """
    person.event = event
    if not is_admissible(person) or _is_registered_anew(person):
        return False
    is_extra = not _takes_place(event, person)
    if is_extra and not (above and why):
        return False
    if is_extra and person.holds_place:
        places.release(event, person.mode)
    person.state, person.mode = State.CONFIRMED, Mode.IN_PERSON
    person.is_extra, person.extra_because = is_extra, why[:200] if is_extra else ""
    person.held_until = person.queued_at = person.promoted_at = person.cancelled_at = None
    person.promoted_because = person.wished_mode = person.client = ""
    person.accepts_other_mode, person.told_sequence = False, event.sequence
    person.calendar_sequence += 1
    person.save(update_fields=ADMITTED)
    registration_confirmed.send(Registration, registration=person)
    if event.state != Event.State.OVER:
        notices.send_ticket(person)
    waiting_list.serve(event)
    return True


def _is_registered_anew(person: Registration) -> bool:
    if person.is_alive or not person.email:
        return False
    return person.event.registrations.filter(email=person.email, state__in=Registration.ALIVE).exists()


def _takes_place(event: Event, person: Registration) -> bool:
    if not person.holds_place:
        return places.take(event, Mode.IN_PERSON)
    return person.mode == Mode.IN_PERSON or places.move(event, person.mode, Mode.IN_PERSON)
