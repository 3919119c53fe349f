"""The tile map: the provinces roughly as on the map, each with its seminar and its lab and how they stand.

It is the home page's picture and the filter of the list. `board` takes what was read already: no query here.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from events import kinds
from events.models import Event
from events.standing import Standing, standing
from programmes.models import Territory

LARGEST = 12
"""Rows and columns that the stylesheet knows (`tile-row-12`)."""


@dataclass(frozen=True)
class Line:
    """One event on a tile."""

    event: Event
    standing: Standing

    @property
    def letter(self) -> str:
        return str(self.event.kind_facts.label)[0]

    @property
    def facts(self) -> tuple:
        return self.event.slug, self.event.starts_at, self.event.is_date_assumed, self.standing


@dataclass
class Tile:
    territory: Territory
    row: int
    column: int
    lines: list[Line] = field(default_factory=list)

    @property
    def spoken(self) -> str:
        """What a screen reader says of the tile: "Pisa. Seminario: 34 posti. Laboratorio: …"."""
        said = [f"{line.event.kind_facts.label}: {line.standing.words}." for line in self.lines]
        return " ".join([f"{self.territory.name}.", *(said or [_("No events yet.")])])


@dataclass
class Board:
    """All tiles, by row and column."""

    tiles: list[Tile] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """Changes whenever a word of the map changes: the page keeps the drawn map under this name."""
        facts = [
            (tile.territory.slug, tile.row, tile.column, tile.spoken, [line.facts for line in tile.lines])
            for tile in self.tiles
        ]
        return hashlib.sha256(repr(facts).encode()).hexdigest()


def board(territories: Iterable[Territory], events: Iterable[Event], people: dict[int, int]) -> Board:
    """A tile for every province, by row and column; on it, of each kind, the event that matters now."""
    territories = list(territories)
    if not territories:
        return Board()
    top = min(one.tile_row for one in territories) - 1
    left = min(one.tile_column for one in territories) - 1
    by_place: dict[tuple[int, str], list[Event]] = {}
    for event in events:
        by_place.setdefault((event.territory_id, event.kind), []).append(event)
    tiles = []
    for territory in sorted(territories, key=lambda one: (one.tile_row, one.tile_column)):
        tile = Tile(territory, min(territory.tile_row - top, LARGEST), min(territory.tile_column - left, LARGEST))
        for kind in kinds.KINDS:
            if here := by_place.get((territory.pk, kind)):
                event = _that_matters(here)
                tile.lines.append(Line(event, standing(event, people.get(event.pk))))
        tiles.append(tile)
    return Board(tiles)


def _that_matters(events: list[Event]) -> Event:
    """The next one that is not over or cancelled; else the last one held; else whatever there is."""
    coming = [one for one in events if one.state in {Event.State.PLANNED, Event.State.RUNNING}]
    if coming:
        return min(coming, key=lambda one: one.starts_at)
    held = [one for one in events if one.state == Event.State.OVER]
    return max(held or events, key=lambda one: one.starts_at)
