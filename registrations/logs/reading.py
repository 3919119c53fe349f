"""The bytes of an attendance file, read: every line that can be, and why the others cannot.

Nothing is guessed silently: what was not clear stands in the `notes`, what was chosen (order of day and month, columns)
in the `Log`, so that a person sees it and may choose otherwise. A file cut in half gives its whole lines. What is no
attendance file is refused by `opening`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.addresses import normalise_email
from core.names import one_line
from registrations.logs import Broken, Column, Connection, Log, clocks, finding, headings, opening
from registrations.logs.finding import Line, Table

LONGEST_NAME = 160
LEEWAY = timedelta(minutes=2)
"""Platforms round durations to minutes."""
AROUND = timedelta(days=2)
LONGEST = timedelta(hours=24)


@dataclass(frozen=True)
class Clock:
    """By which clock the file is read: the zone, the order of day and month, when the event was, what is still to come.

    What a line says is believed from AROUND before `opens_at` to AROUND after `closes_at`, never later than `now`.
    """

    zone: ZoneInfo
    starts_at: datetime
    ends_at: datetime
    order: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    now: datetime = datetime.max.replace(tzinfo=UTC)

    @property
    def days(self):
        return [moment.astimezone(self.zone).date() for moment in (self.starts_at, self.ends_at)]


@dataclass(frozen=True)
class _Row:
    """A line whose cells were understood one by one."""

    line: Line
    name: str
    email: str
    joined: clocks.Written
    left: clocks.Written | None
    lasted: timedelta | None
    action: str = ""


def read(content: bytes, *, clock: Clock, columns: Sequence[str] = ()) -> Log:
    """What the file says. `columns`: what somebody said each of them means, where nobody knows the headings."""
    text, encoding = opening.text_of(content)
    lines, tables = finding.find(text)
    if not tables:
        raise opening.columns_missing(set(), finding.likely_heading(lines))
    if columns and tables[0].is_guessed:
        said = [*columns, *[""] * len(tables[0].heading)][: len(tables[0].heading)]
        tables = [Table(tables[0].heading, said, tables[0].lines, True)]
    opening.check(tables, is_to_be_said=tables[0].is_guessed and not columns)
    is_cut = bool(text) and not text.endswith(("\n", "\r"))
    rows, broken = _all_rows(tables, is_cut)
    table = max(tables, key=lambda one: len(one.lines))
    titles = finding.titles_in(lines, table)
    order, is_certain = _order(rows, clock)
    log = Log(
        platform=headings.platform_of(table.heading) or ("meet" if "last_name" in table.meanings else ""),
        language=headings.language_of(table.heading),
        encoding=encoding,
        order=order,
        is_order_certain=is_certain,
        has_dates=any(row.joined.parts for row in rows),
        is_guessed=table.is_guessed,
        columns=[
            Column(heading, [line.cells[place] for line in table.lines[:3] if place < len(line.cells)], meaning)
            for place, (heading, meaning) in enumerate(zip(table.heading, table.meanings, strict=True))
        ],
        title=one_line(", ".join(titles))[:200],
        broken=broken,
    )
    if len(titles) > 1:
        sentence = _(
            "This file is about several meetings (%(titles)s): what lies in the hours of this event counts. See that "
            "no other was held then."
        )
        log.notes.append(sentence % {"titles": log.title})
    if "action" in table.meanings:
        _pair_actions(rows, log, clock)
    else:
        _connect(rows, log, clock, is_summed=table.value == 2 or log.platform == "meet")
    return log


def _all_rows(tables: list[Table], is_cut: bool) -> tuple[list[_Row], list[Broken]]:
    """`is_cut`: the file ends in the middle of a line, the last of the last list."""
    rows, broken = [], []
    for table in tables:
        found = _rows(table, is_cut and table is tables[-1])
        rows += found[0]
        broken += found[1]
    return rows, broken


def _rows(table: Table, is_cut: bool) -> tuple[list[_Row], list[Broken]]:
    lines = [line for line in table.lines if any(line.cells) and not _is_absent(line, table)]
    rows, broken = [], []
    for line in lines:
        if line is lines[-1] and is_cut and _is_cut_off(line, lines[:-1], table):
            broken.append(_broken(line, _("The file ends in the middle of this line: it was cut off.")))
            continue
        try:
            rows.append(_row(line, table))
        except ValueError as error:
            broken.append(_broken(line, str(error)))
    return rows, broken


def _row(line: Line, table: Table) -> _Row:
    def cell(*meanings: str) -> str:
        places = (table.places.get(meaning, len(line.cells)) for meaning in meanings)
        return next((line.cells[place] for place in places if place < len(line.cells)), "")

    name = one_line(cell("name") or f"{cell('first_name')} {cell('last_name')}")[:LONGEST_NAME]
    address = cell("email")[:254]
    email = normalise_email(address) if "@" in address else ""
    if not name and not email:
        raise ValueError(_("It names nobody."))
    return _Row(
        line=line,
        name=name,
        email=email,
        joined=_time(cell("joined", "first_joined", "timestamp")),
        left=None if "action" in table.meanings else _time(cell("left", "last_left")),
        lasted=_lasted(cell("duration"), is_needed=table.value == 2),
        action=headings.letters(cell("action")),
    )


def _is_absent(line: Line, table: Table) -> bool:
    """Somebody who registered for a webinar of Zoom and did not come has two strokes where the times are."""
    places = [table.places.get("joined", len(line.cells)), table.places.get("left", len(line.cells))]
    return max(places) < len(line.cells) and all(line.cells[place] == "--" for place in places)


def _lasted(cell: str, *, is_needed: bool) -> timedelta | None:
    """`is_needed`: without it somebody would get more minutes than the platform vouches for."""
    found = clocks.duration(cell)
    if cell and found is None and is_needed:
        raise ValueError(_("“%(cell)s” is no duration.") % {"cell": cell[:40]})
    return found


def _time(cell: str) -> clocks.Written:
    found = clocks.read(cell)
    if found is None:
        raise ValueError(_("“%(cell)s” is no time.") % {"cell": cell[:40]} if cell else _("A time is missing."))
    return found


def _is_cut_off(line: Line, before: list[Line], table: Table) -> bool:
    """The last line of a file without an end: shorter than the others, or its last cell is a time of another shape."""
    if not before:
        return len(line.cells) < len(table.heading)
    if len(line.cells) < len(before[-1].cells):
        return True
    if table.meanings[len(line.cells) - 1 : len(line.cells)] in (["left"], ["last_left"], ["timestamp"]):
        return _shape(line.cells[-1]) not in {_shape(each.cells[-1]) for each in before if each.cells}
    return False


def _shape(cell: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell))


def _order(rows: list[_Row], clock: Clock) -> tuple[str, bool]:
    times = [time for row in rows for time in (row.joined, row.left) if time]
    order, is_certain = clocks.order_of(times, clock.days)
    return (clock.order, True) if clock.order in clocks.ORDERS else (order, is_certain)


def _instant(written: clocks.Written, log: Log, clock: Clock, after: datetime | None = None) -> datetime:
    day = clock.days[0]
    try:
        found = clocks.instant(written, order=log.order, zone=clock.zone, day=day, after=after)
        if written.parts or after:
            return found
        later = clocks.instant(written, order=log.order, zone=clock.zone, day=clock.days[1])
        return min(found, later, key=lambda moment: _distance(moment, clock))
    except (ValueError, OverflowError) as error:
        raise ValueError(_("This date does not exist in the order that was chosen.")) from error


def _distance(moment: datetime, clock: Clock) -> timedelta:
    return max(clock.starts_at - moment, moment - clock.ends_at, timedelta(0))


def _connect(rows: list[_Row], log: Log, clock: Clock, *, is_summed: bool) -> None:
    """Each row is a connection. Where the file knows only the first and the last moment and says that somebody was
    there for less, so much counts from the first."""
    shortened = 0
    for row in rows:
        try:
            joined_at = _instant(row.joined, log, clock)
            left_at = _instant(row.left, log, clock, joined_at)
        except ValueError as error:
            log.broken.append(_broken(row.line, str(error)))
            continue
        if doubt := _doubt(joined_at, left_at, clock):
            log.broken.append(_broken(row.line, doubt))
            continue
        note = ""
        if is_summed and row.lasted is not None and row.lasted + LEEWAY < left_at - joined_at:
            note = _("away in between: %(minutes)d minutes count, from joining") % {"minutes": row.lasted.seconds // 60}
            left_at = joined_at + row.lasted
            shortened += 1
        log.rows.append(Connection(row.name, row.email, joined_at, left_at, row.line.number, note))
    if shortened:
        sentence = ngettext(
            "%(number)d person was away in between, and the file does not say when: the minutes it gives count from "
            "joining.",
            "%(number)d people were away in between, and the file does not say when: the minutes it gives count from "
            "joining.",
            shortened,
        )
        log.notes.append(sentence % {"number": shortened})


def _doubt(joined_at: datetime, left_at: datetime, clock: Clock) -> str:
    """Why nobody can have been there so, in words; nothing where it may be."""
    first, last = (clock.opens_at or clock.starts_at) - AROUND, (clock.closes_at or clock.ends_at) + AROUND
    if left_at < joined_at:
        return _("Leaving stands before joining.")
    if joined_at < first or left_at > last:
        return _("This is not on the days of the event.")
    if left_at > clock.now:
        return _("This is later than now: it has not happened yet.")
    if left_at - joined_at > LONGEST:
        return _("This lasts longer than 24 hours.")
    return ""


def _pair_actions(rows: list[_Row], log: Log, clock: Clock) -> None:
    """Joining and leaving stand in a line each. Who never leaves was there until the last time that the file knows."""
    inside: dict[tuple[str, str], tuple[_Row, datetime]] = {}
    last: datetime | None = None
    for row in rows:
        try:
            at = _instant(row.joined, log, clock)
            if doubt := _doubt(at, at, clock):
                raise ValueError(doubt)
        except ValueError as error:
            log.broken.append(_broken(row.line, str(error)))
            continue
        who, last = (row.name, row.email), max(filter(None, [last, at]))
        if row.action in headings.JOINED:
            inside.setdefault(who, (row, at))
        elif row.action in headings.LEFT and who in inside:
            opened, since = inside.pop(who)
            if doubt := _doubt(since, at, clock):
                log.broken.append(_broken(row.line, doubt))
            else:
                log.rows.append(Connection(row.name, row.email, since, at, opened.line.number))
        else:
            log.broken.append(_broken(row.line, _("This line neither joins nor ends anything.")))
    for (name, email), (row, since) in inside.items():
        note = _("no exit in the file: counts to its last moment")
        log.rows.append(Connection(name, email, since, last, row.line.number, note))
    if inside:
        words = ngettext(
            "%(number)d person never leaves in this file: the time counts to the last moment it knows.",
            "%(number)d people never leave in this file: the time counts to the last moment it knows.",
            len(inside),
        )
        log.notes.append(words % {"number": len(inside)})


def _broken(line: Line, sentence: str) -> Broken:
    return Broken(line.number, line.text[:200], sentence)
