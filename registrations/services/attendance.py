"""How long somebody was there, from the facts as they came.

A sighting is a fact that says where a person was (`ScanQuerySet.sightings`). In order of their own time, whatever the
order of arrival, sightings of one stream make stays:

    the hall        an entry opens a stay, the next exit closes it; where the exit is missing, the event's own rule says
                    until when it counts (`Event.missing_exit`)
    the own page    each sign of life counts for COVERS from then; leaving ends it at once
    the codes       from the code shown at the start to the code shown at the end; one of them alone is a sign of life
    a platform      from joining to leaving, each file apart

Stays may overlap, in the hall and online, from several sources: a minute counts once, and only inside the hours that
are asked about: the event's (`Event.hours`), or those of one part of its agenda. No stay goes over a night of an event
of several days (`events.days`), but for what a platform saw: the first scan of the next day is an entry of its own, and
an exit without one says nothing. Called after every accepted fact by `checkin`, `presence`, `correcting_presence` and
`platform_logs`; may be repeated without harm. `Registration.minutes` is what counts once the event is over; as long as
it runs, pages ask `so_far`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from events import days
from events.models import Event, Mode, Session
from registrations.models import Registration, Scan

COVERS = timedelta(minutes=15)
FIELDS = ["entered_at", "is_inside", "inside_since", "inside_door", "online_until", "minutes", "changed_at"]
OF_THE_HALL = {"entered_at", "is_inside", "inside_since", "inside_door"}
"""What the phones at the door are told when it changes: not each sign of life of who takes part online."""
IN, OUT = Scan.Direction.IN, Scan.Direction.OUT


@dataclass(frozen=True)
class Stay:
    """From `start` to `end` in one place; `end` is None as long as no exit is known. `until` is what counts.

    `opened` and `closed` are the facts that say so; a stay that was not closed by a fact has no `closed`.
    """

    mode: str
    start: datetime
    end: datetime | None
    until: datetime
    opened: Scan
    closed: Scan | None

    @property
    def is_open(self) -> bool:
        return self.end is None


@transaction.atomic
def recompute(registration: Registration) -> Registration:
    """Set what is computed (`FIELDS`) from all facts about `registration`, locked meanwhile."""
    locked = Registration.objects.select_for_update(of=("self",)).select_related("event").get(pk=registration.pk)
    sightings = Scan.objects.filter(registration=locked).sightings().select_related("device").order_by("at", "pk")
    if settle(event=locked.event, registration=locked, sightings=sightings):
        values = {field: getattr(locked, field) for field in FIELDS}
        Registration.objects.filter(pk=locked.pk).update(**values)  # `save` would stamp `changed_at` in any case
    for field in FIELDS:
        setattr(registration, field, getattr(locked, field))
    return registration


def recompute_all(event: Event) -> int:
    """The same for everybody who was seen at `event`, a hundred at a time; how many changed. After a change of rule."""
    seen = event.registrations.filter(scans__isnull=False).distinct().order_by("pk").values_list("pk", flat=True)
    seen, changed = list(seen), 0
    for first in range(0, len(seen), 100):
        with transaction.atomic():
            part = seen[first : first + 100]
            people = list(Registration.objects.select_for_update(of=("self",)).filter(pk__in=part).order_by("pk"))
            facts = of_people(people)
            new = [one for one in people if settle(event=event, registration=one, sightings=facts[one.pk])]
            write(new)
            changed += len(new)
    return changed


def of_people(people: Iterable[Registration]) -> dict[int, list[Scan]]:
    """The sightings of each of `people`, in order of time, by their key. One query."""
    found: dict[int, list[Scan]] = {person.pk: [] for person in people}
    sightings = Scan.objects.filter(registration__in=list(found)).sightings()
    for sighting in sightings.select_related("device").order_by("at", "pk"):
        found[sighting.registration_id].append(sighting)
    return found


def settle(*, event: Event, registration: Registration, sightings: Iterable[Scan]) -> bool:
    """Put what `sightings` (in order of time) say on `registration`, without saving. Was it news?"""
    found = stays(event, sightings)
    inside = next((stay for stay in reversed(found) if stay.mode == Mode.IN_PERSON and _goes_on(event, stay)), None)
    presence = {
        "entered_at": min((stay.start for stay in found), default=None),
        "is_inside": inside is not None,
        "inside_since": inside.start if inside else None,
        "inside_door": inside.opened.device.name if inside and inside.opened.device else "",
        "online_until": max((stay.until for stay in found if stay.mode == Mode.ONLINE), default=None),
        "minutes": minutes_of(event, found),
    }
    news = [name for name, value in presence.items() if getattr(registration, name) != value]
    for name in news:
        setattr(registration, name, presence[name])
    if not OF_THE_HALL.isdisjoint(news):
        registration.changed_at = timezone.now()
    return bool(news)


def write(people: Iterable[Registration]) -> None:
    """Save what `settle` put on `people`, in one statement: `bulk_update` thinks longer than the database works."""
    fields = [Registration._meta.get_field(name) for name in FIELDS]
    columns = ", ".join(f"{field.column} = %s" for field in fields)
    rows = [
        [*(field.get_db_prep_save(getattr(one, field.name), connection) for field in fields), one.pk] for one in people
    ]
    if rows:
        with connection.cursor() as cursor:
            statement = f"UPDATE {Registration._meta.db_table} SET {columns} WHERE id = %s"  # noqa: S608 (our names)
            if len(rows) == 1:  # by far the most common, and without the preparations that many need
                cursor.execute(statement, rows[0])
            else:
                cursor.executemany(statement, rows)


def stays(event: Event, sightings: Iterable[Scan]) -> list[Stay]:
    """Every stay of one person, by its start. `sightings` in order of time."""
    streams: dict[tuple, list[Scan]] = defaultdict(list)
    codes: dict[int, list[Scan]] = defaultdict(list)
    mornings = days.mornings_of(event)
    for sighting in sightings:
        day = days.number(mornings, sighting.at)
        streams[_stream(sighting, day)].append(sighting)
        if sighting.source == Scan.Source.CODE:
            codes[day].append(sighting)
    found = [stay for of_day in codes.values() for stay in _between_codes(of_day)]
    for (mode, source, _file, _day), facts in streams.items():
        found += _signs_of_life(facts) if source == Scan.Source.PAGE else _pairs(event, mode, facts)
    return sorted(found, key=lambda stay: (stay.start, stay.opened.pk or 0))


def minutes_of(event: Event, found: Iterable[Stay]) -> int:
    """Whole minutes of the union of stays inside the hours of the event."""
    found = list(found)
    return int(sum(_seconds_within(found, start, end) for start, end in event.hours) // 60)


def minutes_within(found: Iterable[Stay], start: datetime, end: datetime) -> int:
    """Whole minutes of the union of stays between `start` and `end`."""
    return int(_seconds_within(found, start, end) // 60)


def minutes_by_part(found: Iterable[Stay], parts: Iterable[Session]) -> list[int]:
    """Whole minutes of each part of the agenda, in its order. What is left over in one part counts in the next: parts
    that follow one another add up to the minutes of the whole. Days, or whatever begins and ends, count likewise."""
    found, minutes, left = list(found), [], 0.0
    for part in parts:
        whole, left = divmod(left + _seconds_within(found, part.starts_at, part.ends_at), 60)
        minutes.append(int(whole))
    return minutes


def _seconds_within(found: Iterable[Stay], start: datetime, end: datetime) -> float:
    seconds, covered_until = 0.0, start
    for stay in sorted(found, key=lambda stay: stay.start):
        since, until = max(stay.start, covered_until), min(stay.until, end)
        if until > since:
            seconds += (until - since).total_seconds()
            covered_until = until
    return seconds


def so_far(event: Event, found: Iterable[Stay], now: datetime | None = None) -> list[Stay]:
    """As it stands now: while the event runs, nobody has been there longer than until now, whatever the rule says."""
    now = now or timezone.now()
    if now >= event.ends_at:
        return list(found)
    return [replace(stay, until=now if _goes_on(event, stay, now) else min(stay.until, now)) for stay in found]


def minutes_so_far(event: Event, sightings: Iterable[Scan], now: datetime | None = None) -> int:
    """Of one person, whose `sightings` are in order of time."""
    return minutes_of(event, so_far(event, stays(event, sightings), now))


def _goes_on(event: Event, stay: Stay, now: datetime | None = None) -> bool:
    """Nobody was seen going out, and the night has not come since."""
    mornings = days.mornings_of(event) if stay.is_open else []
    return stay.is_open and days.number(mornings, stay.start) == days.number(mornings, now or timezone.now())


def _stream(sighting: Scan, day: int) -> tuple:
    """What belongs together: of the hall and by hand each day apart, of a platform each file."""
    if sighting.mode == Mode.IN_PERSON:
        return (Mode.IN_PERSON, Scan.Source.DOOR, None, day)
    if sighting.source in {Scan.Source.PAGE, Scan.Source.CODE}:
        return (Mode.ONLINE, Scan.Source.PAGE, None, None)
    return (Mode.ONLINE, Scan.Source.LOG, sighting.evidence_id, None if sighting.evidence_id else day)


def _pairs(event: Event, mode: str, facts: list[Scan]) -> list[Stay]:
    """Entries and exits. A second entry or exit in a row changes nothing, but tells that she was still there."""
    found: list[Stay] = []
    opened = last_seen = None
    for fact in facts:
        if fact.direction == OUT and opened:
            found.append(Stay(mode, opened.at, fact.at, fact.at, opened, fact))
            opened = None
        elif fact.direction != OUT:
            opened, last_seen = opened or fact, fact.at
    if opened:
        found.append(Stay(mode, opened.at, None, _counts_until(event, opened.at, last_seen), opened, None))
    return found


def _signs_of_life(facts: list[Scan]) -> list[Stay]:
    found: list[Stay] = []
    for fact in facts:
        last = found[-1] if found else None
        goes_on = last is not None and fact.at <= last.until and not last.closed
        is_leaving = fact.direction == OUT and fact.source == Scan.Source.PAGE
        if is_leaving and goes_on:
            found[-1] = Stay(Mode.ONLINE, last.start, fact.at, fact.at, last.opened, fact)
        elif not is_leaving:
            until = fact.at + COVERS
            opened = last.opened if goes_on else fact
            found = found[:-1] if goes_on else found
            found.append(Stay(Mode.ONLINE, opened.at, until, until, opened, None))
    return found


def _between_codes(codes: list[Scan]) -> list[Stay]:
    first = next((code for code in codes if code.direction == IN), None)
    last = next((code for code in reversed(codes) if code.direction == OUT), None)
    if not (first and last and first.at < last.at):
        return []
    return [Stay(Mode.ONLINE, first.at, last.at, last.at, first, last)]


def _counts_until(event: Event, entered_at: datetime, last_seen: datetime) -> datetime:
    if event.missing_exit == Event.MissingExit.NOTHING:
        return entered_at
    day = days.at(event, last_seen)
    end = day.ends_at if day else event.ends_at
    if event.missing_exit == Event.MissingExit.END:
        return end
    prefetch_related_objects([event], "sessions")
    ends = [part.ends_at for part in (day.sessions if day else event.sessions.all())]
    return min((one for one in ends if one > last_seen), default=end)
