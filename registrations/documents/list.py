"""The list for when everything fails: no phone, no network, no power. One ticks who comes and writes the time.

Afterwards a phone reads the code at the end of each ticked row and the presence is in the books as if it had been
scanned at the door. People stand by the alphabet under their letters; at the end are rows for who comes without a
registration, with what she agrees to. Made in the language of who asks for it; `render` changes nothing.
"""

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core.tokens import grouped
from events.models import Event
from registrations.consents import PURPOSES
from registrations.documents import paper, qr, typesetting
from registrations.models import Registration

SPARE = 10


def render(event: Event, *, spare: int = SPARE) -> bytes:
    """The PDF, with `spare` rows for who is not registered."""
    whole, people = paper.parts_of(event)[0], paper.expected(event)
    data = {
        "language": (translation.get_language() or "").partition("-")[0],
        "colour": event.programme.main_colour,
        "title": _("Paper list of the door: %(event)s") % {"event": event.title},
        "paper": paper.heading(event, whole),
        "words": _words(),
        "letters": _by_letter(people),
        "has_groups": any(one.group_id for one in people),
        "spare": spare,
        "purposes": [{"label": str(one.label), "text": str(one.text)} for one in PURPOSES.values()],
    }
    return typesetting.pdf_apart("list.typ", data, at=timezone.now())


def file_name(event: Event) -> str:
    return f"elenco-{event.slug}.pdf"


def _by_letter(people: list[Registration]) -> list[dict[str, object]]:
    letters: dict[str, list] = {}
    for person in people:
        letters.setdefault(paper.letter(paper.listed_name(person)), []).append(_row(person))
    return [{"letter": letter, "rows": rows} for letter, rows in letters.items()]


def _row(person: Registration) -> dict[str, str]:
    return {
        "name": paper.breakable(paper.listed_name(person)),
        "organisation": paper.breakable(person.organisation),
        "group": str(person.group.number) if person.group else "",
        "code": grouped(person.code),
        "qr": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path d="{path}"/></svg>'.format(
            **qr.svg(person.code, quiet=0)
        ),
    }


def _words() -> dict[str, object]:
    return {
        "heading": _("Paper list of the door"),
        "how": [
            _("Tick the box of who comes in and write the time; when somebody leaves, write the time beside it."),
            _("Who is not on the list goes on the last page, with what she or he agrees to."),
            _("Afterwards: on the phone at the door open “Enter a paper list” and frame the code of each ticked row."),
        ],
        "name": _("Surname and name"),
        "group": _("Group"),
        "entry": _("Entry"),
        "exit": _("Exit"),
        "code": _("Code"),
        "walk_ins": _("Who comes without a registration"),
        "name_and_organisation": _("Name, surname, organisation"),
        "email": _("E-mail address (if wanted)"),
        "agrees": _("Agrees"),
        "nobody": _("Nobody is registered in person."),
    }
