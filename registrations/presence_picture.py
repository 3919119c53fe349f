"""Somebody's stays as a picture: lanes beneath the agenda, from the first moment of either to the last.

Only geometry, in per cent of the width, for `registrations/staff/_presence_picture.html`; the same stands in a table
beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from events.models import Mode
from registrations.models import Scan
from registrations.services.attendance import Stay
from registrations.services.presence_overview import Presence

LANE, TOP = 46, 50
HAND = {Scan.Source.HAND, Scan.Source.PAPER}
LABELS = {
    Mode.IN_PERSON: _("In the hall"),
    Scan.Source.PAGE: _("Online, by her own page"),
    Scan.Source.CODE: _("Online, by the confirmation codes"),
    Scan.Source.LOG: _("Online, by the platform's file"),
    Scan.Source.HAND: _("Online, by hand"),
}
AROUND = timedelta(days=2)
HOURS_SHOWN = 6


@dataclass(frozen=True)
class Bar:
    """`x` and `width` in per cent, as SVG wants them. `kind` is its class."""

    x: str
    width: str
    y: int
    kind: str = ""


@dataclass(frozen=True)
class Lane:
    label: str | Promise
    y: int
    bars: list[Bar]

    @property
    def text_y(self) -> int:
        return self.y - 5


@dataclass(frozen=True)
class Tick:
    """`is_new_day`: the first of its day, where there are several."""

    x: str
    at: datetime
    is_new_day: bool = False


@dataclass(frozen=True)
class Picture:
    parts: list[Bar]
    lanes: list[Lane]
    ticks: list[Tick]
    height: int


def picture_of(presence: Presence) -> Picture | None:
    """None where there is no stay to draw. What lies further off than AROUND stands at the edge."""
    if not presence.stays:
        return None
    event, stays = presence.event, presence.stays
    start = min(event.starts_at, *(stay.start for stay in stays))
    end = max(event.ends_at, *(stay.until for stay in stays))
    scale = _Scale(max(start, event.starts_at - AROUND), min(end, event.ends_at + AROUND))
    agenda = presence.parts and [(one.session.starts_at, one.session.ends_at) for one in presence.parts]
    lanes = [
        Lane(LABELS[key], y, [scale.bar(stay.start, stay.until, y, _kind(stay)) for stay in found])
        for (key, found), y in zip(_by_lane(stays).items(), range(TOP + LANE - 18, 10_000, LANE), strict=False)
    ]
    return Picture(
        parts=[scale.bar(since, until, 22) for since, until in agenda or event.hours],
        lanes=lanes,
        ticks=scale.ticks(),
        height=TOP + LANE * len(lanes) + 8,
    )


@dataclass(frozen=True)
class _Scale:
    start: datetime
    end: datetime

    def x(self, at: datetime) -> float:
        return max(0.0, min(100.0, 100 * ((at - self.start) / (self.end - self.start))))

    def bar(self, since: datetime, until: datetime, y: int, kind: str = "") -> Bar:
        x = self.x(since)
        return Bar(_per_cent(x), _per_cent(max(self.x(until) - x, 0.6)), y, kind)

    def ticks(self) -> list[Tick]:
        """Whole hours, not more than fit on a phone."""
        hours = (self.end - self.start) / timedelta(hours=1)
        step = timedelta(hours=max(1, -(-hours // HOURS_SHOWN)))
        at = localtime(self.start).replace(minute=0, second=0, microsecond=0)
        found = []
        while at < self.end:
            if at >= self.start and self.x(at) < 95:
                found.append(Tick(_per_cent(self.x(at)), at))
            at += step
        days = [tick.at.date() for tick in found]
        if len(set(days)) < 2:
            return found
        return [
            replace(tick, is_new_day=day not in days[:place])
            for place, (tick, day) in enumerate(zip(found, days, strict=True))
        ]


def _by_lane(stays: Iterable[Stay]) -> dict[str, list[Stay]]:
    found: dict[str, list[Stay]] = {}
    for stay in stays:
        found.setdefault(_key(stay), []).append(stay)
    return dict(sorted(found.items(), key=lambda lane: list(LABELS).index(lane[0])))


def _key(stay: Stay) -> str:
    if stay.mode == Mode.IN_PERSON:
        return Mode.IN_PERSON
    return stay.opened.source if stay.opened.source in LABELS else Scan.Source.HAND


def _kind(stay: Stay) -> str:
    by_hand = {fact.source for fact in (stay.opened, stay.closed) if fact} & HAND
    return "open" if stay.is_open else "hand" if by_hand else ""


def _per_cent(x: float) -> str:
    return f"{x:.2f}%"
