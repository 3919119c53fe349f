"""The places of an event: who may take one, who gets one that becomes free, and that none is ever sold twice.

Every change of a registration that moves places happens inside `deciding(event)`: one transaction that holds the
event's row from its first statement, so that two changes of one event come after one another, on PostgreSQL and on
SQLite alike. `take` counts by a conditional UPDATE, and a CHECK constraint of the database has the last word. Because
the counter and the registration change in one transaction, whoever dies in between has changed nothing.
Where both modes share one total, a third constraint holds that. A place owed to the waiting list is offered to its
first person in the same transaction (`waiting_list.serve`).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from events.models import Event
from registrations.models import Registration, RegistrationQuerySet
from registrations.services import RegistrationError

OVERSOLD = ("event_in_person_not_oversold", "event_online_not_oversold", "event_total_not_oversold")


@contextmanager
def deciding(event: Event) -> Iterator[Event]:
    """A transaction that holds `event` and gives it as it is now. A refusal of the database becomes one of ours."""
    try:
        with transaction.atomic():
            locked = Event.objects.select_for_update(of=("self",), no_key=True).select_related("programme", "venue")
            yield locked.get(pk=event.pk)
    except IntegrityError as error:
        if any(name in str(error) for name in OVERSOLD):
            raise full() from error
        if "one_registration_a_person" in str(error) or "registration.event_id, " in str(error):
            raise already_registered() from error
        raise


@contextmanager
def deciding_about(registration: Registration) -> Iterator[Event]:
    """`deciding` its event, with `registration` as its row is now: the caller's object may be old."""
    with deciding(registration.event) as event:
        locked = Registration.objects.select_for_update(of=("self",))
        registration.refresh_from_db(from_queryset=locked)  # the door changes a person without holding the event
        registration.event = event
        yield event


def full() -> RegistrationError:
    sentence = _("All places are taken.")
    return RegistrationError("full", sentence, {"mode": sentence})


def already_registered() -> RegistrationError:
    sentence = _("This address is already registered for this event.")
    return RegistrationError("already_registered", sentence, {"email": sentence})


def take(event: Event, mode: str, *conditions: Q | Exists) -> bool:
    """Take a place if one is left. The caller writes the registration that holds it in the same transaction."""
    taken = F(f"{mode}_taken")
    left_in_all = Q(total_capacity=None) | Q(total_capacity__gt=F("in_person_taken") + F("online_taken"))
    one_left = Event.objects.filter(left_in_all, *conditions, pk=event.pk, **{f"{mode}_capacity__gt": taken})
    if not one_left.update(**{f"{mode}_taken": taken + 1}):
        return False
    _count(event, mode, 1)
    return True


def release(event: Event, mode: str, number: int = 1) -> None:
    """Give back places. The caller changes the registrations that held them in the same transaction."""
    Event.objects.filter(pk=event.pk).update(**{f"{mode}_taken": F(f"{mode}_taken") - number})
    _count(event, mode, -number)


def move(event: Event, old: str, new: str) -> bool:
    """Give back a place of one mode and take one of the other, in one statement. False when that one is full."""
    one_left = Event.objects.filter(pk=event.pk, **{f"{new}_capacity__gt": F(f"{new}_taken")})
    if not one_left.update(**{f"{old}_taken": F(f"{old}_taken") - 1, f"{new}_taken": F(f"{new}_taken") + 1}):
        return False
    _count(event, old, -1)
    _count(event, new, 1)
    return True


def _count(event: Event, mode: str, number: int) -> None:
    setattr(event, f"{mode}_taken", getattr(event, f"{mode}_taken") + number)


def in_line(event: Event) -> RegistrationQuerySet:
    """Who counts on the waiting list, in the order in which places are offered."""
    return event.registrations.in_line().order_by(F("promoted_at").asc(nulls_last=True), "queued_at", "pk")


def offers_places(event: Event) -> bool:
    """Nobody is offered a place any more once the event has begun."""
    return event.cancelled_at is None and timezone.now() < event.starts_at


def next_in_line(event: Event, modes: Iterable[str]) -> Registration | None:
    """To whom a free place of one of `modes` is owed: the first who waits for it, or takes either mode."""
    modes = list(modes)
    return _waiting_for(event, modes).first() if modes and offers_places(event) else None


def _waiting_for(event: Event, modes: Iterable[str]) -> RegistrationQuerySet:
    return in_line(event).filter(Q(mode__in=modes) | Q(accepts_other_mode=True))


def take_for_newcomer(event: Event, mode: str) -> bool:
    """Take a place that is owed to nobody on the waiting list."""
    is_owed_to_nobody = [~Exists(_waiting_for(event, [mode]))] if offers_places(event) else []
    return take(event, mode, *is_owed_to_nobody)


def has_for_newcomer(event: Event, mode: str) -> bool:
    """As it looks now: only `take_for_newcomer` takes it."""
    return event.places[mode].left > 0 and next_in_line(event, [mode]) is None


def move_for_newcomer(event: Event, old: str, new: str) -> bool:
    """Change the mode of a place that is held, unless the new one is owed to somebody on the waiting list.

    Where the modes share one total and that is taken, who waits is not waiting for this mode.
    """
    is_owed = event.places[new].left > 0 and next_in_line(event, [new]) is not None
    return not is_owed and move(event, old, new)


def miscounted(event: Event) -> dict[str, tuple[int, int]]:
    """Modes whose counter differs from the rows that hold a place, as (counter, rows). Empty when all is well."""
    event = Event.objects.get(pk=event.pk)
    rows = event.registrations.holding_places().aggregate(
        in_person=Count("pk", filter=Q(mode="in_person")), online=Count("pk", filter=Q(mode="online"))
    )
    counted = {mode: (getattr(event, f"{mode}_taken"), number) for mode, number in rows.items()}
    return {mode: pair for mode, pair in counted.items() if pair[0] != pair[1]}
