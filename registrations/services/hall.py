"""The hall at a glance: how many are registered, inside, online, expected; who came when; from where. Nobody's name.

Shown on a wall and on the organiser's phone, asked again every two seconds by everybody who looks. So it comes in two
steps: `figures` is one query, and its `stamp` tells whether anything else can have changed; `glance` adds the picture
and the sums, with the same few queries for three people and for three thousand.

Presence is what `services.attendance` computed. An organisation of which only one person comes is counted among the
others: on a wall, it would be a name. Sums of fields of work that point to fewer than four people are not shown.
"""

import hashlib
from collections import defaultdict
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime, timedelta

from django.core.cache import cache
from django.db.models import Case, Count, Exists, Func, IntegerField, Max, OuterRef, Q, Value, When, Window
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lag
from django.utils import timezone

from events import days
from events.models import Event, Mode, Session
from programmes.models import MonitoringProfile
from registrations import monitoring as funder
from registrations.models import Registration, Scan
from registrations.services.reporting import FEWEST

SLOT = timedelta(minutes=5)
MOST_SLOTS = 144
EARLY, EARLIEST, LATE = timedelta(hours=1), timedelta(hours=3), timedelta(minutes=30)
"""What the picture shows before the start and after the end: it begins with the first entry, if that is earlier, but
three hours before at most, for one who comes the evening before would press a morning into a corner. Who came before
the picture is told in words (`Flow.before`); who leaves after it stands at its end."""
KEPT_SECONDS = 300
TOP = 10
ALONE = 1
IN_PERSON, ONLINE = Q(mode=Mode.IN_PERSON), Q(mode=Mode.ONLINE)
CONFIRMED, CAME = Q(state=Registration.State.CONFIRMED), Q(entered_at__isnull=False)


