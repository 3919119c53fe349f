"""What would become of an attendance file: who is who in it, and when each was there. Nothing is changed here.

An address tells who somebody is. A name only proposes: one registration of that name waits for a person's yes, several
for a person's choice. What was decided is kept with the file (`platform_logs.decide`) and read from there. Only minutes
within the hours of the event are looked at; the connections themselves stay as the file has them. A line of another
day, longer than a day or later than now is told like one that cannot be read.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from core.addresses import normalise_email
from events.models import Event, Mode
from registrations.logs import Log, people, reading
from registrations.models import Evidence, Registration
from registrations.services import RegistrationError, door_table, kept_files

State = Registration.State
LEFT_OUT = 0
"""What somebody decided who is nobody's registration."""
SHOWN = ["event", "first_name", "last_name", "email", "organisation", "mode", "state", "code", "queued_at"]


@dataclass
class Entry:
    """Somebody in the file: who that is, or could be. `registration` is whose presence it becomes."""

    somebody: people.Somebody
    match: str
    """`address`, `name` (one such name), `names` (several), or nothing."""
    candidates: list[Registration]
    registration: Registration | None
    is_decided: bool
    intervals: list[people.Interval]
    """Within the hours of the event."""
    hint: str = ""

    @property
    def key(self) -> str:
        return self.somebody.key

    @property
    def minutes(self) -> int:
        return int(sum((end - start).total_seconds() for start, end in self.intervals) // 60)

    @property
    def is_expected_in_person(self) -> bool:
        return self.registration is not None and self.registration.mode == Mode.IN_PERSON


@dataclass
class Plan:
    """What would become of a file."""

    log: Log
    zone: str
    entries: list[Entry]
    everybody: list[Registration] = field(default_factory=list)
    """Who may be chosen: the people registered."""
    is_columns_seen: bool = True

    @property
    def sure(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.match == "address"]

    @property
    def doubtful(self) -> list[Entry]:
        """Of whom a person decides: those not decided yet first, then those with a name like somebody's."""
        rest = [entry for entry in self.entries if entry.match != "address" and entry.intervals]
        return sorted(rest, key=lambda entry: (not entry.candidates, entry.somebody.name.casefold()))

    @property
    def outside(self) -> list[Entry]:
        """Who was there only outside the hours of the event: nothing becomes of it."""
        return [entry for entry in self.entries if not entry.intervals]

    @property
    def is_any_inside(self) -> bool:
        return any(entry.intervals for entry in self.entries)

    @property
    def proposed(self) -> list[Entry]:
        return [entry for entry in self.doubtful if entry.match == "name" and not entry.is_decided]

    @property
    def undecided(self) -> int:
        return sum(not entry.is_decided for entry in self.doubtful)

    @property
    def present(self) -> dict[int, list[people.Interval]]:
        """The whole merged intervals of each person, by the key of her registration."""
        found: dict[int, list[people.Interval]] = defaultdict(list)
        for entry in self.entries:
            if entry.registration and entry.intervals:
                found[entry.registration.pk] += entry.somebody.intervals
        return {key: people.merged(intervals) for key, intervals in found.items()}


def plan(*, evidence: Evidence) -> Plan:
    """What would become of the file by what was decided so far. Two queries."""
    event, said = evidence.event, evidence.options
    zone = said.get("zone") or event.programme.time_zone
    clock = clock_of(event, zone, said.get("order", ""))
    content = kept_files.content(evidence.file, evidence.sha256)
    log = reading.read(content, clock=clock, columns=said.get("columns", ()))
    everybody = list(people_of(event).only(*SHOWN))
    others = event.registrations.exclude(state__in=[State.CONFIRMED, State.EXPIRED]).exclude(email="")
    elsewhere = {one.email: one for one in others.only(*SHOWN)}
    by_address = {one.email: one for one in everybody if one.email}
    by_name = defaultdict(list)
    for one in sorted(everybody, key=lambda one: one.mode != Mode.ONLINE):
        by_name[people.same_name(one.name)].append(one)
    by_key = {one.pk: one for one in everybody}
    entries = []
    for somebody in people.people_in(log.rows):
        found = by_address.get(somebody.email)
        match, candidates = ("address", [found]) if found else _like(somebody, by_name)
        chosen = said.get("choices", {}).get(somebody.key)
        entry = Entry(
            somebody=somebody,
            match=match,
            candidates=candidates,
            registration=found or by_key.get(chosen),
            is_decided=bool(found) or chosen == LEFT_OUT or chosen in by_key,
            intervals=people.clipped(somebody.intervals, event.starts_at, event.ends_at),
        )
        if not found and somebody.email in elsewhere:
            entry.hint = elsewhere[somebody.email].shown_state
        entries.append(entry)
    is_seen = not log.is_guessed or "columns" in said
    return Plan(log, zone, entries, everybody, is_seen)


def person_meant(written: str, everybody: Iterable[Registration]) -> Registration:
    """Who is meant by a ticket's code, an address or a whole name. Raises `unknown_person`, `several_people`."""
    code = written.rpartition("·")[2].strip().replace("-", "").upper()
    address, name = normalise_email(written), people.same_name(written)
    found = [one for one in everybody if one.code == code or (one.email and one.email == address)]
    found = found or [one for one in everybody if people.same_name(one.name) == name and name]
    if not found:
        raise RegistrationError("unknown_person", _("Nobody of this event is called so: choose from the list."))
    if len(found) > 1:
        raise RegistrationError("several_people", _("Several people are called so: choose one from the list."))
    return found[0]


def people_of(event: Event):
    return event.registrations.filter(state=State.CONFIRMED)


def clock_of(event: Event, zone: str, order: str = "") -> reading.Clock:
    hours = door_table.opens_at(event), door_table.closes_at(event)
    return reading.Clock(ZoneInfo(zone), event.starts_at, event.ends_at, order, *hours, timezone.now())


def _like(somebody: people.Somebody, by_name: Mapping[str, list[Registration]]) -> tuple[str, list[Registration]]:
    names = people.names_in(somebody.name)
    candidates = list({one.pk: one for name in sorted(names) for one in by_name.get(name, [])}.values())
    return (("", "name", "names")[min(len(candidates), 2)], candidates)
