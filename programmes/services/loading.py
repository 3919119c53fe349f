"""A programme's own part of its file: what was promised, in which provinces, with whom, and how much of it.

`read` checks that part of the file and writes nothing; `load` brings the database to it and may be repeated: what
people changed at the desk stays (see `merging`). Events and newsletters are read and loaded by their own rooms;
`config.programme` puts the parts together in one transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pydantic import AfterValidator, Field

from core.catalogue import Catalogue, Entry, Path_, Slug, Text, Word
from programmes.models import Action, Organisation, Programme, Target, Territory
from programmes.services.merging import Merge

ASIDE = 1000
SLIPPING = timedelta(days=366)
"""How long after its end a programme may still hold an event: they slip."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"“{name}” is not a time zone such as Europe/Rome") from error
    return name


def _email(address: str) -> str:
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValueError(f"“{address}” is not an e-mail address") from error
    return address


class ProgrammeEntry(Entry):
    slug: Slug
    short_name: Annotated[Word, Field(max_length=20)]
    name: Text
    claim: Text
    about: Text | None = None
    funding_note: Text | None = None
    project_code: str = ""
    starts_on: date
    ends_on: date
    time_zone: Annotated[str, AfterValidator(_zone)] = "Europe/Rome"
    main_colour: Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")] = "#1F4D3A"
    contact_email: Annotated[str, AfterValidator(_email)]
    contact_phone: str = ""
    contact_address: str = ""
    hold_minutes: Annotated[int, Field(ge=5, le=1440)] = 60
    monitoring: dict[str, Literal["off", "organisation", "participant"]] = {}


class ProvinceEntry(Entry):
    slug: Slug
    name: Word
    sigla: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    istat: Annotated[str, Field(pattern=r"^[0-9]{3}$")]
    iso: Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")]
    tile_row: Annotated[int, Field(ge=1, le=12)]
    tile_column: Annotated[int, Field(ge=1, le=12)]

    @property
    def tile(self) -> tuple[int, int]:
        return self.tile_row, self.tile_column


class OrganisationEntry(Entry):
    slug: Slug
    name: Word
    role: Literal["funder", "lead", "partner", "supporter"]
    website: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""


class ActionEntry(Entry):
    slug: Slug
    name: Text
    description: Text | None = None


class TargetEntry(Entry):
    slug: Slug
    action: str
    name: Text
    goal: Annotated[int, Field(gt=0)]
    indicator: str = ""


@dataclass
class ProgrammePart:
    """The checked part of the file. `shift` moves every day of it; until `load` asks, None is “as it was last time”."""

    programme: ProgrammeEntry | None
    provinces: list[ProvinceEntry]
    organisations: list[OrganisationEntry]
    actions: list[ActionEntry]
    targets: list[TargetEntry]
    shift: timedelta | None = None

    def check_day(self, catalogue: Catalogue, path: Path_, day: date) -> None:
        """A day of the programme: within it, or at most a year after it, because events slip."""
        if self.programme and not self.programme.starts_on <= day <= self.programme.ends_on + SLIPPING:
            catalogue.problem(
                path, f"{day} is outside the programme ({self.programme.starts_on} to {self.programme.ends_on})"
            )

    def shift_to(self, day: date) -> None:
        """Move the programme to begin near `day`, by whole weeks: a Tuesday stays a Tuesday. Loading again keeps it."""
        weeks = round((day - self.programme.starts_on).days / 7)
        self.shift = timedelta(weeks=weeks)


def read(catalogue: Catalogue, indicators: Iterable[str]) -> ProgrammePart:
    """The programme's part of the file; what is wrong goes to `catalogue`. `indicators` are those that can count."""
    provinces = catalogue.tables("provinces", ProvinceEntry)
    organisations = catalogue.tables("organisations", OrganisationEntry)
    actions = catalogue.tables("actions", ActionEntry)
    targets = catalogue.tables("targets", TargetEntry)
    programme = catalogue.table("programme", ProgrammeEntry)
    if programme and programme.ends_on < programme.starts_on:
        catalogue.problem(("programme", "ends_on"), f"is before the start ({programme.starts_on})")
    for name in ("istat", "iso", "sigla"):
        catalogue.once(provinces, name)
    catalogue.once(provinces, "tile_row", "tile_column")
    catalogue.once([(path, one) for path, one in organisations if one.role == "lead"], "role")
    for path, target in targets:
        catalogue.reference((*path, "action"), target.action, "actions")
        if target.indicator and target.indicator not in indicators:
            known = ", ".join(sorted(indicators))
            catalogue.problem((*path, "indicator"), f"“{target.indicator}” is not counted here; known are: {known}")
    return ProgrammePart(
        programme, *([entry for _path, entry in part] for part in (provinces, organisations, actions, targets))
    )


