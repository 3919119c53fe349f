"""The list at the door: who may come in, as little of each as a phone needs to decide without network.

A phone asks for all of it once and then for what has changed since its cursor. Names only of people who may still
come: of somebody who cancelled, only the code is told, so that the phone can forget the rest.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from events.models import Event
from registrations.models import Registration
from registrations.services import RegistrationError, asking

PAGE = 1000
OVERLAP = timedelta(seconds=10)
"""A change is stamped before it is committed: the last seconds are told again, and nothing falls between."""


@dataclass(frozen=True)
class Roster:
    entries: list[Registration]
    removed: list[str]
    cursor: str
    has_more: bool


def changes(*, event: Event, cursor: str = "", page: int = PAGE) -> Roster:
    """What changed since `cursor` (from the beginning without one), at most `page` rows, oldest change first."""
    everybody = event.registrations.order_by("changed_at", "pk").select_related("group")
    people = asking.with_access_needs(everybody)
    if cursor:
        moment, pk = _read(cursor)
        people = people.filter(Q(changed_at__gt=moment) | Q(changed_at=moment, pk__gt=pk))
    rows = list(people[: page + 1])
    has_more = len(rows) > page
    rows = rows[:page]
    last = rows[-1] if has_more else None
    return Roster(
        entries=[person for person in rows if person.is_alive],
        removed=[person.code for person in rows if not person.is_alive],
        cursor=_write(last.changed_at, last.pk) if last else _write(timezone.now() - OVERLAP, 0),
        has_more=has_more,
    )


def entry(person: Registration) -> dict[str, Any]:
    """What a phone is told of somebody who may come in."""
    return {
        "code": person.code,
        "name": person.name,
        "organisation": person.organisation,
        "state": person.state,
        "mode": person.mode,
        "ticket_version": person.ticket_version,
        "is_inside": person.is_inside,
        "since": person.inside_since,
        "door": person.inside_door,
        "entered_at": person.entered_at,
        "group": person.group.number if person.group else None,
        "needs_help": person.has_access_needs,
    }


def _write(moment: datetime, pk: int) -> str:
    return f"{int(moment.astimezone(UTC).timestamp() * 1_000_000)}-{pk}"


def _read(cursor: str) -> tuple[datetime, int]:
    try:
        micros, pk = cursor.split("-")
        if not (micros.isascii() and micros.isdecimal() and pk.isascii() and pk.isdecimal() and len(pk) < 19):
            raise ValueError
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(micros)), int(pk)
    except (ValueError, OverflowError):
        sentence = _("This cursor is not one of ours. Leave it out to get everything.")
        raise RegistrationError("invalid", sentence, {"since": sentence}) from None
