"""Arrivals over time as a picture: the curve of who is inside, the entries beneath, then the parts of the agenda.

Only numbers, for the template that draws them as SVG. Across they are per cent (`x`, `width`), or of a width of 1,000
and a height of 100 (`area`, `bars`), so that the picture fits a telephone and a wall without distorting its words.
Written out as text: an SVG knows no decimal comma.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.timezone import localtime

from events.models import Session
from registrations.services.hall import Flow

WIDE, HIGH = 1000, 100
HOURS_BETWEEN = (1, 2, 3, 6, 12, 24, 48, 168)
MOST_TICKS = 8


@dataclass(frozen=True)
class Tick:
    x: str
    at: datetime


@dataclass(frozen=True)
class Band:
    """A part of the agenda. `is_now`: it is on."""

    x: str
    width: str
    session: Session
    is_now: bool


@dataclass(frozen=True)
class Picture:
    line: str
    area: str
    bars: str
    bands: list[Band]
    ticks: list[Tick]
    now: str
    """Where now is; empty before and after."""


def drawn(flow: Flow, now: datetime) -> Picture:
    across = _Across(flow)
    points = [(0.0, flow.before.inside)] + [(across(min(slot.at + flow.step, now)), slot.inside) for slot in flow.slots]
    line = " ".join(f"L{x:.1f} {_up(inside, flow.most_inside)}" for x, inside in points)
    width = across(flow.start + flow.step) * 0.8
    bars = [
        f"M{across(slot.at):.1f} {HIGH}V{_up(slot.entries, flow.most_entries)}h{width:.1f}V{HIGH}z"
        for slot in flow.slots
        if slot.entries
    ]
    return Picture(
        line="M" + line[1:],
        area=f"M0 {HIGH} {line} L{points[-1][0]:.1f} {HIGH}z",
        bars="".join(bars),
        bands=_bands(flow, across, now),
        ticks=_ticks(flow, across),
        now=_per_cent(across(now)) if flow.start <= now <= flow.end else "",
    )


class _Across:
    """Where on the width a moment stands."""

    def __init__(self, flow: Flow):
        self.start, self.length = flow.start, flow.end - flow.start

    def __call__(self, moment: datetime) -> float:
        return min(max((moment - self.start) / self.length, 0.0), 1.0) * WIDE


def _up(number: int, most: int) -> str:
    return f"{HIGH - HIGH * number / most if most else HIGH:.1f}"


def _per_cent(across: float) -> str:
    return f"{across / WIDE * 100:.2f}%"


def _bands(flow: Flow, across: _Across, now: datetime) -> list[Band]:
    found = []
    for part in flow.parts:
        x, end = across(part.starts_at), across(part.ends_at)
        if end > x:
            found.append(Band(_per_cent(x), _per_cent(end - x), part, part.starts_at <= now < part.ends_at))
    return found


def _ticks(flow: Flow, across: _Across) -> list[Tick]:
    """Whole hours by the clock on the wall, as many as can be read."""
    hours = (flow.end - flow.start) / timedelta(hours=1)
    between = next((one for one in HOURS_BETWEEN if hours / one <= MOST_TICKS), HOURS_BETWEEN[-1])
    first = localtime(flow.start).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    moments = [first + timedelta(hours=between * number) for number in range(int(hours / between) + 1)]
    margin = (flow.end - flow.start) / 40
    return [
        Tick(_per_cent(across(moment)), moment)
        for moment in moments
        if flow.start + margin <= moment <= flow.end - margin
    ]
