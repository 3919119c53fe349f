"""What both papers of a register say in words: what it is about, its head, the rule for a missing exit, the recipe."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from events import dates
from registrations.documents import paper

if TYPE_CHECKING:
    from events.models import Event
    from registrations.services.registers import Register

CHECKER = "docs/check_register.py"
MOMENT = "j F Y, G:i:s"


def about(register: "Register") -> list[tuple[str, Any]]:
    """Label and value, in order."""
    event, seal = register.event, register.seal
    programme = event.programme
    facts: list[tuple[str, Any]] = [
        (_("Event"), str(event.title)),
        (_("When"), dates.in_words(event)),
        (_("Time zone of all times"), timezone.get_current_timezone_name()),
        (_("Where"), event.venue.full_address if event.venue else ""),
        (_("Organiser"), paper.organiser(event)),
        (_("Project"), str(programme.name)),
        (_("Project code"), programme.project_code),
        (_("Funding"), str(programme.funding_note)),
        (_("Agenda"), "; ".join(agenda(register))),
        *rules(event).items(),
        *(
            (_("Other rule in register no. %(number)d") % {"number": number}, f"{label}: {words}")
            for number, label, words in register.earlier_rules
        ),
        (_("Sealed on"), date_format(localtime(seal.made_at), MOMENT)),
        (_("State"), _("Provisional: the event was still running") if seal.is_provisional else ""),
        (_("Sealed by"), seal.made_by.get_full_name() if seal.made_by else ""),
        (_("People"), people(register)),
        (_("Minutes present, of all together"), minutes_of_all(register)),
        (_("Codes of the online room"), codes(register)),
        (_("People with enough minutes"), sum(one.is_enough for one in register.people)),
        (_("Facts, corrections and files"), seal.facts),
        (_("Attendance register"), _("no. %(number)s") % {"number": seal.number}),
        (_("Chain begins with"), event.uid),
        (_("Head of the register before"), seal.previous),
        (_("Head of the chain"), register.head),
    ]
    return [(label, value) for label, value in facts if value not in {"", None}]


def rules(event: "Event") -> dict[str, str]:
    """How presence counts, by what each rule is called."""
    return {
        _("Who came in and was not seen going out counts"): str(event.get_missing_exit_display()),
        _("Enough for the certificate"): _("%(needed)d minutes of %(total)d") % _minutes(event),
    }


def codes(register: "Register") -> str:
    """How many people gave each, where there is an online room."""
    online = [one for one in register.people if one.codes]
    if not online:
        return ""
    numbers = {
        "people": len(online),
        "start": sum(bool(one.codes.start) for one in online),
        "end": sum(bool(one.codes.end) for one in online),
    }
    return _("start code given by %(start)d of %(people)d people online, end code by %(end)d") % numbers


def people(register: "Register") -> str:
    """How many were there, and how: “15 (In presenza: 8; Online: 7)”."""
    ways = Counter(one.mode for one in register.people)
    told = "; ".join(f"{way}: {number}" for way, number in sorted(ways.items()))
    return f"{len(register.people)} ({told})" if told else "0"


def minutes_of_all(register: "Register") -> str:
    minutes = sum(one.minutes for one in register.people)
    return f"{minutes} ({minutes // 60} h {minutes % 60:02} min)"


def agenda(register: "Register") -> list[str]:
    """Each part with its hours, its day where there are several, and who speaks."""
    speakers: dict[int | None, list[str]] = {}
    for one in register.event.speakers.all():
        speakers.setdefault(one.session_id, []).append(one.name)
    found = []
    for part in register.event.sessions.all():
        day = f"{localtime(part.starts_at):%d/%m} " if register.days else ""
        hours = f"{day}{localtime(part.starts_at):%H:%M}–{localtime(part.ends_at):%H:%M}"
        who = ", ".join(speakers.get(part.pk, []))
        found.append(f"{hours} {part.title}" + (f" ({who})" if who else ""))
    return found


def few(lines: list[str], most: int) -> list[str]:
    """The first corrections of somebody, and how many there are besides."""
    if len(lines) <= most + 1:
        return lines
    return [*lines[:most], _("and %(number)d more: sheet “Corrections”") % {"number": len(lines) - most}]


def _minutes(event: Any) -> dict[str, int]:
    return {"needed": event.minutes_needed, "total": event.minutes_counted}


def recipe() -> list[str]:
    begin = _(
        'Begin with the SHA-256 of ["convivio.register.1","…"], where … is what the chain begins with. Then, row '
        "by row: the SHA-256 of the hash before, in hexadecimal, followed by the fact as it is hashed. It must be the "
        "last column."
    )
    last = _(
        "The last row is the register itself: it holds the SHA-256 of the first four sheets, each row as a JSON array "
        "of its cells and a line feed, the facts without this row. Its hash is the head."
    )
    head = _(
        "Compare the head with the one that somebody else keeps: on the PDF, on paper, at the authority. Who can "
        "change everything here can also make another chain, but not another head on that paper."
    )
    alone = _(
        "The program %(program)s does all this with Python alone: python check_register.py register.xlsx --head and "
        "the head on paper."
    )
    return [
        _("Each row of the second sheet is a link of a chain. The last column but one holds the fact as it is hashed."),
        begin,
        last,
        head,
        alone % {"program": CHECKER},
        _("In the database: manage.py check_register, followed by the address of the event."),
    ]


def widths(rows: list[list[Any]]) -> list[int]:
    """Of each column, by its longest text among the first rows."""
    first = rows[:50]
    return [min(60, max(10, *(len(str(row[at])) + 2 for row in first if at < len(row)))) for at in range(len(rows[0]))]
