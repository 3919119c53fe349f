"""Any mail about an event as a real person would get it: nothing is sent and nothing is written.

What opens her pages or the door is blanked: whoever looks can press every link and do nothing in her name. Without a
person it is one who does not exist, registered for this event. Who may see the person is asked by the caller.
"""

import base64
from typing import Any

from django.conf import settings
from django.utils.translation import override

from events.models import Event
from mail import emails as house
from registrations import kinds
from registrations.documents import qr
from registrations.models import Certificate, Registration
from registrations.services import certificates, waiting_list

NOBODY = "anteprima"
"""A token that is nobody's: pages say that the link leads nowhere."""
NO_CODE = "XXXXXXXX"


def shown(event: Event) -> list[kinds.MailKind]:
    """The mails that somebody may get about `event`."""
    return [kind for kind in kinds.KINDS.values() if kind.email in house.KINDS and kind.applies(event)]


def rendered(*, kind: kinds.MailKind, event: Event, registration: Registration | None, language: str) -> house.Rendered:
    """The mail with the data of `registration`, an object of the caller's own: its secrets are blanked in it."""
    declared = house.KINDS[kind.email]
    with override(language):
        sample = declared.sample()
        person = _blank(registration or _sample_person(sample, event))
        context = declared.context(*(_of_person(one, person) for one in sample))
        mail = house.render(kind.email, context, language)
    image = base64.b64encode(qr.png(f"{settings.SITE_URL}/t/{NOBODY}")).decode()
    return house.Rendered(mail.subject, mail.text, mail.html.replace("cid:ticket", f"data:image/png;base64,{image}"))


def _blank(registration: Registration) -> Registration:
    registration.token, registration.code = NOBODY, NO_CODE
    return registration


def _sample_person(sample: tuple, event: Event) -> Registration:
    found = (one if isinstance(one, Registration) else getattr(one, "registration", None) for one in sample)
    person = next(one for one in found if one is not None)
    person.event = event
    if person.mode not in event.places:
        person.mode = next(iter(event.places))
    return person


def _of_person(argument: Any, person: Registration) -> Any:
    """The sample's argument as it would be for `person`; what else hangs on a registration gets hers."""
    if isinstance(argument, Registration):
        person.held_until = person.held_until or argument.held_until
        return person
    if isinstance(argument, Certificate):
        return certificates.of(person)
    if isinstance(argument, int):
        return argument if person._state.adding else waiting_list.position(person) or argument
    if hasattr(argument, "registration"):
        argument.registration = person
    return argument
