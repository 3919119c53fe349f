"""Attendance files of Zoom, Teams and Meet: kept as they came, looked at first, then presence of the people they name.

    keep        the file and its hash; what nobody could read is refused before
    decide      by which clock it is read, who is who: kept with the file, so that nothing is lost on the way
    carry_out   facts of presence: an entry and an exit for each merged interval of each person. The facts are made
                equal to the plan, so that twice is once, and a second look with other decisions replaces the first
    undo        takes all facts of one file back and withdraws it

What would become of a file is said by `log_plans`. What somebody took back by hand stays taken back. Refusals beside
those of `logs.opening`, `log_plans` and `evidence`: `zone`, `invalid`, `unknown_person`, `columns_unseen`,
`withdrawn_already`, `cancelled`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from events.models import Event, Mode
from registrations.logs import clocks, people, reading
from registrations.models import Correction, Evidence, Registration, Scan
from registrations.services import RegistrationError, attendance
from registrations.services import evidence as files
from registrations.services.log_plans import LEFT_OUT, clock_of, people_of, plan

MEANINGS = ("name", "first_name", "last_name", "email", "joined", "left")
"""What somebody may say that a column is."""


@dataclass(frozen=True)
class Fact:
    registration_id: int
    direction: str
    at: datetime


@dataclass(frozen=True)
class Outcome:
    """What `carry_out` or `undo` changed. `changes`: (key of the registration, minutes before, minutes now)."""

    added: int
    taken_back: int
    changes: list[tuple[int, int, int]]


def keep(*, event: Event, name: str, content: bytes, by: User | None) -> files.Kept:
    """Keep the file, if it can be read at all. The same file again is the same row."""
    reading.read(content, clock=clock_of(event, event.programme.time_zone))
    return files.keep(event=event, kind=Evidence.Kind.LOG, name=name, content=content, by=by)


@transaction.atomic
def decide(
    *,
    evidence: Evidence,
    zone: str | None = None,
    order: str | None = None,
    columns: Collection[str] | None = None,
    choices: Mapping[str, int] | None = None,
) -> Evidence:
    """Note how the file is read, and who somebody is: `choices` are keys of registrations, or LEFT_OUT, by the key of
    the entry. What is None stays as it is."""
    row = _locked(evidence)
    _check(row, zone, order, columns, choices)
    said = {"zone": zone, "order": order, "columns": columns and list(columns)}
    row.options |= {name: value for name, value in said.items() if value is not None}
    if choices:
        row.options["choices"] = row.options.get("choices", {}) | dict(choices)
    if columns is not None:
        _check_columns(row)
    row.save(update_fields=["options"])
    return row


def accept_proposals(*, evidence: Evidence) -> int:
    """Yes to everybody whose name one person has; how many. Somebody has looked at them."""
    proposed = plan(evidence=evidence).proposed
    decide(evidence=evidence, choices={entry.key: entry.candidates[0].pk for entry in proposed})
    return len(proposed)


@transaction.atomic
def carry_out(*, evidence: Evidence, by: User | None) -> Outcome:
    """Make the facts of this file equal to its plan, and compute attendance anew."""
    row = _locked(evidence)
    if row.event.cancelled_at:
        raise RegistrationError("cancelled", _("This event was cancelled."))
    planned = plan(evidence=row)
    if not planned.is_columns_seen:
        raise _refused("columns_unseen", _("Say first what the columns of this file are."), "columns")
    event = row.event
    wanted = [
        Fact(key, direction, at)
        for key, intervals in planned.present.items()
        for interval in people.during(intervals, event.starts_at, event.ends_at)
        for direction, at in zip((Scan.Direction.IN, Scan.Direction.OUT), interval, strict=True)
    ]
    before = _minutes(row, _lock_people(row, {fact.registration_id for fact in wanted}))
    added, taken_back = _make_facts(row, wanted, by)
    changes = _recompute(row, before) if added or taken_back else []
    if changes or "carried_out" not in row.options:
        row.options["carried_out"] = {"at": timezone.now().isoformat(), "changes": changes}
    row.save(update_fields=["options"])
    evidence.options = row.options
    return Outcome(added, len(taken_back), changes)


@transaction.atomic
def undo(*, evidence: Evidence, by: User | None, reason: str) -> Outcome:
    """Take back every fact of this file and withdraw it; the file itself stays. May be brought again."""
    row = files.withdraw(evidence=evidence, by=by, reason=reason)
    before = _minutes(row, _lock_people(row))
    standing = list(row.scans.with_annulments().filter(is_annulled=False))
    _annul(standing, by, row.withdrawn_because)
    return Outcome(0, len(standing), _recompute(row, before))


def _locked(evidence: Evidence) -> Evidence:
    rows = Evidence.objects.select_for_update(of=("self",)).select_related("event__programme")
    row = rows.get(pk=evidence.pk)
    if row.withdrawn_at:
        raise RegistrationError("withdrawn_already", _("This file was withdrawn already."))
    return row


def _lock_people(row: Evidence, wanted: Collection[int] = ()) -> list[Registration]:
    """Before anything is written about them, and in the order in which the door locks them."""
    people = Registration.objects.filter(Q(pk__in=wanted) | Q(pk__in=row.scans.values("registration")))
    return list(people.select_for_update(of=("self",)).order_by("pk").only("minutes"))


def _minutes(row: Evidence, people: Iterable[Registration]) -> dict[int, int]:
    """While the event runs, as everywhere: until now."""
    now = timezone.now()
    if now >= row.event.ends_at:
        return {one.pk: one.minutes for one in people}
    stories = attendance.of_people(people).items()
    return {pk: attendance.minutes_so_far(row.event, sightings, now) for pk, sightings in stories}


def _make_facts(row: Evidence, wanted: list[Fact], by: User | None) -> tuple[int, list[Scan]]:
    """Add what is missing, take back what is too much. How many were added, and which were taken back."""
    before: dict[Fact, list[Scan]] = defaultdict(list)
    for scan in row.scans.with_annulments().only("evidence", "registration", "direction", "at").order_by("pk"):
        before[Fact(scan.registration_id, scan.direction, scan.at)].append(scan)
    replaced = set(row.options.get("replaced", []))
    last = {fact: scans[-1] for fact, scans in before.items()}
    missing = [fact for fact in wanted if fact not in last or (last[fact].is_annulled and last[fact].pk in replaced)]
    extra = [last[fact] for fact in set(last) - set(wanted) if not last[fact].is_annulled]
    Scan.objects.bulk_create(_scan(row, fact, len(before.get(fact, ())), by) for fact in missing)
    _annul(extra, by, _("The file was read anew."))
    if extra:
        row.options["replaced"] = sorted(replaced | {scan.pk for scan in extra})
    return len(missing), extra


def _scan(row: Evidence, fact: Fact, round_: int, by: User | None) -> Scan:
    """The nonce says which file, whose, when; `round_` is how often the same was taken back."""
    return Scan(
        event_id=row.event_id,
        registration_id=fact.registration_id,
        nonce=f"log-{row.pk}-{fact.registration_id}-{fact.direction}-{int(fact.at.timestamp())}-{round_}",
        mode=Mode.ONLINE,
        direction=fact.direction,
        source=Scan.Source.LOG,
        status=Scan.Status.OK,
        at=fact.at,
        by=by,
        evidence=row,
    )


def _annul(scans: Iterable[Scan], by: User | None, reason: str) -> None:
    kind = Correction.Kind.ANNULLED
    rows = [Correction(scan=scan, kind=kind, by=by, reason=reason) for scan in scans]
    Correction.objects.bulk_create(rows, ignore_conflicts=True)  # somebody may take one back at the same moment


def _recompute(row: Evidence, before: Mapping[int, int]) -> list[tuple[int, int, int]]:
    """Attendance of everybody this file ever had a fact about, in a fixed number of queries; whose changed."""
    named = Registration.objects.filter(pk__in=row.scans.values("registration"))
    persons = list(named.select_for_update(of=("self",)).order_by("pk"))
    facts = attendance.of_people(persons)
    new = [one for one in persons if attendance.settle(event=row.event, registration=one, sightings=facts[one.pk])]
    attendance.write(new)
    minutes = _minutes(row, new)
    return [(one.pk, before[one.pk], minutes[one.pk]) for one in new]


def _check(row: Evidence, zone: str | None, order: str | None, columns: Collection | None, choices: Mapping | None):
    if zone is not None and zone not in available_timezones():
        raise _refused("zone", _("Choose one of the time zones."), "zone")
    if order and order not in clocks.ORDERS:
        raise _refused("invalid", _("Choose one of the two."), "order")
    if columns is not None and not set(columns) <= {"", *MEANINGS}:
        raise _refused("invalid", _("Choose one of the meanings."), "columns")
    if choices:
        known = set(people_of(row.event).values_list("pk", flat=True))
        if not {pk for pk in choices.values() if pk != LEFT_OUT} <= known:
            raise _refused("unknown_person", _("Choose somebody who is registered for this event."), "choices")


def _check_columns(row: Evidence) -> None:
    """Can the file be read by the columns that somebody said?"""
    try:
        plan(evidence=row)
    except RegistrationError as error:
        raise _refused(error.code, error.message, "columns") from error


def _refused(code: str, sentence: str, name: str) -> RegistrationError:
    return RegistrationError(code, sentence, {name: sentence})
