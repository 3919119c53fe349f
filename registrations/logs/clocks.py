"""What a time in an attendance file means. The files say neither in which order day and month stand nor which clock.

The order is the one in which every date of the file exists; where both are possible, the one that lies on the days of
the event; where both or none do, the month first with a clock of twelve hours and the day first with one of
twenty-four. The person who looks at the file may choose otherwise. A time without a date is of the day of the event.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ORDERS = ("dmy", "mdy")
DAY = timedelta(days=1)

_MONTHS = {
    name: number
    for number, names in enumerate(
        ["jan gen ene", "feb fev", "mar", "apr avr abr", "may mag mai", "jun giu juin", "jul lug juil", "aug ago aou",
         "sep set", "oct ott okt", "nov", "dec dic dez"], 1)
    for name in names.split()
}  # fmt: skip
"""How a month begins, in English, Italian, German, French, Spanish and Portuguese."""
_CLOCK = r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[ap]\.?\s?m\.?)?"
_NUMBERS = r"(?P<first>\d{1,4})[/.\-](?P<second_part>\d{1,2})[/.\-](?P<third>\d{1,4})\.?"
_WORDS = r"(?:(?P<day>\d{1,2})\.?\s+(?:de )?(?P<month>[a-z]{3,10})\.?|(?P<word>[a-z]{3,10})\.?\s+(?P<number>\d{1,2}),?)"
_AT = r"(?:t|,?\s+(?:at |alle |a |as |a las |um )?)"
_ZONE = r"\s*(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2})?"
_FORM = re.compile(rf"(?:(?:{_NUMBERS}|{_WORDS},?\s+(?:de )?(?P<year>\d{{4}})){_AT})?{_CLOCK}{_ZONE}")
_UNITS = {
    word: unit
    for unit, words in {
        "hours": "h hr hrs hour hours ora ore std stunde stunden heure heures hora horas",
        "minutes": "m min mins minute minutes minuto minuti minuten minutos",
        "seconds": "s sec secs seg sek second seconds secondo secondi sekunde seconde secondes segundo segundos",
    }.items()
    for word in words.split()
}
_DURATION = re.compile(r"(\d{1,6})\s*([a-z]+)\.?")


@dataclass(frozen=True)
class Written:
    """A time as it is written: `parts` of the date in the order in which they stand, or none."""

    parts: tuple[int, int, int] | None
    is_settled: bool
    """Year first, or the month as a word: no doubt about the order."""
    clock: time
    is_half: bool
    """By a clock of twelve hours."""
    offset: timedelta | None = None


def read(cell: str) -> Written | None:
    """None for anything that is no time."""
    found = _FORM.fullmatch(_plain(cell))
    if not found:
        return None
    hour, half = int(found["hour"]), (found["half"] or "")[:1]
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        clock = time(hour, int(found["minute"]), int(found["second"] or 0))
        parts, is_settled = _parts(found)
    except (ValueError, KeyError):
        return None
    if parts and not any(_date(parts, is_settled, order) for order in ORDERS):
        return None
    return Written(parts, is_settled, clock, bool(half), _offset(found["zone"]))


def order_of(times: Iterable[Written], days: Iterable[date]) -> tuple[str, bool]:
    """Which of ORDERS the file has, and whether that is sure. `days` are those of the event."""
    seen = list(times)
    doubtful = {one.parts for one in seen if one.parts and not one.is_settled}
    possible = [order for order in ORDERS if all(_date(parts, False, order) for parts in doubtful)]
    if not doubtful or len(possible) == 1:
        return (possible or ORDERS)[0], bool(possible)
    near = {day + DAY * step for day in days for step in (-1, 0, 1)}
    hits = {order: sum(_date(parts, False, order) in near for parts in doubtful) for order in ORDERS}
    if hits["dmy"] != hits["mdy"]:
        return max(ORDERS, key=hits.__getitem__), True
    is_same = all(_date(parts, False, "dmy") == _date(parts, False, "mdy") for parts in doubtful)
    return ("mdy" if any(one.is_half for one in seen) else "dmy"), is_same


def instant(written: Written, *, order: str, zone: ZoneInfo, day: date, after: datetime | None = None) -> datetime:
    """When that was, in UTC. `day` is the day of a time without a date. Not before `after`, where a clock that goes
    back or a midnight without a date explain it. Raises ValueError where the date does not exist in this order."""
    on = _date(written.parts, written.is_settled, order) if written.parts else day
    if on is None:
        raise ValueError
    local = datetime.combine(on, written.clock)
    if written.offset is not None:
        return (local - written.offset).replace(tzinfo=UTC)
    found = local.replace(tzinfo=zone).astimezone(UTC)
    if after and found < after:
        second_time = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
        if second_time >= after:
            return second_time
        if not written.parts:
            return (local + DAY).replace(tzinfo=zone).astimezone(UTC)
    return found


def duration(cell: str) -> timedelta | None:
    """“1h 13m 42s”, “1 ora 2 min”, “59 Min. 0 Sek.”, “1:02:03”, or a number of minutes. None for anything else: half
    of what is written would be a wrong duration."""
    plain = cell.strip()
    if re.fullmatch(r"\d{1,5}", plain):
        return timedelta(minutes=int(plain))
    if clock := re.fullmatch(r"(\d{1,3}):(\d{2}):(\d{2})", plain):
        return timedelta(hours=int(clock[1]), minutes=int(clock[2]), seconds=int(clock[3]))
    found = _DURATION.findall(_plain(cell))
    if not found or not all(unit in _UNITS for _number, unit in found):
        return None
    return timedelta(**{_UNITS[unit]: int(number) for number, unit in found})


def _plain(cell: str) -> str:
    """Small letters without accents, simple spaces."""
    if not cell.isascii():
        cell = unicodedata.normalize("NFKD", cell)
        cell = "".join(sign for sign in cell if not unicodedata.combining(sign))
    return cell.strip().lower()


def _parts(found: re.Match) -> tuple[tuple[int, int, int] | None, bool]:
    if found["first"]:
        return (int(found["first"]), int(found["second_part"]), int(found["third"])), len(found["first"]) == 4
    if word := found["month"] or found["word"]:
        month = _MONTHS[word[: 4 if word.startswith("jui") else 3]]
        return (int(found["year"]), month, int(found["day"] or found["number"])), True
    return None, False


def _date(parts: tuple[int, int, int], is_settled: bool, order: str) -> date | None:
    one, two, three = parts
    year, month, day = parts if is_settled else (three, one, two) if order == "mdy" else (three, two, one)
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


def _offset(written: str | None) -> timedelta | None:
    if not written:
        return None
    if not written[1:].replace(":", "").isdigit():
        return timedelta(0)
    digits = written[1:].replace(":", "")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -size if written[0] == "-" else size
