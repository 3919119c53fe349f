"""The two codes that the moderator shows in the online room, one at the start and one at the end.

Who types both on her own page was there at both moments, and what lies between counts (`attendance`), even if the
phone put the page to sleep. Codes are derived from SECRET_KEY: six digits, an even number at the start and an odd one
at the end, the same for everybody at an event and stored nowhere. A code counts from the moment it is given; the same
one again changes nothing, unless a new day of the event has begun. Errors: `invalid`, `closed`, `wrong_code`,
`too_many`.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from hmac import compare_digest

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from core.limits import Limit
from events import days
from events.models import Event
from registrations.models import Registration, Scan
from registrations.services import RegistrationError, presence

DIGITS = 6
AFTER_THE_END = timedelta(minutes=15)
WRONG_CODES = Limit("wrong codes of a room", 10, timedelta(minutes=10))
"""Of one registration. Beyond them a right code is not looked at either: two of a million numbers are right."""


class Moment(StrEnum):
    START = "start"
    END = "end"


DIRECTIONS = {Moment.START: Scan.Direction.IN, Moment.END: Scan.Direction.OUT}


def code(event: Event, moment: Moment) -> str:
    """Six digits to show to everybody in the room."""
    return _derived(event, moment, settings.SECRET_KEY)


def are_taken(event: Event, now: datetime | None = None) -> bool:
    """While the room is open, and for a quarter of an hour more: the end code is shown last of all."""
    now = now or timezone.now()
    return presence.is_open(event, now) or presence.is_open(event, now - AFTER_THE_END)


def give(*, registration: Registration, typed: str, now: datetime | None = None) -> Moment:
    """She has seen the code `typed`: which one it is."""
    if WRONG_CODES.is_spent(str(registration.pk)):
        sentence = _("Too many wrong codes. Wait ten minutes, then try again.")
        raise RegistrationError("too_many", sentence, {"code": sentence}, status=429)
    with transaction.atomic():
        registration = presence.held(registration)
        now = now or timezone.now()
        presence.must_take_part_online(registration)
        if not are_taken(registration.event, now):
            sentence = _("Codes are taken from half an hour before the start to a quarter of an hour after the end.")
            raise RegistrationError("closed", sentence, {"code": sentence})
        moment = _moment(registration.event, typed)
        if moment and not _was_given(registration, moment, now):
            presence.note(registration, direction=DIRECTIONS[moment], source=Scan.Source.CODE, at=now)
    if moment is None:
        WRONG_CODES.count(str(registration.pk))
        sentence = _("This is not the code of this room. Look at the screen again, or ask in the chat.")
        raise RegistrationError("wrong_code", sentence, {"code": sentence}, status=422)
    return moment


def given(event: Event) -> dict[Moment, int]:
    """How many people gave each code. One query."""
    facts = Scan.objects.filter(event=event, source=Scan.Source.CODE).sightings().values("direction")
    people = dict(facts.annotate(people=Count("registration", distinct=True)).values_list("direction", "people"))
    return {moment: people.get(direction, 0) for moment, direction in DIRECTIONS.items()}


def _moment(event: Event, typed: str) -> Moment | None:
    digits = "".join(str(int(character)) for character in typed if character.isdecimal())
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        for moment in Moment:
            if compare_digest(_derived(event, moment, secret), digits):
                return moment
    return None


def _derived(event: Event, moment: Moment, secret: str) -> str:
    """Even at the start, odd at the end: the two are never the same number."""
    seed = salted_hmac("registrations.room_codes", f"{event.pk}:{moment}", secret=secret, algorithm="sha256")
    number = int(seed.hexdigest(), 16) % (10**DIGITS // 2) * 2 + (moment is Moment.END)
    return f"{number:0{DIGITS}}"


def _was_given(registration: Registration, moment: Moment, now: datetime) -> bool:
    """At an event of several days: today."""
    facts = Scan.objects.filter(registration=registration, source=Scan.Source.CODE, direction=DIRECTIONS[moment])
    today = days.at(registration.event, now)
    return (facts.filter(at__gte=today.begins_at) if today else facts).sightings().exists()
