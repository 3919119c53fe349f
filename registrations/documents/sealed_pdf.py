"""The sealed register on paper: who was there from when to when, what somebody decided and why, files, declaration.

Project code, funding and the head of the chain stand on each numbered page, as auditors of the ESF+ ask; at the end the
declaration of Italian law (DPR 445/2000). Every single fact stands in the workbook of the same head. Made once, when a
register is sealed (`services.sealing`).
"""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registrations.documents import paper, sealed_words, typesetting
from registrations.documents.sealed_words import few

if TYPE_CHECKING:
    from registrations.services.registers import Person, Register

MOST_COLUMNS = 8
"""Of minutes, besides those of the whole: more have no room on a page."""
NARROW = 13
"""Letters that find room in the narrowest column of words."""
FEW_CORRECTIONS = 3
"""Of one person, beside her stays: all stand in their own table."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
SECONDS = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d:\d\d:\d\d)")
"""The same in its parts, for where there is little room."""


def render(register: "Register") -> bytes:
    programme = register.event.programme
    title = _("Register no. %(number)d: %(event)s") % {"number": register.seal.number, "event": register.event.title}
    data = {
        "language": translation.get_language().partition("-")[0],
        "colour": programme.main_colour,
        "title": title,
        "heading": _heading(register),
        "programme": str(programme.name),
        "project_code": programme.project_code,
        "event": paper.short(register.event.title),
        "about": [(label, _breakable(str(value))) for label, value in sealed_words.about(register)],
        "head_label": _("Head of the chain"),
        "head": register.head,
        "funders": typesetting.funders(programme),
        "funding_note": str(programme.funding_note),
        "people": {
            "heading": _("Who was there"),
            "note": _note(register),
            "head": [_("Surname, name, organisation"), _("Mode"), _("Admission"), _("Entries and exits"),
                     *_parts(register), _("Minutes"), _("Enough"), _("Corrections")],
            "parts": len(_parts(register)),
            "rows": [_person(register, one) for one in register.people],
        },
        "decisions": {
            "heading": _("What somebody decided, and what was refused"),
            "head": [_("When"), _("Who it is about"), _("What"), _("Who decided"), _("Why")],
            "rows": [[_cell(cell) for cell in row] for row in register.decisions],
        },
        "corrections": _table(register.tables[2][0], register.tables[2][1]),
        "files": _table(_("Files"), register.files, _about_files()),
        "phones": _table(_("Phones at the door"), register.phones, _about_phones()),
        "none": _("None."),
        "check": {"heading": _("How to check"), "sentences": sealed_words.recipe()},
        "declaration": _declaration(register),
        "page": _("Page"),
        "of": _("of"),
    }  # fmt: skip
    return typesetting.pdf("sealed.typ", data, at=register.seal.made_at)


def _heading(register: "Register") -> str:
    number = {"number": register.seal.number}
    if register.seal.is_provisional:
        return _("Attendance register no. %(number)d, provisional") % number
    return _("Attendance register no. %(number)d") % number


def _parts(register: "Register") -> list[str]:
    """Columns of minutes: of each day, where there are several, else of each part of the agenda, by their number there,
    for titles are too long for a column. The workbook has all."""
    if register.days:
        return _columns(_("Min. day %(number)d"), len(register.days))
    return _columns(_("Min. part %(number)d"), len(register.event.sessions.all()))


def _columns(title: str, number: int) -> list[str]:
    return [title % {"number": n} for n in range(1, number + 1)] if number <= MOST_COLUMNS else []


def _note(register: "Register") -> str:
    if register.days:
        return _(
            "Minutes count once, in the hall and online together, inside the hours of the event. Days are numbered "
            "from the first; minutes of each part of the agenda stand in the workbook of the same head."
        )
    return _(
        "Minutes count once, in the hall and online together, inside the hours of the event. Parts are "
        "numbered as in the agenda; seconds left over in one part count in the next, and breaks between parts "
        "only in the whole."
    )


def _person(register: "Register", one: "Person") -> list[str]:
    person, minutes = one.registration, one.days if register.days else one.parts
    name = _breakable("\n".join(filter(None, [paper.listed_name(person), person.organisation])), NARROW)
    stays = [*one.printed, *([str(one.codes)] if one.codes else [])]
    corrections = few(one.corrections, FEW_CORRECTIONS)
    return [
        name, one.mode, _breakable(one.admission, NARROW), "\n".join(stays),
        *map(str, minutes if len(minutes) <= MOST_COLUMNS else []), str(one.minutes),
        _("yes") if one.is_enough else _("no"), SECONDS.sub(r"\3/\2 \4", "\n".join(corrections)) or "–",
    ]  # fmt: skip


def _table(title: str, table: list[list], note: str = "") -> dict[str, object]:
    head, *rows = table
    written = {"heading": title, "head": head, "rows": [[_cell(cell) for cell in row] for row in rows]}
    return written | ({"note": note} if note and rows else {})


def _about_files() -> str:
    return _(
        "What a file is and what part of the event it is about is what its bringer said; who signed stands on it alone."
    )


def _about_phones() -> str:
    return _(
        "A fact names the phone, not who held it: who paired it gave it out. Phones can be renamed; this is what they "
        "were called when the register was sealed."
    )


def _declaration(register: "Register") -> dict[str, str]:
    return {
        "heading": _("Declaration in place of an affidavit"),
        "law": _("Articles 46 and 47 of Presidential Decree no. 445 of 28 December 2000"),
        "declares": _(
            "I, the undersigned ______________________________________, born in ______________________ on "
            "____/____/________, as ☐ legal representative ☐ person responsible for the event of "
            "______________________________________, aware of the criminal penalties and of the loss of benefits that "
            "articles 75 and 76 of Presidential Decree 445/2000 provide for false declarations and false documents, "
            "declare under my own responsibility that what this register says is true, and that it is the one whose "
            "chain ends with the head %(head)s."
        )
        % {"head": _breakable(register.head)},
        "pages": _("This register has %(number)s numbered pages.") % {"number": "{n}"},
        "place": _("Place and date"),
        "signed": _("Signature of who declares"),
        "identity": _(
            "Attach a copy of an identity document of who signs (article 38 of Presidential Decree 445/2000)."
        ),
    }


def _cell(value: object) -> str:
    """As a person reads it: in the workbook a moment stands as it sorts, here in words."""
    return _breakable(
        MOMENT.sub(lambda found: date_format(datetime.fromisoformat(found[0]), sealed_words.MOMENT), str(value))
    )


def _breakable(words: str, letters: int = 18) -> str:
    """With places to break in words that are longer than a column."""
    return re.sub(rf"(\S{{{letters}}})(?=\S)", "\\1\u200b", words)