@dataclass(frozen=True)
class Figures:
    """How many now. `registered` holds a place for good; `came` was seen, in whatever state she is by now.
    Who has come `online` was never seen in the hall, however she is registered."""

    registered: int
    registered_online: int
    came: int
    came_online: int
    expected: int
    expected_online: int
    inside: int
    online: int
    changed_at: datetime | None

    @property
    def stamp(self) -> str:
        """Other figures, another person's data changed: another stamp."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Slot:
    """Some minutes from `at`: how many came in, went out, and were inside when they were over."""

    at: datetime
    entries: int
    exits: int
    inside: int


@dataclass(frozen=True)
class Flow:
    """Who came and went, from `start` to `end`; slots go no further than now. `before`: all that was before `start`."""

    start: datetime
    end: datetime
    step: timedelta
    before: Slot
    slots: list[Slot]
    parts: list[Session]

    @property
    def most_inside(self) -> int:
        return max(slot.inside for slot in [self.before, *self.slots])

    @property
    def has_moved(self) -> bool:
        return bool(self.most_inside or self.most_entries)

    @property
    def most_entries(self) -> int:
        return max((slot.entries for slot in self.slots), default=0)


@dataclass(frozen=True)
class Line:
    """A sum. `came` None: too few people to show. Without a `label`: all the others."""

    label: str
    registered: int
    came: int | None


@dataclass(frozen=True)
class Glance:
    figures: Figures
    flow: Flow
    organisations: list[Line] = field(default_factory=list)
    sectors: list[Line] = field(default_factory=list)


def figures(*, event: Event, now: datetime | None = None) -> Figures:
    """One query, whatever the size."""
    now = now or timezone.now()
    at_the_door = Scan.objects.filter(IN_PERSON, registration=OuterRef("pk")).exclude(direction=Scan.Direction.OUT)
    people = event.registrations.annotate(was_in_the_hall=Exists(at_the_door.sightings()))
    return Figures(
        **people.aggregate(
            registered=Count("pk", filter=CONFIRMED),
            registered_online=Count("pk", filter=CONFIRMED & ONLINE),
            came=Count("entered_at"),
            came_online=Count("entered_at", filter=Q(was_in_the_hall=False)),
            expected=Count("pk", filter=CONFIRMED & ~CAME),
            expected_online=Count("pk", filter=CONFIRMED & ~CAME & ONLINE),
            inside=Count("pk", filter=Q(is_inside=True)),
            online=Count("pk", filter=Q(online_until__gt=now)),
            changed_at=Max("changed_at"),
        )
    )


def glance(*, event: Event, now: datetime | None = None, known: Figures | None = None) -> Glance:
    """Everything on the page. `known` are the figures of this moment, where somebody has them already."""
    now = now or timezone.now()
    known = known or figures(event=event, now=now)
    return Glance(
        figures=known,
        flow=flow(event=event, now=now, stamp=known.stamp),
        organisations=_organisations(event),
        sectors=_sectors(event),
    )


def flow(*, event: Event, now: datetime, stamp: str = "") -> Flow:
    """Entries into the hall and exits from it, as `attendance` pairs them: a second entry in a row is none.

    By far the dearest: as long as the `stamp` stays the same, one of those who look counts for all.
    """
    kept = f"hall:{event.pk}:{stamp}"
    moves = cache.get(kept) if stamp else None
    if moves is None:
        moves = _moves(event)
        if stamp:
            cache.set(kept, moves, KEPT_SECONDS)
    usual = event.starts_at - EARLY
    start = _floor(max(min(moves, default=usual), event.starts_at - EARLIEST), SLOT)
    start = min(start, _floor(usual, SLOT))
    end = event.ends_at + LATE
    step = SLOT * -(-(end - start) // (SLOT * MOST_SLOTS))
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    last = max((min(now, end) - start) // step, 0) if now >= start else -1
    for moment, (entries, exits) in moves.items():
        place = min(max((moment - start) // step, -1), last)
        sums[place][0] += entries
        sums[place][1] += exits
    slots, inside, mornings = [], 0, days.mornings_of(event)
    for place in range(-1, last + 1):
        entries, exits = sums[place]
        begins = start + step * place
        inside = (0 if any(begins <= one < begins + step for one in mornings) else inside) + entries - exits
        slots.append(Slot(begins, entries, exits, inside))
    return Flow(start, end, step, slots[0], slots[1:], list(event.sessions.all()))


class _FiveMinutes(Func):
    """Which five minutes since 1970 a moment falls into."""

    output_field = IntegerField()

    def as_sqlite(self, compiler, connection, **extra):
        template = "(CAST(strftime('%%%%s', %(expressions)s) AS INTEGER) / 300)"
        return self.as_sql(compiler, connection, template=template, **extra)

    def as_postgresql(self, compiler, connection, **extra):
        template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / 300)::integer"
        return self.as_sql(compiler, connection, template=template, **extra)


def _moves(event: Event) -> dict[datetime, tuple[int, int]]:
    """How many came in and went out, by five minutes. The database pairs them: of each person only changes come."""
    out = Q(direction=Scan.Direction.OUT)
    seen = Scan.objects.filter(IN_PERSON, event=event).sightings()
    before = Window(Lag("direction", default=Value(Scan.Direction.OUT.value)), _each_day(event), order_by=["at", "pk"])
    was_out = Q(before=Scan.Direction.OUT)
    crossings = seen.annotate(slot=_FiveMinutes("at"), before=before).filter((out & ~was_out) | (~out & was_out))
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for slot, direction in crossings.values_list("slot", "direction").order_by():
        sums[slot][direction == Scan.Direction.OUT] += 1
    return {datetime.fromtimestamp(slot * SLOT.total_seconds(), UTC): tuple(found) for slot, found in sums.items()}


def _each_day(event: Event) -> list[str | Case]:
    """Each person, and where the event has several days each of them apart: over the night nobody is inside."""
    begun = [When(at__gte=morning, then=Value(day)) for day, morning in enumerate(days.mornings_of(event), start=1)]
    return ["registration_id", *([Case(*reversed(begun), default=Value(0))] if begun else [])]


def _floor(moment: datetime, step: timedelta) -> datetime:
    return datetime.fromtimestamp(moment.timestamp() // step.total_seconds() * step.total_seconds(), UTC)


def _organisations(event: Event) -> list[Line]:
    """The ten of which most people come, and the others. However the same name is spelled, it counts once."""
    rows = event.registrations.filter(CONFIRMED | CAME).exclude(organisation="").order_by()
    rows = rows.values("organisation").annotate(registered=Count("pk"), came=Count("entered_at"))
    spelled: dict[str, str] = {}
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in sorted(rows, key=lambda row: (-row["registered"], row["organisation"])):
        name = " ".join(row["organisation"].split())
        spelled.setdefault(name.casefold(), name)
        sums[name.casefold()][0] += row["registered"]
        sums[name.casefold()][1] += row["came"]
    ordered = sorted(sums, key=lambda key: (-sums[key][1], -sums[key][0], key))
    named = [key for key in ordered if sums[key][0] > ALONE][:TOP]
    others = [sums[key] for key in ordered if key not in named]
    lines = [Line(spelled[key], *sums[key]) for key in named]
    return [*lines, Line("", *map(sum, zip(*others, strict=True)))] if others else lines


def _sectors(event: Event) -> list[Line]:
    """By the field of work that people told for the funder, where the event asks it."""
    if event.programme.monitoring_of(event.kind) != MonitoringProfile.ORGANISATION:
        return []
    item = next(item for item in funder.ORGANISATION if item.key == "sector")
    told = event.registrations.filter(CONFIRMED | CAME, monitoring__isnull=False).order_by()
    told = told.annotate(sector=KeyTextTransform("sector", "monitoring__values")).values("sector")
    known = dict(item.choices)
    lines = [
        Line(item.label_of(row["sector"]), row["registered"], _shown(row["came"]))
        for row in told.annotate(registered=Count("pk"), came=Count("entered_at"))
        if row["sector"] in known and row["registered"] >= FEWEST
    ]
    return sorted(lines, key=lambda line: (-(line.came or 0), -line.registered, line.label))


def _shown(number: int) -> int | None:
    return None if 0 < number < FEWEST else number
