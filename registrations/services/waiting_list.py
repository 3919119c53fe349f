"""The queue when a mode is full: who stands in it, and who is served when a place becomes free.

A person counts from the moment the address is confirmed, first come first served, each mode by itself. A free place
goes to its person in the transaction that freed it, who is told by mail and need do nothing; who cannot come cancels
and the next one is served. Nobody is served once the event has begun. `serve_all` finds again what was missed
(places added by an editor, a lost message).
"""

from django.db.models import F, Q
from django.utils import timezone

from events.models import Event, Mode
from registrations.models import Registration
from registrations.services import notices, places
from registrations.signals import registration_confirmed


def serve(event: Event) -> list[Registration]:
    """Give the free places of `event` to the people first in line. Call inside `places.deciding(event)`."""
    served = []
    for mode in Mode.values:
        while (registration := places.next_in_line(event, mode)) and places.take(event, mode):
            registration.event = event
            registration.state = Registration.State.CONFIRMED
            registration.save(update_fields=["state", "changed_at"])
            registration_confirmed.send(Registration, registration=registration)
            notices.tell_place_freed(registration)
            served.append(registration)
    return served


def position(registration: Registration) -> int:
    """The place in the queue, from 1; 0 for who is not (yet) in it."""
    if registration.state != Registration.State.WAITING or registration.email_confirmed_at is None:
        return 0
    ahead = Q(email_confirmed_at__lt=registration.email_confirmed_at) | Q(
        email_confirmed_at=registration.email_confirmed_at, pk__lt=registration.pk
    )
    queue = registration.event.registrations.filter(
        state=Registration.State.WAITING, mode=registration.mode, email_confirmed_at__isnull=False
    )
    return queue.filter(ahead).count() + 1


def serve_all(limit: int = 50) -> int:
    """Serve every event that has both a free place and somebody confirmed in line for it. Returns how many people."""
    waiting = Q(registrations__state=Registration.State.WAITING, registrations__email_confirmed_at__isnull=False)
    free = Q(registrations__mode=Mode.IN_PERSON, in_person_taken__lt=F("in_person_capacity")) | Q(
        registrations__mode=Mode.ONLINE, online_taken__lt=F("online_capacity")
    )
    events = Event.objects.filter(waiting & free, cancelled_at=None, starts_at__gt=timezone.now()).distinct()
    number = 0
    for event in events[:limit]:
        with places.deciding(event) as locked:
            number += len(serve(locked))
    return number
