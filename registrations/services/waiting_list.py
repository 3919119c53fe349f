"""The queue when there is no place: who stands in it, in which order, and who is offered what becomes free.

The order, as the pages say it: whom the staff put first, then by the moment the address was confirmed; each mode has a
queue of its own, and who takes either mode stands in both. A free place is offered in the transaction that freed it, by
mail with a deadline, and is held until she accepts, declines or the deadline passes (`expiring`); then the next one is
asked. Nobody is offered anything once the event has begun. `serve_all` finds again what was missed (places added by an
editor, a lost message), so that an offer is never later than a minute. Accepting works until the place has gone on.
Refusals: `offer_over`, `closed`, `cancelled`, `not_waiting`, `no_reason`.
"""

from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.names import one_line
from events.models import Event, Mode
from registrations.models import Registration
from registrations.services import RegistrationError, notices, places
from registrations.services.conditions import must_be_alive, must_not_be_over, must_take_changes
from registrations.signals import registration_confirmed

State = Registration.State
SHORTEST = timedelta(minutes=30)
"""To open a mail and answer takes time: an offer is open at least so long, if the event is not nearer than that."""
QUARTER = 4


def serve(event: Event) -> list[Registration]:
    """Offer the free places of `event` to the people first in line. Call inside `places.deciding(event)`."""
    served = []
    while registration := places.next_in_line(event, free := _free_modes(event)):
        mode = registration.mode if registration.mode in free else free[0]
        if not places.take(event, mode):
            break
        registration.event = event
        _offer(registration, mode)
        served.append(registration)
    return served


def _free_modes(event: Event) -> list[str]:
    return [mode for mode, room in event.places.items() if room.left]


def _offer(registration: Registration, mode: str) -> None:
    if mode != registration.mode:
        registration.wished_mode, registration.mode = registration.mode, mode
    registration.state = State.OFFERED
    registration.held_until = offer_deadline(registration.event, timezone.now())
    registration.save(update_fields=["state", "mode", "wished_mode", "held_until", "changed_at"])
    notices.offer_place(registration)


def offer_deadline(event: Event, now: datetime) -> datetime:
    """Until when an offer made now is open: the event's hours, at most a quarter of the time that is left, at least
    half an hour, never beyond the start."""
    left = event.starts_at - now
    return now + min(left, max(SHORTEST, min(timedelta(hours=event.offer_hours), left / QUARTER)))


def join(registration: Registration) -> None:
    """In the object: she counts from now on, at the end of the queue."""
    registration.state, registration.queued_at = State.WAITING, timezone.now()
    registration.promoted_at, registration.promoted_because = None, ""


def accept(*, registration: Registration) -> Registration:
    """The place that was offered is hers, or waits for the staff where they approve. Twice is once.

    Raises `offer_over` when it has gone on to the next person, `closed` when the event is over.
    """
    with places.deciding_about(registration) as event:
        if registration.state in {State.CONFIRMED, State.REQUESTED}:
            return registration
        must_not_be_over(event)
        if registration.state == State.CANCELLED:
            raise RegistrationError("cancelled", _("You gave this place to the next person, or cancelled."))
        if registration.state != State.OFFERED:
            raise RegistrationError(
                "offer_over", _("The time to answer is over: the place has gone to the next person.")
            )
        registration.state = registration.state_with_place
        registration.held_until, registration.queued_at, registration.told_sequence = None, None, event.sequence
        registration.wished_mode, registration.accepts_other_mode = "", False
        registration.save(
            update_fields=[
                "state",
                "held_until",
                "queued_at",
                "told_sequence",
                "wished_mode",
                "accepts_other_mode",
                "changed_at",
            ]  # fmt: skip
        )
        if registration.state == State.CONFIRMED:
            registration_confirmed.send(Registration, registration=registration)
            notices.send_ticket(registration)
        else:
            notices.tell_requested(registration)
    return registration


