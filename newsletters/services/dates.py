"""Dates in a newsletter's text that do not fit: a year left over from last time, a Tuesday that is a Wednesday.

Dates are read as people write them in Italian and English ("martedì 16 luglio 2024", "16/7/2024", "July 16, 2024"). A
date without a year is meant near the newsletter's own month. Decrees and laws have dates of their own and are let be.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext

from core.calendar_names import DAYS
from newsletters.models import Newsletter

MONTHS = [
    "gennaio|january", "febbraio|february", "marzo|march", "aprile|april", "maggio|may", "giugno|june",
    "luglio|july", "agosto|august", "settembre|september", "ottobre|october", "novembre|november", "dicembre|december",
]  # fmt: skip
WEEKDAYS = [
    "lunedì|lunedi|monday", "martedì|martedi|tuesday", "mercoledì|mercoledi|wednesday", "giovedì|giovedi|thursday",
    "venerdì|venerdi|friday", "sabato|saturday", "domenica|sunday",
]  # fmt: skip
_month, _weekday = "|".join(MONTHS), "|".join(WEEKDAYS)
WRITTEN = re.compile(
    rf"(?:\b(?P<weekday>{_weekday}),?\s+)?"
    rf"(?:(?P<day>\d{{1,2}})[°º]?\s+(?:of\s+)?(?P<month>{_month})|(?P<month_first>{_month})\s+(?P<day_second>\d{{1,2}}))"
    r"\b(?:,?\s+(?:del\s+)?(?P<year>(?:19|20)\d\d)\b)?",
    re.IGNORECASE,
)
NUMBERS = re.compile(r"\b(?P<day>\d{1,2})[/.](?P<month>\d{1,2})[/.](?P<year>(?:19|20)\d\d)\b")
BARE_YEAR = re.compile(
    r"(?<![\w/–.,€-])(?<!€ )(?:19|20)\d\d(?![\w/–-]|[.,]\d)"
    r"(?!\s*(?:€|%|euro|person|people|iscritt|partecipant|copie|copies|ore\b|hours|lavorator|worker|aziend|impres|compan))",
    re.IGNORECASE,
)
"""Not within a code, a span of years (2021–2027) or a number of things."""
NOT_WORDS = re.compile(
    r"\]\([^)\s]*|\[\[[^\[\]]*\]\]|<[^<>\s]+>|\b(?:https?://|www\.)\S+|\S+@\S+|(?<!\w)/[\w%./-]+|"
    r"\b(?:19|20)\d\d\s*[–-]\s*(?:19|20)\d\d\b"
)
"""Addresses, blocks and spans of years."""
OF_A_LAW = re.compile(
    r"(?:decret|legge|delibera|determin|direttiva|regolament|decree|law|act|regulation)\w*[^.]{0,60}$", re.I
)
AFTERWARDS = timedelta(days=366)
"""How long after its end a programme may still speak of days: they slip."""


def doubts(text: str, newsletter: Newsletter) -> Iterator[tuple[str, dict[str, Any]]]:
    """`wrong_year` and `wrong_weekday`, each with what it is about."""
    programme, rest = newsletter.programme, text
    for match in (*WRITTEN.finditer(text), *NUMBERS.finditer(text)):
        rest = rest.replace(match.group(), " ")
        if OF_A_LAW.search(text[: match.start()]):
            continue
        found = _date(match, newsletter.due_on)
        if found is None:
            continue
        said = " ".join(match.group().split())
        if not programme.starts_on <= found <= programme.ends_on + AFTERWARDS:
            yield "wrong_year", {"about": said}
        elif (weekday := match.groupdict().get("weekday")) and _number(weekday, WEEKDAYS) != found.weekday():
            yield "wrong_weekday", {"about": said, "day": gettext(DAYS[found.weekday()])}
    rest = NOT_WORDS.sub(" ", rest)
    for match in BARE_YEAR.finditer(rest):
        is_ours = programme.starts_on.year <= int(match.group()) <= programme.ends_on.year + 1
        is_near = abs(int(match.group()) - newsletter.due_on.year) <= 1
        if not is_ours and not is_near and not OF_A_LAW.search(rest[: match.start()]):
            yield "wrong_year", {"about": match.group()}


def _date(match: re.Match, near: date) -> date | None:
    parts = match.groupdict()
    day = int(parts.get("day") or parts["day_second"])
    month = parts.get("month") or parts["month_first"]
    month = int(month) if month.isdigit() else _number(month, MONTHS) + 1
    years = [int(parts["year"])] if parts["year"] else [near.year - 1, near.year, near.year + 1]
    found = [one for year in years if (one := _day(year, month, day))]
    return min(found, key=lambda one: abs(one - near), default=None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _number(name: str, names: list[str]) -> int:
    return next(number for number, forms in enumerate(names) if name.lower() in forms.split("|"))
