"""What the columns of an attendance file are called. To teach it another language, add words here and nothing else.

Headings are compared by their letters and digits alone: case, accents, spaces and punctuation do not matter. Seen in
files or in programs that read them: all of Zoom; Teams in English, German, Spanish, Portuguese and, the oldest lists,
French; Meet in English and Spanish. The Italian ones of Teams and Meet are the words of their Italian pages, and what
else they could be called: in no public file were they to be found.
"""

import re
import unicodedata

NAMES = {
    "name": {
        "en": ["Name (Original Name)", "User Name (Original Name)", "Name", "User Name", "Full Name", "Participant",
               "Participant Name", "Display Name"],
        "it": ["Nome (nome originale)", "Nome utente (nome originale)", "Nome utente", "Nome completo",
               "Nome partecipante", "Nome del partecipante", "Partecipante", "Nominativo"],
        "de": ["Name (Originalname)", "Name (ursprünglicher Name)", "Name", "Vollständiger Name"],
        "fr": ["Nom (nom original)", "Nom (nom d’origine)", "Nom complet"],
        "es": ["Nombre (nombre original)", "Nombre de usuario (nombre original)", "Nombre completo"],
        "pt": ["Nome (nome original)", "Nome Completo"],
    },
    "first_name": {
        "en": ["First name", "Given name"], "it": ["Nome"], "de": ["Vorname"], "fr": ["Prénom"], "es": ["Nombre"],
        "pt": ["Nome"],
    },
    "last_name": {
        "en": ["Last name", "Surname", "Family name"], "it": ["Cognome"], "de": ["Nachname"], "fr": ["Nom"],
        "es": ["Apellido", "Apellidos"], "pt": ["Sobrenome"],
    },
    "email": {
        "en": ["User Email", "Email", "E-mail", "Email address", "Participant Email"],
        "it": ["E-mail", "Email", "Email dell'utente", "E-mail utente", "E-mail partecipante", "Indirizzo e-mail",
               "Indirizzo di posta elettronica", "Posta elettronica"],
        "de": ["E-Mail", "E-Mail-Adresse", "Benutzer-E-Mail", "E-Mail-Adresse des Benutzers"],
        "fr": ["E-mail", "Adresse e-mail", "Adresse e-mail de l’utilisateur", "Adresse de courriel"],
        "es": ["Correo electrónico", "E-mail del usuario", "Correo", "Email"],
        "pt": ["E-mail", "Email", "E-mail do usuário"],
    },
    "joined": {
        "en": ["Join Time", "Joined at", "Time joined"],
        "it": ["Ora di ingresso", "Ora ingresso", "Ora d'ingresso", "Ora di entrata", "Ora di partecipazione",
               "Ora di accesso", "Ora di inizio partecipazione", "Ora di connessione"],
        "de": ["Beitrittszeit", "Beitreten", "Beitrittszeitpunkt"],
        "fr": ["Heure d’arrivée", "Heure de connexion"],
        "es": ["Hora de entrada", "Hora para unirse", "Hora a la que se unió", "Hora de ingreso", "Hora de unión"],
        "pt": ["Horário de Entrada", "Hora de entrada"],
    },
    "left": {
        "en": ["Leave Time", "Left at", "Time exited"],
        "it": ["Ora di uscita", "Ora uscita", "Ora d'uscita", "Ora di abbandono", "Ora di fine partecipazione",
               "Ora di disconnessione"],
        "de": ["Austrittszeit", "Verlassen", "Verlassenszeit"],
        "fr": ["Heure de départ", "Heure de déconnexion"],
        "es": ["Hora de salida", "Hora para salir", "Hora a la que salió", "Hora a la que abandonó la reunión"],
        "pt": ["Horário de Saída", "Hora de saída"],
    },
    "first_joined": {
        "en": ["First Join", "First join time"],
        "it": ["Primo accesso", "Prima partecipazione", "Primo ingresso", "Prima entrata", "Prima connessione"],
        "de": ["Erster Beitritt"],
        "es": ["Primera entrada"],
        "pt": ["Primeira Entrada", "Primeiro ingresso"],
    },
    "last_left": {
        "en": ["Last Leave", "Last leave time"],
        "it": ["Ultima uscita", "Ultimo abbandono", "Ultima disconnessione"],
        "de": ["Letztes Verlassen"],
        "es": ["Última salida"],
        "pt": ["Última Saída"],
    },
    "duration": {
        "en": ["Duration", "Duration (Minutes)", "In-Meeting Duration", "Total Duration (Minutes)", "Time in meeting",
               "Time in Session (minutes)"],
        "it": ["Durata", "Durata (minuti)", "Durata totale (minuti)", "Durata riunione", "Durata della riunione",
               "Durata nella riunione", "Durata in riunione", "Tempo nella sessione (minuti)"],
        "de": ["Dauer", "Dauer (Minuten)", "Gesamtdauer (Minuten)", "Dauer der Besprechung"],
        "fr": ["Durée", "Durée (minutes)", "Durée totale (minutes)"],
        "es": ["Duración", "Duración (minutos)", "Duración total (minutos)", "Duración de la reunión",
               "Duración en la reunión", "Tiempo en la reunión"],
        "pt": ["Duração", "Duração (minutos)", "Duração da Reunião", "Duração na reunião"],
    },
    "action": {
        "en": ["User Action"], "it": ["Azione utente", "Azione dell'utente"], "fr": ["Action de l’utilisateur"],
    },
    "timestamp": {"en": ["Timestamp"], "it": ["Data e ora", "Timestamp"], "fr": ["Date et heure"]},
}  # fmt: skip
"""{what a column means: {language: its headings}}"""

