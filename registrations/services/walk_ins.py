"""Somebody who stands at the door without a registration: registered, agreed and inside in one step.

Called by the door's API. The nonce makes a repeat harmless. Who is inside already, let in by a phone without network,
is never refused for want of a place: she is registered above the places, for a reason.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from core.addresses import normalise_email
from core.names import one_line
from events.models import Event
from registrations.logs.people import same_name
from registrations.models import Consent, Device, Registration, Scan
from registrations.services import RegistrationError, places, signup
from registrations.services.checkin import Answer, another_nonce, check_in, moment_of
from registrations.services.door_table import Reading, is_open


def walk_in(
    *,
    event: Event,
    nonce: str,
    at: datetime | None = None,
    clock_offset: int = 0,
    device: Device | None = None,
    force: bool = False,
    why: str = "",
    consents: Mapping[str, bool],
    **person: str,
) -> Answer:
    """Register somebody who stands at the door (`person` as `signup.register_walk_in` wants it) and let her in.

    The same nonce again is the same person. `force`: she is inside already, because a phone without network let her in
    or somebody decided so for `why`: no place is asked for, and an address that is registered already lets that
    person in. Raises as `register_walk_in`, and `closed` outside check-in hours.
    """
    now = timezone.now()
    reading = Reading(nonce, "", at or now, force=force, admit=force, why=why, clock_offset=clock_offset)
    at = moment_of(reading, now)
    if not is_open(event, at):
        raise RegistrationError("closed", _("Check-in for this event is closed."))
    with places.deciding(event) as event:  # so that the same request twice at once comes one after the other
        nonce, known = _known(event, reading, _name(person))
        if known:
            return Answer(reading.nonce, known.status, known.reason, known.registration)
        newcomer = _newcomer(event, consents, force, why, person)
        kept = check_in(event=event, readings=[replace(reading, nonce=nonce, code=newcomer.code)], device=device)[0]
        return replace(kept, nonce=reading.nonce)


def _known(event: Event, reading: Reading, name: str) -> tuple[str, Scan | None]:
    """Under which nonce this person is kept, and what was kept. A nonce with another name is another person."""
    nonces = [reading.nonce, another_nonce(replace(reading, code=name))]
    scans = Scan.objects.filter(event=event, nonce__in=nonces).select_related("registration__group")
    by_nonce = {scan.nonce: scan for scan in scans}
    for scan in by_nonce.values():
        if scan.registration and same_name(scan.registration.name) == same_name(name):
            return scan.nonce, scan
    return nonces[1] if reading.nonce in by_nonce else reading.nonce, None


def _newcomer(event: Event, consents: Mapping[str, bool], force: bool, why: str, person: Mapping) -> Registration:
    """Registered now, or known by her address. Somebody else's address makes nobody else present: it is left out."""
    extra = (one_line(why) or str(_("Let in at the door, no reason was given."))) if force else ""
    living = event.registrations.filter(email=normalise_email(person.get("email") or ""), state__in=Registration.ALIVE)
    known = living.exclude(email="").first() if force else None
    if known and same_name(known.name) == same_name(_name(person)):
        return known
    if known:
        person = {**person, "email": ""}
    return signup.register_walk_in(event=event, consents=consents, how=Consent.How.DOOR, extra=extra, **person)


def _name(person: Mapping[str, str]) -> str:
    return f"{person['first_name']} {person.get('last_name', '')}".strip()
