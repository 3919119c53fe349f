"""What a door and the server say to each other. What is done with it stands in `api.checkin`."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, Field, StrictBool, ValidationError, WrapValidator

from core.names import one_line
from events import days
from events.models import Event
from registrations.services import checkin, door_table

Slug = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[-a-zA-Z0-9_]+$")]
Nonce = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")]
Name = Annotated[str, Field(max_length=160)]
Why = Annotated[str, Field(max_length=200), AfterValidator(one_line)]
Milliseconds = Annotated[int, Field(ge=-(10**12), le=10**12)]
Unsent = Annotated[int, Field(ge=0, le=10**6)]


class EventAtDoor(Schema):
    id: int = Field(description="As it stands in the tickets.")
    slug: str
    title: str
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime = Field(description="Check-in takes scans from here")
    closes_at: datetime = Field(description="until here.")
    is_cancelled: bool
    mornings: list[datetime] = Field(
        description="When each further day of an event of several days begins: over the night before nobody is inside."
    )

    @staticmethod
    def resolve_mornings(event: Event) -> list[datetime]:
        return days.mornings_of(event)

    @staticmethod
    def resolve_title(event: Event) -> str:
        return str(event.title)

    @staticmethod
    def resolve_opens_at(event: Event) -> datetime:
        return door_table.opens_at(event)

    @staticmethod
    def resolve_closes_at(event: Event) -> datetime:
        return door_table.closes_at(event)

    @staticmethod
    def resolve_is_cancelled(event: Event) -> bool:
        return event.cancelled_at is not None


class Pairing(Schema):
    pairing_code: Annotated[str, Field(min_length=1, max_length=40)]
    name: Annotated[str, Field(max_length=80), AfterValidator(one_line)] = ""


class Paired(Schema):
    token: str
    name: str
    events: list[EventAtDoor]


class Counts(Schema):
    inside: int
    arrived: int
    expected: int
    left: int = Field(description="Places left in the hall.")
    online: int = Field(description="In the online room now.")


class RosterQuery(Schema):
    event: Slug
    since: Annotated[str, Field(max_length=60)] = ""
    unsent: Unsent | None = Field(None, description="Scans that this phone has still to send.")


class Entry(Schema):
    code: str
    name: str
    organisation: str
    state: str
    mode: str
    ticket_version: int
    is_inside: bool
    since: datetime | None = Field(description="Inside since,")
    door: str = Field(description="by this door.")
    entered_at: datetime | None
    group: int | None
    needs_help: bool = Field(description="Asked for help in order to take part.")


class RosterOut(Schema):
    event: EventAtDoor
    entries: list[Entry]
    removed: list[str] = Field(description="Codes of people who cancelled or did not confirm.")
    cursor: str = Field(description="Ask with it next time, as `since`.")
    has_more: bool = Field(description="Ask again at once, with the new cursor.")
    counts: Counts
    public_keys: list[str] = Field(description="Ed25519 keys that sign tickets, base64url.")
    phone: str = Field(description="What the desk calls this phone.")
    now: datetime = Field(description="The server's clock.")


class ScanIn(Schema):
    nonce: Nonce
    code: Annotated[str, Field(max_length=5000)] = Field(description="Ticket address, ticket, or readable code.")
    at: AwareDatetime = Field(description="When it happened, by the phone's clock.")
    direction: Literal["in", "out"]
    force: StrictBool = Field(False, description="It already happened, whatever stands against it.")
    admit: StrictBool = Field(False, description="Give her a place in the hall; with `force` above the places.")
    reason: Why = Field("", description="Why she was let in.")
    clock_offset: Milliseconds = Field(0, description="Milliseconds to add to the phone's clock.")
    source: Literal["door", "paper"] = "door"


@dataclass(frozen=True)
class Unreadable:
    """A scan that is not one: kept under its nonce, or under a fingerprint of what came."""

    raw: Any
    errors: list[dict[str, Any]]

    @property
    def nonce(self) -> str:
        nonce = self.raw.get("nonce") if isinstance(self.raw, dict) else None
        is_one = isinstance(nonce, str) and 0 < len(nonce) <= 64 and nonce.isascii() and nonce.isprintable()
        return (
            nonce
            if is_one and " " not in nonce
            else f"unreadable-{hashlib.sha256(self.text.encode()).hexdigest()[:40]}"
        )

    @property
    def text(self) -> str:
        raw = self.raw
        if isinstance(raw, dict):
            raw = {key: value[:80] if key == "code" and isinstance(value, str) else value for key, value in raw.items()}
        return json.dumps(raw, ensure_ascii=True, default=str)


def kept_when_broken(raw: Any, validate: Any) -> Any:
    try:
        return validate(raw)
    except ValidationError as error:
        return Unreadable(raw, error.errors())


OneScan = Annotated[ScanIn, WrapValidator(kept_when_broken)]


class ScansIn(Schema):
    event: Slug
    scans: Annotated[list[OneScan], Field(max_length=checkin.MOST_AT_ONCE)]
    unsent: Unsent | None = Field(None, description="Scans that this phone has still to send after these.")


class Person(Schema):
    code: str
    name: str
    state: str = Field(description="Of the registration; `lapsed` where an offered place was not accepted in time.")
    organisation: str
    group: int | None
    needs_help: bool
    since: datetime | None = Field(None, description="Inside since, where the answer is `already_in`,")
    door: str = Field("", description="by this door.")


class OtherEvent(Schema):
    slug: str
    title: str
    starts_at: datetime
    town: str


class Result(Schema):
    nonce: str
    status: Literal["ok", "repeated", "refused", "review"]
    reason: str | None
    message: str | None = Field(description="The reason in words.")
    person: Person | None
    event: OtherEvent | None = Field(None, description="Of which event a `wrong_event` ticket is.")


class Results(Schema):
    results: list[Result]
    counts: Counts


class WalkInResult(Result):
    counts: Counts


class UndoIn(Schema):
    event: Slug
    nonce: Nonce
    at: AwareDatetime | None = None
    clock_offset: Milliseconds = 0
    reason: Why = ""


class Undone(Schema):
    nonce: str
    counts: Counts


class WalkIn(Schema):
    event: Slug
    nonce: Nonce
    first_name: Annotated[str, Field(min_length=1, max_length=80)]
    last_name: Annotated[str, Field(max_length=80)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    organisation: Annotated[str, Field(max_length=160)] = ""
    consents: dict[str, StrictBool]
    at: AwareDatetime | None = None
    clock_offset: Milliseconds = 0
    force: StrictBool = Field(False, description="She is inside already, or is let in above the places.")
    reason: Why = ""
    language: Annotated[str, Field(max_length=10)] = "it"