SIGNS = {
    "zoom": ["Name (Original Name)", "User Name (Original Name)", "Nome (nome originale)", "Nom (nom original)",
             "Nombre (nombre original)", "Name (ursprünglicher Name)", "Name (Originalname)", "Guest",
             "In Waiting Room", "In sala d’attesa"],
    "teams": ["First Join", "Last Leave", "Primo accesso", "Participant ID (UPN)", "User Action", "Azione utente",
              "In-Meeting Duration", "UPN", "ID partecipante (UPN)", "Id. de participante (UPN)",
              "ID do participante (UPN)", "Teilnehmer-ID (UPN)", "Role", "Ruolo", "Rolle", "Rol", "Função",
              "Action de l’utilisateur"],
    "meet": ["Time joined", "Time exited", "Hora a la que se unió"],
}  # fmt: skip
"""Headings that only one platform has, or one of which is enough to tell."""

TITLES = ["Meeting title", "Titolo riunione", "Titolo della riunione", "Topic", "Argomento", "Besprechungstitel",
          "Thema", "Tema", "Título de la reunión", "Título da reunião", "Titre de la réunion", "Sujet"]  # fmt: skip
"""What stands before, or above, the title of the meeting."""

JOINED = {
    "joined", "joinedbefore", "haeffettuatolaccesso", "haeffettuatolaccessoprima", "accesso", "ingresso", "rejoint",
    "rejointavant",
}  # fmt: skip
LEFT = {"left", "abbandonato", "haabbandonato", "uscita", "uscito", "aquittelappel", "aquitte"}
"""Actions of the oldest files of Teams, a line each."""
LANGUAGES = ["it", "en", "de", "fr", "es", "pt"]


def letters(written: str) -> str:
    """The form in which headings are compared."""
    if written.isascii():  # nearly every cell of a long file
        return re.sub(r"[\W_]+", "", written).lower()
    plain = unicodedata.normalize("NFKD", written).casefold()
    return re.sub(r"[\W_]+", "", "".join(sign for sign in plain if not unicodedata.combining(sign)))


_MEANINGS: dict[str, str] = {}
_LANGUAGES: dict[str, set[str]] = {}
for _meaning, _languages in NAMES.items():
    for _language, _headings in _languages.items():
        for _written in _headings:
            _MEANINGS.setdefault(letters(_written), _meaning)
            _LANGUAGES.setdefault(letters(_written), set()).add(_language)
_SIGNS = {letters(written): platform for platform, headings in SIGNS.items() for written in headings}
_TITLES = {letters(written) for written in TITLES}


def meaning_of(heading: str) -> str:
    return _MEANINGS.get(letters(heading), "")


def language_of(row: list[str]) -> str:
    """The language that most headings of the row are in; nothing where they are in none."""
    found = [language for each in map(letters, row) for language in _LANGUAGES.get(each, ())]
    return max(filter(found.count, LANGUAGES), key=found.count, default="")


def platform_of(row: list[str]) -> str:
    """Whose headings these are; nothing where they could be anybody's."""
    return next((_SIGNS[each] for each in map(letters, row) if each in _SIGNS), "")


def is_title(heading: str) -> bool:
    return letters(heading) in _TITLES
