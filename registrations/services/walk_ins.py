"""Somebody who stands at the door without a registration: registered, agreed and inside in one step.

Called by the door's API. The nonce makes a repeat harmless. Who is inside already, let in by a phone without network,
is never refused for want of a place: she is registered above the places, for a reason.
"""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from core.addresses import normalise_email
from events.models import Event
from registrations.models import Consent, Device, Registration, Scan
from registrations.services import RegistrationError, places, signup
from registrations.services.checkin import Answer, check_in, moment_of
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
        known = Scan.objects.filter(event=event, nonce=nonce).select_related("registration__group", "device").first()
        if known:
            return Answer(nonce, known.status, known.reason, known.registration)
        newcomer = _newcomer(event, consents, force, why, person)
        reading = Reading(**vars(reading) | {"code": newcomer.code})
        return check_in(event=event, readings=[reading], device=device)[0]


def _newcomer(event: Event, consents: Mapping[str, bool], force: bool, why: str, person: Mapping) -> Registration:
    extra = (why or str(_("Let in at the door without network."))) if force else ""
    try:
        return signup.register_walk_in(event=event, consents=consents, how=Consent.How.DOOR, extra=extra, **person)
    except RegistrationError as error:
        if error.code != "already_registered" or not force:
            raise
    return event.registrations.get(email=normalise_email(person["email"]), state__in=Registration.ALIVE)
