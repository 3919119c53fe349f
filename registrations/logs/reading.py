"""The bytes of an attendance file, read: every line that can be, and why the others cannot.

Nothing is guessed silently: what was not clear stands in the `notes`, what was chosen (order of day and month, columns)
in the `Log`, so that a person sees it and may choose otherwise. A file cut in half gives its whole lines. Refusals, at
the field `file`: `empty`, `too_large`, `too_many`, `wrong_type`, `no_times`, `columns`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import tables
from core.addresses import normalise_email
from core.names import one_line
from registrations.logs import Broken, Column, Connection, Log, clocks, finding, headings
from registrations.logs.finding import Line, Table
from registrations.services import RegistrationError

LARGEST = 5_000_000
MOST_ROWS = 20_000
LONGEST_NAME = 160
LEEWAY = timedelta(minutes=2)
"""Platforms round durations to minutes."""
AROUND = timedelta(days=2)
LONGEST = timedelta(hours=24)
WRONG_TYPES = {
    b"PK": "xlsx", b"%PDF": "pdf", b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"\xd0\xcf\x11\xe0": "xls",
}  # fmt: skip


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
    text, encoding = _text(content)
    lines, table = finding.find(text)
    if table is None:
        raise _refused("columns", _missing(set()))
    if columns and table.is_guessed:
        table = Table(table.heading, [*columns, *[""] * len(table.heading)][: len(table.heading)], table.lines, True)
    _check(table, is_to_be_said=table.is_guessed and not columns)
    is_cut = bool(text) and not text.endswith(("\n", "\r"))
    rows, broken = _rows(table, is_cut)
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
        title=one_line(finding.title_in(lines, table))[:200],
        broken=broken,
    )
    if "action" in table.meanings:
        _pair_actions(rows, log, clock)
    else:
        _connect(rows, log, clock, is_summed=table.value == 2 or log.platform == "meet")
    return log


def _text(content: bytes) -> tuple[str, str]:
    if len(content) > LARGEST:
        raise _refused("too_large", _("The file is larger than 5 MB: that is no attendance file of one event."))
    wrong = next((kind for start, kind in WRONG_TYPES.items() if content.startswith(start)), "")
    if wrong in {"xlsx", "xls"}:
        sentence = _("This is an Excel file: open it, save it as “CSV UTF-8”, and bring that.")
        raise _refused("wrong_type", sentence)
    encoding = tables.encoding_of(content)
    text = tables.decoded(content)
    if wrong or not tables.is_text(text.rstrip("\ufffd")):
        raise _refused("wrong_type", _("This is no attendance file: bring the CSV that Zoom, Teams or Meet gives."))
    if not text.strip('\ufeff \t\r\n,;"'):
        raise _refused("empty", _("There is nothing in this file."))
    return text, encoding


def _check(table: Table, *, is_to_be_said: bool) -> None:
    """`is_to_be_said`: somebody will say what the columns are."""
    if len(table.lines) > MOST_ROWS:
        raise _refused("too_many", _("There are more than 20,000 rows: that is no attendance file of one event."))
    if table.value == 1:
        sentence = _(
            "This file says how long people stayed, but not when. Take the detailed one: in Zoom without “Show unique "
            "users”, in Teams with the activities in the meeting."
        )
        raise _refused("no_times", sentence)
    if not any(any(line.cells) for line in table.lines):
        raise _refused("empty", _("There is nobody in this file."))
    if table.value < 2 and not is_to_be_said:
        raise _refused("columns", _missing(set(table.meanings)))


def _missing(there: set[str]) -> str:
    wanted = {
        _("name or e-mail address"): {"name", "first_name", "email"},
        _("time of joining"): {"joined", "first_joined"},
        _("time of leaving"): {"left", "last_left"},
    }
    names = ", ".join(name for name, meanings in wanted.items() if not meanings & there)
    return _("In this file there is no column for: %(names)s. Bring it as the platform gives it.") % {"names": names}


def _rows(table: Table, is_cut: bool) -> tuple[list[_Row], list[Broken]]:
    lines = [line for line in table.lines if any(line.cells)]
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
        lasted=clocks.duration(cell("duration")),
        action=headings.letters(cell("action")),
    )


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


def _refused(code: str, sentence: str) -> RegistrationError:
    return RegistrationError(code, sentence, {"file": sentence})