def decline(*, registration: Registration) -> Registration:
    """No, thanks: the next one is asked. She leaves the list, unless she waits for the other mode. Twice is once."""
    with places.deciding_about(registration) as event:
        if registration.state != State.OFFERED:
            return registration
        places.release(event, registration.mode)
        if stays_in_line(registration):
            back_in_line(registration)
        else:
            registration.state, registration.cancelled_at = State.CANCELLED, timezone.now()
            registration.held_until = registration.queued_at = None
            registration.save(update_fields=["state", "cancelled_at", "held_until", "queued_at", "changed_at"])
        serve(event)
    return registration


def stays_in_line(registration: Registration) -> bool:
    """Was she offered the mode that she does not wait for?"""
    return bool(registration.wished_mode)


def back_in_line(registration: Registration) -> None:
    """Where she stood, waiting for her own mode only. The caller has given the place back."""
    registration.mode, registration.wished_mode = registration.wished_mode, ""
    registration.state, registration.held_until, registration.accepts_other_mode = State.WAITING, None, False
    registration.save(update_fields=["mode", "wished_mode", "state", "held_until", "accepts_other_mode", "changed_at"])


def choose_modes(*, registration: Registration, accepts_other: bool) -> Registration:
    """Would she take a place in the other mode, too? Who says yes is offered one at once if it is free."""
    with places.deciding_about(registration) as event:
        _must_wait(registration)
        must_take_changes(event)
        registration.accepts_other_mode = accepts_other and len(event.places) == len(Mode)
        registration.save(update_fields=["accepts_other_mode", "changed_at"])
        _serve_and_look(registration)
    return registration


def promote(*, registration: Registration, because: str) -> Registration:
    """The staff put somebody first, for a reason that stays: she is offered the next free place."""
    because = one_line(because)
    if not because:
        sentence = _("Say why she goes before the others.")
        raise RegistrationError("no_reason", sentence, {"because": sentence})
    with places.deciding_about(registration):
        _must_wait(registration)
        if registration.promoted_at is None:
            registration.promoted_at, registration.promoted_because = timezone.now(), because[:200]
            registration.save(update_fields=["promoted_at", "promoted_because", "changed_at"])
        _serve_and_look(registration)
    return registration


def position(registration: Registration) -> int:
    """The place in the queue of her mode, from 1; 0 for who is not (yet) in it."""
    if not registration.is_in_line:
        return 0
    same_moment = Q(queued_at=registration.queued_at, pk__lt=registration.pk)
    if registration.promoted_at:
        ahead = Q(promoted_at__lt=registration.promoted_at) | Q(promoted_at=registration.promoted_at) & same_moment
    else:
        ahead = Q(promoted_at__isnull=False) | Q(queued_at__lt=registration.queued_at) | same_moment
    queue = registration.event.registrations.in_line()
    if not registration.accepts_other_mode:
        queue = queue.filter(Q(mode=registration.mode) | Q(accepts_other_mode=True))
    return queue.filter(ahead).count() + 1


def serve_all(limit: int = 50) -> int:
    """Serve every event that has both a free place and somebody in line for it. Returns how many people were asked."""
    waiting = Q(registrations__state=State.WAITING, registrations__queued_at__isnull=False)
    left_in_all = Q(total_capacity=None) | Q(total_capacity__gt=F("in_person_taken") + F("online_taken"))
    free = Q()
    for mode in Mode.values:
        wants_it = Q(registrations__mode=mode) | Q(registrations__accepts_other_mode=True)
        free |= Q(**{f"{mode}_capacity__gt": F(f"{mode}_taken")}) & wants_it
    events = Event.objects.filter(waiting & free, left_in_all, cancelled_at=None, starts_at__gt=timezone.now())
    number = 0
    for event in events.distinct()[:limit]:
        with places.deciding(event) as locked:
            number += len(serve(locked))
    return number


def _serve_and_look(registration: Registration) -> None:
    """She may be among those who are served."""
    event = registration.event
    serve(event)
    registration.refresh_from_db()
    registration.event = event


def _must_wait(registration: Registration) -> None:
    must_be_alive(registration)
    must_not_be_over(registration.event)
    if not registration.is_in_line:
        raise RegistrationError("not_waiting", _("This person is not on the waiting list."))
