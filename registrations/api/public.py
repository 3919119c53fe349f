"""Registration for other people's programs, such as a partner's own site. No login: as on the page, the link in the
mail proves the address, and nothing that is answered here lets anybody act for the person.

With an `Idempotency-Key` a request may be sent again without fear: the same key and request give the same answer.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from ninja import Header, Router, Schema, Status
from pydantic import Field, StrictBool

from core.answers import WITH_BODY, refusals
from core.limits import client_of
from events.models import Event
from registrations.models import Consent, Registration
from registrations.services import RegistrationError, admitting, idempotency, signup

router = Router(tags=["registration"])
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=255,
        description="Chosen by you, kept for a day: the same request sent again with it has one effect.",
    ),
]


class Consents(Schema):
    privacy: StrictBool = False
    newsletter: StrictBool = False
    photos: StrictBool = False


class RegistrationIn(Schema):
    first_name: Annotated[str, Field(max_length=80)]
    last_name: Annotated[str, Field(max_length=80)] = ""
    email: Annotated[str, Field(max_length=254)]
    mode: Literal["in_person", "online"]
    organisation: Annotated[str, Field(max_length=160)] = ""
    answers: dict[str, Any] = Field({}, description="By the keys of the event's `questions`: text, key, keys, …")
    questions_version: int | None = Field(None, description="As the event had it when its questions were shown.")
    consents: Consents
    language: Literal[tuple(code for code, name in settings.LANGUAGES)] | None = None
    via: str = Field("", description="Through whom: a short word (a-z, 0-9, -, _). Anything else is dropped.")
    age: Literal[admitting.AGES] = Field(
        admitting.ADULT, description="From 14 to 17 the staff look at the registration first; under 14: `too_young`."
    )
    invitation: Annotated[
        str, Field(max_length=32, description="What stands behind `invito=` in the link of an invitation.")
    ] = ""


class RegistrationOut(Schema):
    event: str
    state: Literal["pending", "waiting", "confirmed", "requested"] = Field(
        description="`pending` or `waiting` until the link in the mail is opened. By an invitation to this address it "
        "counts at once: `confirmed`, `requested` (the staff decide) or `waiting`."
    )
    mode: Literal["in_person", "online"]
    email: str
    held_until: datetime | None = Field(
        description="Without a confirmation the place, or the turn, is lost then. Null where none is needed."
    )


@router.post(
    "events/{slug}/registrations",
    response={201: RegistrationOut, 202: RegistrationOut, **refusals(404, 409, 429, *WITH_BODY)},
    summary="Register somebody, who then confirms by mail",
    description="At an event for an audience the answer is the same for who belongs and who does not, registered or "
    "not: only the owner of the address is told.",
)
def register(request: HttpRequest, slug: str, data: RegistrationIn, key: Key = ""):
    event = get_object_or_404(Event.objects.public(), slug=slug)

    def work() -> tuple[int, dict[str, Any]]:
        return _register(event, data, client_of(request))

    try:
        if not key:
            return Status(*work())
        return Status(*idempotency.once(key=key, address=request.path, body=request.body, work=work))
    except RegistrationError as error:
        if error.code == "already_registered":  # told here, as a refusal undoes what its work wrote
            signup.remind(event=event, email=data.email)
        raise


def _register(event: Event, data: RegistrationIn, client: str) -> tuple[int, dict[str, Any]]:
    fields = data.dict()
    fields["language"] = data.language or get_language()
    try:
        registration = signup.register(event=event, client=client, how=Consent.How.API, **fields)
    except RegistrationError as error:
        if not admitting.keeps_quiet(event, error):
            raise
        signup.remind(event=event, email=data.email)
        registration = admitting.stand_in(event=event, mode=data.mode, email=data.email)
    body = {
        "event": event.slug,
        "state": registration.state,
        "mode": registration.mode,
        "email": registration.email,
        "held_until": registration.held_until and registration.held_until.isoformat(),
    }
    return 202 if registration.state == Registration.State.WAITING else 201, body
