"""What the columns of an attendance file are called. To teach it another language, add words here and nothing else.

Headings are compared by their letters and digits alone: case, accents, spaces and punctuation do not matter. English
and Italian headings of Zoom and the English ones of Teams and Meet were seen in files; the Italian ones of Teams and
Meet are the words of their Italian pages.
"""

import re
import unicodedata

NAMES = {
    "name": {
        "en": ["Name (Original Name)", "Name", "Full Name", "Participant", "Participant Name", "Display Name"],
        "it": ["Nome (nome originale)", "Nome completo", "Nome partecipante", "Partecipante", "Nominativo"],
    },
    "first_name": {"en": ["First name", "Given name"], "it": ["Nome"]},
    "last_name": {"en": ["Last name", "Surname"], "it": ["Cognome"]},
    "email": {
        "en": ["User Email", "Email", "E-mail", "Email address", "Participant Email"],
        "it": ["E-mail", "Email dell'utente", "E-mail utente", "Indirizzo e-mail", "Indirizzo di posta elettronica",
               "Posta elettronica"],
    },
    "joined": {
        "en": ["Join Time", "Joined at", "Time joined"],
        "it": ["Ora di ingresso", "Ora ingresso", "Ora di entrata", "Ora di partecipazione", "Ora di accesso"],
    },
    "left": {
        "en": ["Leave Time", "Left at", "Time exited"],
        "it": ["Ora di uscita", "Ora uscita", "Ora di abbandono"],
    },
    "first_joined": {"en": ["First Join", "First join time"], "it": ["Primo accesso", "Prima partecipazione"]},
    "last_left": {"en": ["Last Leave", "Last leave time"], "it": ["Ultima uscita", "Ultimo abbandono"]},
    "duration": {
        "en": ["Duration", "Duration (Minutes)", "In-Meeting Duration", "Total Duration (Minutes)", "Time in meeting"],
        "it": ["Durata", "Durata (minuti)", "Durata totale (minuti)", "Durata riunione", "Durata nella riunione"],
    },
    "action": {"en": ["User Action"], "it": ["Azione utente", "Azione dell'utente"]},
    "timestamp": {"en": ["Timestamp"], "it": ["Data e ora", "Timestamp"]},
}  # fmt: skip
"""{what a column means: {language: its headings}}"""

SIGNS = {
    "zoom": ["Name (Original Name)", "Nome (nome originale)", "Guest", "In Waiting Room", "In sala d’attesa"],
    "teams": ["First Join", "Last Leave", "Primo accesso", "Participant ID (UPN)", "User Action", "Azione utente",
              "In-Meeting Duration", "UPN", "ID partecipante (UPN)", "Role", "Ruolo"],
    "meet": ["Time joined", "Time exited"],
}  # fmt: skip
"""Headings that only one platform has, or one of which is enough to tell."""

TITLES = ["Meeting title", "Titolo riunione", "Titolo della riunione", "Topic", "Argomento"]
"""What stands before, or above, the title of the meeting."""

JOINED = {"joined", "joinedbefore", "haeffettuatolaccesso", "haeffettuatolaccessoprima", "accesso", "ingresso"}
LEFT = {"left", "abbandonato", "haabbandonato", "uscita", "uscito"}
"""Actions of the oldest files of Teams, a line each."""


def letters(written: str) -> str:
    """The form in which headings are compared."""
    if written.isascii():  # nearly every cell of a long file
        return re.sub(r"[\W_]+", "", written).lower()
    plain = unicodedata.normalize("NFKD", written).casefold()
    return re.sub(r"[\W_]+", "", "".join(sign for sign in plain if not unicodedata.combining(sign)))


_KNOWN = {
    letters(written): (meaning, language)
    for meaning, languages in NAMES.items()
    for language, headings in languages.items()
    for written in headings
}
_SIGNS = {letters(written): platform for platform, headings in SIGNS.items() for written in headings}
_TITLES = {letters(written) for written in TITLES}


def meaning_of(heading: str) -> str:
    return _KNOWN.get(letters(heading), ("", ""))[0]


def language_of(row: list[str]) -> str:
    """The language that most headings of the row are in; nothing where they are in none."""
    found = [_KNOWN[each][1] for each in map(letters, row) if each in _KNOWN]
    return max(sorted(set(found)), key=found.count, default="")


def platform_of(row: list[str]) -> str:
    """Whose headings these are; nothing where they could be anybody's."""
    return next((_SIGNS[each] for each in map(letters, row) if each in _SIGNS), "")


def is_title(heading: str) -> bool:
    return letters(heading) in _TITLES
