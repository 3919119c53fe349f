"""When time runs out: a place whose link nobody opened, an offer that nobody accepted.

Called every minute by the timetable, event by event in one transaction each, and by who would find an event full
before that minute is over: places and states change together, what becomes free is offered to the next in line at once,
and who dies in between has changed nothing and is found again.
An offer of the mode that somebody did not wait for leaves her where she was on the list.
"""

from collections import Counter
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from events.models import Event
from registrations.models import Registration
from registrations.services import notices, places, waiting_list

State = Registration.State
UNCONFIRMED = Q(state__in=[State.PENDING, State.WAITING], email_confirmed_at=None)


def expire(now: datetime | None = None, limit: int = 500) -> int:
    """End the holds and offers whose deadline has passed, at most `limit`. Returns how many."""
    now = now or timezone.now()
    by_event: dict[int, list[int]] = {}
    for pk, event_id in _overdue(now).order_by("held_until").values_list("pk", "event_id")[:limit]:
        by_event.setdefault(event_id, []).append(pk)
    number = 0
    for event_id, pks in by_event.items():
        with places.deciding(Event(pk=event_id)) as event:
            number += _expire(event, _overdue(now).filter(pk__in=pks), now)
    return number


def expire_now(event: Event) -> int:
    """Those of one event, for somebody who would find it full. Call inside `places.deciding(event)`."""
    now = timezone.now()
    return _expire(event, _overdue(now), now)


def _overdue(now: datetime) -> QuerySet[Registration]:
    return Registration.objects.filter(UNCONFIRMED | Q(state=State.OFFERED), held_until__lte=now)


def _expire(event: Event, overdue: QuerySet[Registration], now: datetime) -> int:
    due = list(overdue.filter(event=event).order_by("held_until", "pk"))
    if not due:
        return 0
    _give_back(event, due)
    forgotten = [one.pk for one in due if one.state != State.OFFERED]
    Registration.objects.filter(pk__in=forgotten).update(state=State.EXPIRED, client="", changed_at=now)
    for registration in due:
        if registration.state == State.OFFERED:
            registration.event = event
            _lapse(registration)
    waiting_list.serve(event)
    return len(due)


def _give_back(event: Event, due: list[Registration]) -> None:
    for mode, number in Counter(one.mode for one in due if one.holds_place).items():
        places.release(event, mode, number)


def _lapse(registration: Registration) -> None:
    if waiting_list.stays_in_line(registration):
        waiting_list.back_in_line(registration)
        return
    registration.state, registration.queued_at = State.EXPIRED, None
    registration.save(update_fields=["state", "queued_at", "changed_at"])
    if places.offers_places(registration.event):
        notices.tell_offer_lapsed(registration)
