"""What every paper of an event has in common: days and parts, whom one expects in person in what order, its heading.

The signature register and the list for when everything fails ask here. On paper stand name and organisation, never an
address. The order is that of an Italian register: by surname, where an accent or a stroke through a letter counts only
between names that are otherwise alike, and whoever has one name only stands by that one.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from events import days
from events.models import Event, Mode, Session
from programmes.models import Organisation
from registrations.documents import typesetting
from registrations.models import Registration

WHOLE = "whole"
EVERY = "every"
"""All parts of the agenda, one register after the other in one file."""
EVERY_DAY = "days"
"""The same for the days of the event."""
SHORT = 80
"""Signs of a title above each page; on the first one it stands whole."""
_strokes = str.maketrans("łøđħıŧ", "lodhit")
_signs = str.maketrans("’‘`´ʼ", "'''''")


@dataclass(frozen=True)
class Part:
    """The whole event, one of its days or one part of its agenda: what one register is about.

    `day` where it is one of several; `has_hours` unless nobody said from when to when that day is.
    """

    key: str
    title: str
    starts_at: datetime
    ends_at: datetime
    speakers: tuple[str, ...] = ()
    day: date | None = None
    has_hours: bool = True

    @property
    def is_whole(self) -> bool:
        return self.key == WHOLE


def parts_of(event: Event) -> list[Part]:
    """The whole event first, then its days where it has several, then its agenda in order."""
    speakers = list(event.speakers.all())
    whole = Part(WHOLE, "", event.starts_at, event.ends_at, tuple(one.name for one in speakers))
    agenda = [_part(session, speakers) for session in event.sessions.all()]
    return [whole, *_days(event, speakers), *agenda]


def _part(session: Session, speakers: list) -> Part:
    names = tuple(one.name for one in speakers if one.session_id == session.pk)
    return Part(str(session.pk), str(session.title), session.starts_at, session.ends_at, names)


def _days(event: Event, speakers: list) -> list[Part]:
    """None where the event has one day only."""
    found = days.of(event)
    return [
        _day(day, _("Day %(number)d of %(days)d") % {"number": number, "days": len(found)}, speakers)
        for number, day in enumerate(found, start=1)
    ]


def _day(day: days.Day, title: str, speakers: list) -> Part:
    """From its first part to the end of its last one; who speaks in no part at all may speak on any day."""
    of_day = {one.pk for one in day.sessions} | {None}
    return Part(
        key=f"day-{day.date.isoformat()}",
        title=title,
        starts_at=day.starts_at,
        ends_at=day.ends_at,
        speakers=tuple(one.name for one in speakers if one.session_id in of_day),
        day=day.date,
        has_hours=bool(day.sessions),
    )


def expected(event: Event) -> list[Registration]:
    """Everybody who is to come in person, in the order of a register."""
    return in_order(event.registrations.expected().filter(mode=Mode.IN_PERSON).select_related("group"))


def in_order(people: Iterable[Registration]) -> list[Registration]:
    """By surname and then by first name; who has no surname stands under her first name. So do the lists on screen
    (`models.registration.BY_NAME`), as far as a database can."""
    return sorted(people, key=_sorting)


def listed_name(person: Registration) -> str:
    """Surname first, as in a register."""
    return f"{person.last_name} {person.first_name}".strip() or person.name


def breakable(words: str, letters: int = 22) -> str:
    """`words`, with places to break in those that are longer than a column."""
    return re.sub(rf"(\S{{{letters}}})(?=\S)", "\\1\u200b", words)


def letter(name: str) -> str:
    """Under which letter a name stands; “#” for what begins with none."""
    first = _plain(name)[:1].upper()
    return first if first.isalpha() else "#"


def _sorting(person: Registration) -> tuple[str, str, str, int]:
    """Spelling and accents decide only between names that are alike."""
    first = person.last_name or person.name
    exact = listed_name(person).translate(_signs).casefold()
    return _plain(first), _plain(person.first_name), exact, person.pk or 0


def _plain(name: str) -> str:
    """Letters as in the alphabet: no accents, no strokes; apostrophes of every kind and spaces do not part words."""
    decomposed = unicodedata.normalize("NFKD", name.casefold()).translate(_strokes)
    return "".join(sign for sign in decomposed if sign.isalnum())


def when(event: Event, part: Part) -> str:
    """“giovedì 20 giugno 2024, dalle 9:00 alle 13:00”, by the clocks of the programme."""
    zone = ZoneInfo(event.programme.time_zone)
    start, end = part.starts_at.astimezone(zone), part.ends_at.astimezone(zone)
    if part.day and not part.has_hours:
        return date_format(part.day, "l j F Y")
    first, last = date_format(start, "l j F Y"), date_format(end, "l j F Y")
    times = {"day": first, "start": date_format(start, "G:i"), "end": date_format(end, "G:i"), "last": last}
    if start.date() == end.date():
        return _("%(day)s, from %(start)s to %(end)s") % times
    return _("from %(day)s at %(start)s to %(last)s at %(end)s") % times


def organiser(event: Event) -> str:
    """Who puts the event on: its own organiser, else the programme's lead."""
    if event.organiser:
        return event.organiser.name
    organisations = event.programme.organisations.all()
    leads = (one.name for one in organisations if one.role == Organisation.Role.LEAD)
    return next(leads, str(event.programme.name))


def short(title: object) -> str:
    """As it stands above each page."""
    return Truncator(title).chars(SHORT)


def heading(event: Event, part: Part) -> dict[str, object]:
    """What stands above a paper and on each of its pages."""
    programme = event.programme
    facts = [
        (_("Event"), str(event.title)),
        (_("Part"), part.title),
        (_("When"), when(event, part)),
        (_("Where"), event.venue.full_address if event.venue else ""),
        (_("Organiser"), organiser(event)),
        (_("Project"), str(programme.name)),
        (_("Project code"), programme.project_code),
        (_("Funding"), str(programme.funding_note)),
    ]
    return {
        "programme": str(programme.name),
        "project_code": programme.project_code,
        "event": str(event.title),
        "running": " · ".join(filter(None, [short(event.title), short(part.title), when(event, part)])),
        "when": when(event, part),
        "facts": [(label, words) for label, words in facts if words],
        "funders": typesetting.funders(programme),
        "funding_note": str(programme.funding_note),
        "page": _("Page"),
        "of": _("of"),
    }
