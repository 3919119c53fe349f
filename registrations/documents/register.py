"""The signature register: who is expected in person signs on the way in and on the way out, and writes the time.

One register for the whole event, for one of its days or for one part of its agenda, or one for every day or part in
one file, each with its own pages “1 of n”. It is made as the auditors of the ESF+ ask: project code and funding on each
page, signatures of who speaks and of who is responsible, and the declaration of Italian law (DPR 445/2000). It is made
in the site's own language, whatever the desk speaks, as it is a document of the funder's. `render` changes nothing.
"""

from collections.abc import Collection

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Event
from registrations.documents import paper, typesetting
from registrations.documents.paper import Part
from registrations.models import Registration

SPARE = 10
MOST_SPARE = 100
SPEAKERS_UNKNOWN = 2
"""Empty lines for who speaks, beside those whose names are known."""


def render(event: Event, keys: Collection[str], *, spare: int = SPARE) -> bytes:
    """One PDF with a register for each part that `keys` name, each with `spare` empty rows at its end."""
    with translation.override(settings.LANGUAGE_CODE):
        people = paper.expected(event)
        title = _("Attendance register: %(event)s") % {"event": event.title}
        data = {
            "language": translation.get_language().partition("-")[0],
            "colour": event.programme.main_colour,
            "title": title,
            "words": _words(),
            "people": [_row(one) for one in people],
            "registers": [
                _register(event, part, len(people), spare) for part in paper.parts_of(event) if part.key in keys
            ],
        }
    return typesetting.pdf_apart("register.typ", data, at=timezone.now())


def file_name(event: Event, part: str) -> str:
    """`part` as it was chosen: a key of a part, or `paper.EVERY` and `paper.EVERY_DAY`."""
    return f"registro-{event.slug}.pdf" if part == paper.WHOLE else f"registro-{event.slug}-{part}.pdf"


def _row(person: Registration) -> list[str]:
    return [paper.breakable(paper.listed_name(person)), paper.breakable(person.organisation)]


def _register(event: Event, part: Part, people: int, spare: int) -> dict[str, object]:
    expected = ngettext("%(number)d person expected", "%(number)d people expected", people) % {"number": people}
    return {
        **paper.heading(event, part),
        "heading": _("Attendance register"),
        "expected": expected,
        "spare": spare,
        "speakers": [*part.speakers, *[""] * SPEAKERS_UNKNOWN],
    }


def _words() -> dict[str, str]:
    """Every sentence of the form."""
    return {
        "number": _("No."),
        "name": _("Surname and name"),
        "organisation": _("Organisation"),
        "entry": _("Entry"),
        "exit": _("Exit"),
        "time": _("Time"),
        "signature": _("Signature"),
        "how": _(
            "Write legibly, with a pen: the time and your signature when you come in, and again when you leave. "
            "Who is not on the list signs in the empty rows at the end."
        ),
        "closing": _("To be filled in at the end"),
        "total": _("People who signed"),
        "speakers": _("Who spoke"),
        "responsible": _("Who is responsible and tutors"),
        "role_responsible": _("Responsible for the event"),
        "role_tutor": _("Tutor or facilitator"),
        "legible": _("Name and surname, legible"),
        "declaration": _("Declaration in place of an affidavit"),
        "law": _("Articles 46 and 47 of Presidential Decree no. 445 of 28 December 2000"),
        "declares": _(
            "I, the undersigned ______________________________________, born in ______________________ on "
            "____/____/________, as ☐ legal representative ☐ person responsible for the event of "
            "______________________________________, aware of the criminal penalties and of the loss of benefits that "
            "articles 75 and 76 of Presidential Decree 445/2000 provide for false declarations and false documents, "
            "declare under my own responsibility that what this register says is true: whoever signed it was present "
            "at the times written beside the signature."
        ),
        "pages": _("This register has %(number)s numbered pages.") % {"number": "{n}"},
        "place": _("Place and date"),
        "signed": _("Signature of who declares"),
        "identity": _(
            "Attach a copy of an identity document of who signs (article 38 of Presidential Decree 445/2000)."
        ),
    }
