"""The places of an event: who may take one, who gets one that becomes free, and that none is ever sold twice.

Every change of a registration that moves places happens inside `deciding(event)`: one transaction that holds the
event's row from its first statement, so that two changes of one event come after one another, on PostgreSQL and on
SQLite alike. `take` counts by a conditional UPDATE, and a CHECK constraint of the database has the last word. Because
the counter and the registration change in one transaction, whoever dies in between has changed nothing.
A place owed to the waiting list goes to its first person in the same transaction (`signup` serves it).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from events.models import Event
from registrations.models import Registration
from registrations.services import RegistrationError

OVERSOLD = ("event_in_person_not_oversold", "event_online_not_oversold")


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


def full() -> RegistrationError:
    sentence = _("All places are taken.")
    return RegistrationError("full", sentence, {"mode": sentence})


def already_registered() -> RegistrationError:
    sentence = _("This address is already registered for this event.")
    return RegistrationError("already_registered", sentence, {"email": sentence})


def take(event: Event, mode: str) -> bool:
    """Take a place if one is left. The caller writes the registration that holds it in the same transaction."""
    field = f"{mode}_taken"
    one_left = {"pk": event.pk, f"{field}__lt": F(f"{mode}_capacity")}
    if not Event.objects.filter(**one_left).update(**{field: F(field) + 1}):
        return False
    setattr(event, field, getattr(event, field) + 1)
    return True


def release(event: Event, mode: str, number: int = 1) -> None:
    """Give back places. The caller changes the registrations that held them in the same transaction."""
    field = f"{mode}_taken"
    Event.objects.filter(pk=event.pk).update(**{field: F(field) - number})
    setattr(event, field, getattr(event, field) - number)


def next_in_line(event: Event, mode: str) -> Registration | None:
    """Who gets the next place of this mode: the first who confirmed the address. Nobody any more once it has begun."""
    if event.cancelled_at or timezone.now() >= event.starts_at:
        return None
    waiting = event.registrations.filter(
        state=Registration.State.WAITING, mode=mode, email_confirmed_at__isnull=False
    ).order_by("email_confirmed_at", "pk")
    return waiting.first()


def take_for_newcomer(event: Event, mode: str) -> bool:
    """Take a place that is owed to nobody on the waiting list."""
    return next_in_line(event, mode) is None and take(event, mode)


def miscounted(event: Event) -> dict[str, tuple[int, int]]:
    """Modes whose counter differs from the rows that hold a place, as (counter, rows). Empty when all is well."""
    event = Event.objects.get(pk=event.pk)
    rows = event.registrations.holding_places().aggregate(
        in_person=Count("pk", filter=Q(mode="in_person")), online=Count("pk", filter=Q(mode="online"))
    )
    counted = {mode: (getattr(event, f"{mode}_taken"), number) for mode, number in rows.items()}
    return {mode: pair for mode, pair in counted.items() if pair[0] != pair[1]}
