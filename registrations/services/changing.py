"""Changing one's mind: cancel, or take part in the other mode.

Each moves place and state in one transaction of the event, may be called twice without harm, tells the person, and
offers what becomes free to the waiting list. The person changes her mode until the event's deadline for changes and
cancels until it is over; the staff, who name `after_deadline`, may do both as long as she has not come in.
Refusals: `closed`, `full`, `cancelled`, `offered`, `invalid`, and `too_many` where a `client` is named (`restraint`).
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from events.models import Mode
from registrations.models import Registration
from registrations.services import RegistrationError, notices, places, restraint, waiting_list
from registrations.services.conditions import must_be_alive, must_be_movable, must_offer, must_take_changes
from registrations.signals import registration_confirmed

State = Registration.State
ENDED = [
    "state", "client", "held_until", "cancelled_at", "ticket_version", "calendar_sequence", "group", "is_group_pinned",
    "changed_at",
]  # fmt: skip
"""What `end` changes."""


def cancel(*, registration: Registration) -> Registration:
    """Give the place back; the ticket is void and the first in line is offered the place. Twice is once.

    Raises `closed` when the event is over or the person has been there.
    """
    with places.deciding_about(registration) as event:
        if not registration.is_alive:
            return registration
        must_be_movable(registration)
        was_known = registration.email_confirmed_at or registration.state == State.CONFIRMED
        was_invited = registration.state == State.CONFIRMED
        if registration.holds_place:
            places.release(event, registration.mode)
        registration.state = State.CANCELLED
        end(registration)
        registration.save(update_fields=ENDED)
        if was_known:
            notices.tell_cancelled(registration, was_invited=was_invited)
        waiting_list.serve(event)
    return registration


def end(registration: Registration) -> None:
    """In the object: nothing that was given with the place counts any more."""
    registration.cancelled_at, registration.held_until, registration.client = timezone.now(), None, ""
    registration.ticket_version += 1
    registration.calendar_sequence += 1
    registration.group, registration.is_group_pinned = None, False


def change_mode(
    *, registration: Registration, mode: str, after_deadline: bool = False, client: str = ""
) -> Registration:
    """Take part in the other mode. The old place is given back only when the new one is had; otherwise `full`.

    Somebody in line gets a free place of the other mode at once, or goes on waiting.
    """
    restraint.change(client=client, registration=registration)
    with places.deciding_about(registration) as event:
        if mode == registration.mode:
            return registration
        must_offer(event, mode)
        must_be_alive(registration)
        must_be_movable(registration)
        if not after_deadline:
            must_take_changes(event)
        if registration.state == State.OFFERED:
            raise RegistrationError("offered", _("First answer the offer of the place that became free."))
        was_in_line = registration.is_in_line
        if registration.holds_place:
            if not places.move_for_newcomer(event, registration.mode, mode):
                raise places.full()
        elif registration.is_extra:
            if not places.take(event, mode):
                raise places.full()
            registration.is_extra, registration.extra_because = False, ""
        else:
            _leave_line(registration, mode)
        registration.mode = mode
        registration.calendar_sequence += 1
        if mode == Mode.ONLINE:
            registration.group, registration.is_group_pinned = None, False
        registration.save(
            update_fields=[
                "state",
                "mode",
                "calendar_sequence",
                "group",
                "is_group_pinned",
                "queued_at",
                "accepts_other_mode",
                "is_extra",
                "extra_because",
                "changed_at",
            ]  # fmt: skip
        )
        if registration.state == State.CONFIRMED:
            notices.send_ticket(registration)
        elif was_in_line and registration.state == State.REQUESTED:
            notices.tell_requested(registration)
        waiting_list.serve(event)
    return registration


def _leave_line(registration: Registration, mode: str) -> None:
    """From the waiting list to a free place of the other mode. Raises `full`."""
    if not places.take_for_newcomer(registration.event, mode):
        raise places.full()
    if registration.email_confirmed_at is None:
        registration.state = State.PENDING
    else:
        registration.state = registration.state_with_place
    registration.queued_at, registration.accepts_other_mode = None, False
    if registration.state == State.CONFIRMED:
        registration_confirmed.send(Registration, registration=registration)