def load(part: ProgrammePart) -> Merge:
    """Write the part. The first programme of an installation becomes the one on show."""
    entry = part.programme
    programme = Programme.objects.select_for_update().filter(slug=entry.slug).first()
    if part.shift is None:
        part.shift = timedelta(days=programme.shifted_by_days if programme else 0)
    values: dict[str, Any] = entry.values("slug") | {
        "about": entry.about or "",
        "funding_note": entry.funding_note or "",
        "starts_on": entry.starts_on + part.shift,
        "ends_on": entry.ends_on + part.shift,
    }
    if programme is None:
        is_first = not Programme.objects.filter(is_current=True).exists()
        programme = Programme.objects.create(slug=entry.slug, **values, is_current=is_first)
    merge = Merge(programme)
    merge.row("programme", programme, values)
    if programme.shifted_by_days != part.shift.days:
        programme.shifted_by_days = part.shift.days
        programme.save(update_fields=["shifted_by_days"])
    _load_provinces(merge, part)
    _load_organisations(merge, part)
    _load_actions(merge, part)
    return merge


def _load_provinces(merge: Merge, part: ProgrammePart) -> None:
    known = {one.slug: one for one in merge.programme.territories.all()}
    moved = [
        (known[entry.slug], entry.tile)
        for entry in part.provinces
        if entry.slug in known
        and merge.free(f"provinces/{entry.slug}/tile", {"tile": known[entry.slug].tile}, {"tile": entry.tile})
    ]
    for number, (row, _tile) in enumerate(moved):  # two may change places: all step aside first
        row.tile_row = ASIDE + number
        row.save(update_fields=["tile_row"])
    for entry in part.provinces:
        values = {"name": entry.name, "sigla": entry.sigla, "istat_code": entry.istat, "iso_code": entry.iso}
        row = known.get(entry.slug) or Territory(programme=merge.programme, slug=entry.slug)
        tile = {"tile_row": entry.tile_row, "tile_column": entry.tile_column}
        merge.row(f"provinces/{entry.slug}", row, values, on_creation=tile)
        if entry.slug not in known:
            merge.free(f"provinces/{entry.slug}/tile", {"tile": row.tile}, {"tile": entry.tile})
    for row, tile in moved:
        row.tile_row, row.tile_column = tile
        row.save(update_fields=["tile_row", "tile_column"])


def _load_organisations(merge: Merge, part: ProgrammePart) -> None:
    known = {one.slug: one for one in merge.programme.organisations.all()}
    in_order = list(enumerate(part.organisations, start=1))
    for order, entry in sorted(in_order, key=lambda one: one[1].role == Organisation.Role.LEAD):  # the old lead first
        row = known.get(entry.slug) or Organisation(programme=merge.programme, slug=entry.slug)
        merge.row(f"organisations/{entry.slug}", row, entry.values("slug") | {"order": order})


def _load_actions(merge: Merge, part: ProgrammePart) -> None:
    known = {one.slug: one for one in merge.programme.actions.all()}
    for order, entry in enumerate(part.actions, start=1):
        row = known.setdefault(entry.slug, Action(programme=merge.programme, slug=entry.slug))
        values = {"name": entry.name, "description": entry.description or "", "order": order}
        merge.row(f"actions/{entry.slug}", row, values)
    targets = {one.slug: one for one in Target.objects.filter(action__programme=merge.programme)}
    for order, entry in enumerate(part.targets, start=1):
        row = targets.get(entry.slug) or Target(slug=entry.slug)
        values = {
            "action": known[entry.action],
            "name": entry.name,
            "goal": entry.goal,
            "indicator": entry.indicator,
            "order": order,
        }
        merge.row(f"targets/{entry.slug}", row, values)
