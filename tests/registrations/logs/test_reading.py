"""Attendance files of every kind that was seen, and those that hands and networks make of them."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from registrations.logs import clocks, opening, reading
from registrations.services import RegistrationError

ROME = ZoneInfo("Europe/Rome")
FILES = Path(__file__).parent
NINE = datetime(2026, 5, 12, 9, 0, tzinfo=ROME)


def clock(starts_at=NINE, hours=4, **over):
    return reading.Clock(**{"zone": ROME, "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=hours)} | over)


def read(name, **over):
    return reading.read((FILES / name).read_bytes(), clock=over.pop("clock", clock()), **over)


def seen(log, zone=ROME):
    """`Anna Verdi 8:55-10:30` of each connection."""
    return [
        f"{one.name} {one.joined_at.astimezone(zone):%-H:%M}-{one.left_at.astimezone(zone):%-H:%M}" for one in log.rows
    ]


BOTH = ["Anna Verdi 8:55-13:05", "Bruna Rossi 9:30-12:00"]
THREE = ["Anna Verdi 8:55-10:30", "Anna Verdi 11:00-13:05", "Bruna Rossi (Guest) 9:30-12:00"]


@pytest.mark.parametrize(
    ("name", "platform", "language", "encoding", "order", "rows"),
    [
        ("zoom_english.csv", "zoom", "en", "utf-8-sig", "mdy", [
            "Anna Verdi 8:55-10:30", "Anna Verdi 10:20-13:05", "iPhone (Bruna Rossi) 9:30-12:00",
            "Bianchi, Carlo 9:00-11:00"]),
        ("zoom_italian.csv", "zoom", "it", "utf-8", "dmy", [BOTH[0], "Niccolò D’Alò 9:30-12:00"]),
        ("zoom_italian_flat.csv", "zoom", "it", "cp1252", "dmy", [BOTH[0], "Niccolò D’Alò 9:30-12:00"]),
        ("zoom_italian_older.csv", "zoom", "it", "utf-8", "dmy", BOTH[:1]),
        ("teams_english.csv", "teams", "en", "utf-16", "mdy", THREE),
        ("teams_english_big_endian.csv", "teams", "en", "utf-16", "mdy", THREE),
        ("teams_older.csv", "teams", "en", "utf-16", "dmy", BOTH),
        ("meet_italian.csv", "meet", "it", "utf-8", "dmy", BOTH),
    ],
)  # fmt: skip
def test_files_of_every_platform(name, platform, language, encoding, order, rows):
    log = read(name)
    assert (log.platform, log.language, log.encoding, log.order) == (platform, language, encoding, order)
    assert seen(log) == rows
    assert (log.broken, log.notes, log.is_guessed) == ([], [], False)
    assert log.rows[0].email == "anna.verdi@example.org"


@pytest.mark.parametrize("name", ["zoom_english", "zoom_italian", "zoom_italian_flat", "teams_english", "teams_older"])
def test_the_title_of_the_meeting(name):
    assert read(f"{name}.csv").title == "Seminario di prova"


def test_the_last_line_may_have_no_end():
    log = read("zoom_english_plain.csv", clock=clock(NINE + timedelta(days=1)))
    assert seen(log) == ["Anna Verdi 9:02-12:58"]
    assert (log.broken, log.order, log.is_order_certain) == ([], "mdy", True)


def test_meet_knows_the_first_and_the_last_moment_and_how_long():
    log = read("meet.csv")
    assert seen(log) == ["Anna Verdi 8:55-13:05", "Bruna Rossi 9:30-10:32"]
    assert log.has_dates is False
    assert len(log.notes) == 1


def test_a_file_of_actions_counts_who_never_leaves_to_its_last_moment():
    log = read("teams_oldest.csv")
    assert sorted(seen(log)) == ["Anna Verdi 9:05-12:00", "Bruna Rossi 10:15-12:00", "Bruna Rossi 9:30-10:00"]
    assert len(log.notes) == 1


@pytest.mark.parametrize(
    ("name", "rows", "order"),
    [
        ("zoom_swedish.csv", BOTH, "dmy"),
        ("teams_norwegian.csv", [*THREE[:2], BOTH[1]], "dmy"),
    ],
)
def test_in_a_foreign_language_the_cells_tell_the_columns(name, rows, order):
    log = read(name)
    assert (seen(log), log.order, log.is_guessed) == (rows, order, True)
    assert [column.meaning for column in log.columns if column.meaning] in (
        ["name", "email", "joined", "left"], ["name", "joined", "left", "email"])  # fmt: skip


def written(*lines, between=",", encoding="utf-8"):
    """A file with what stands between bars in columns."""
    return "\r\n".join(line.replace("|", between) for line in [*lines, ""]).encode(encoding)


TEAMS = {
    "it": [
        "1. Riepilogo", "Titolo riunione|Seminario di prova", "", "2. Partecipanti",
        "Nome|Primo accesso|Ultima uscita|Durata in riunione|E-mail|ID partecipante (UPN)|Ruolo",
        "Anna Verdi|12/05/26, 08:55:00|12/05/26, 13:05:00|3h 40m|anna.verdi@example.org|anna@tenant.example|Relatore",
        "", "3. Attività durante la riunione",
        "Nome|Ora di partecipazione|Ora di uscita|Durata|E-mail|Ruolo",
        "Anna Verdi|12/05/26, 08:55:00|12/05/26, 10:30:00|1h 35m|anna.verdi@example.org|Relatore",
        "Anna Verdi|12/05/26, 11:00:00|12/05/26, 13:05:00|2h 5m|anna.verdi@example.org|Relatore",
        "", "4. Coinvolgimento nella riunione", "Nome|Tipo|Ora", "Anna Verdi|Mano alzata|12/05/26, 11:20:00",
    ],
    "de": [
        "1. Zusammenfassung", "Besprechungstitel|Seminario di prova", "", "2. Teilnehmer",
        "Name|Erster Beitritt|Letztes Verlassen|Dauer der Besprechung|E-Mail|Teilnehmer-ID (UPN)|Rolle",
        "Anna Verdi|12.05.26, 08:55:00|12.05.26, 13:05:00|3 Std. 40 Min.|anna.verdi@example.org|a@tenant.example|Gast",
        "", "3. Aktivitäten in der Besprechung",
        "Name|Beitreten|Verlassen|Dauer|E-Mail|Rolle",
        "Anna Verdi|12.05.26, 08:55:00|12.05.26, 10:30:00|1 Std. 35 Min.|anna.verdi@example.org|Gast",
        "Anna Verdi|12.05.26, 11:00:00|12.05.26, 13:05:00|2 Std. 5 Min.|anna.verdi@example.org|Gast",
    ],
}  # fmt: skip


@pytest.mark.parametrize("language", TEAMS)
def test_teams_in_other_languages_and_its_last_section_is_no_presence(language):
    content = written(*TEAMS[language], between="\t", encoding="utf-16")
    log = reading.read(content, clock=clock())
    assert seen(log) == ["Anna Verdi 8:55-10:30", "Anna Verdi 11:00-13:05"]
    assert (log.platform, log.language, log.is_guessed, log.broken) == ("teams", language, False, [])
    assert log.title == "Seminario di prova"


def test_the_list_of_people_alone_counts_no_more_than_the_platform_says():
    heading = "Nombre|Primera entrada|Última salida|Duración de la reunión|Correo electrónico|Id. de participante (UPN)"
    times = "12/5/2026, 8:55:00|12/5/2026, 13:05:00"
    log = reading.read(
        written("2. Participantes", heading, f"Anna Verdi|{times}|3 h 40 min 10 s|anna@example.org|",
                f"Bo Li|{times}|muy poco|bo@example.org|", between=";"),
        clock=clock(),
    )  # fmt: skip
    assert (log.platform, log.language, seen(log)) == ("teams", "es", ["Anna Verdi 8:55-12:35"])
    assert ["muy poco" in one.sentence for one in log.broken] == [True]


def test_the_oldest_lists_of_teams_in_french():
    log = reading.read(
        written("Nom complet|Action de l’utilisateur|Date et heure", "Anna Verdi|Rejoint|12/05/2026 à 08:58:51",
                "Anna Verdi|A quitté l'appel|12/05/2026 à 11:54:58", between="\t", encoding="utf-16"),
        clock=clock(),
    )  # fmt: skip
    assert (log.platform, log.language, seen(log)) == ("teams", "fr", ["Anna Verdi 8:58-11:54"])


@pytest.mark.parametrize(
    ("platform", "language", "heading"),
    [
        ("zoom", "fr", "Nom (nom original)|Adresse e-mail de l’utilisateur|Heure d’arrivée|Heure de départ|Invité"),
        ("zoom", "es", "Nombre (nombre original)|E-mail del usuario|Hora para unirse|Hora para salir|Invitado"),
        ("zoom", "es", "Nombre (nombre original)|Correo electrónico|Hora de entrada|Hora de salida|Invitado"),
        ("zoom", "de", "Name (Originalname)|Benutzer-E-Mail|Beitrittszeit|Austrittszeit|Gast"),
        ("zoom", "it", "Nome (nome originale)|E-mail utente|Ora di ingresso|Ora di uscita|Guest"),
    ],
)
def test_zoom_in_other_languages(platform, language, heading):
    line = '"Verdi, Anna"|anna.verdi@example.org|12/05/2026 08:55:00 AM|12/05/2026 01:05:00 PM|No'
    log = reading.read(written(heading, line, between=";", encoding="utf-8-sig"), clock=clock())
    assert (log.platform, log.language, log.order, seen(log)) == (platform, language, "dmy", ["Verdi, Anna 8:55-13:05"])


def test_meet_in_spanish():
    heading = "Nombre|Apellido|Correo electrónico|Duración|Hora a la que se unió|Hora a la que salió"
    line = "Anna|Verdi|anna.verdi@example.org|1 h 2 min|9:00 a. m.|10:02 a. m."
    log = reading.read(written(heading, line), clock=clock())
    assert (log.platform, log.language, seen(log)) == ("meet", "es", ["Anna Verdi 9:00-10:02"])


def test_a_webinar_of_zoom_has_a_list_of_hosts_of_panelists_and_of_attendees():
    log = reading.read(
        written(
            "Attendee Report|", 'Report Generated:|"May 12, 2026 6:26 PM"', "Topic|Webinar ID|Actual Start Time",
            'Seminario di prova|847 5984 1045|"May 12, 2026 8:40 AM"', "Host Details||",
            "Attended|User Name (Original Name)|Email|Join Time|Leave Time|Time in Session (minutes)|Is Guest",
            'Yes|Carla Neri|carla@example.org|"May 12, 2026 08:40:27"|"May 12, 2026 13:05:19"|265|No',
            "Panelist Details||",
            "Attended|User Name (Original Name)|Email|Join Time|Leave Time|Time in Session (minutes)|Is Guest",
            'Yes|Dora Blu|dora@example.org|"May 12, 2026 08:50:00"|"May 12, 2026 13:00:00"|250|Yes',
            "Attendee Details||",
            "Attended|User Name (Original Name)|First Name|Last Name|Email|Registration Time|Join Time|Leave Time|"
            "Time in Session (minutes)",
            'Yes|Anna|Anna|Verdi|anna.verdi@example.org|"May 1, 2026 10:00:00"|"May 12, 2026 09:00:00"|'
            '"May 12, 2026 11:00:00"|120',
            'No|Bo|Bo|Li|bo@example.org|"May 1, 2026 10:00:00"|--|--|--',
        ),
        clock=clock(),
    )  # fmt: skip
    assert seen(log) == ["Carla Neri 8:40-13:05", "Dora Blu 8:50-13:00", "Anna 9:00-11:00"]
    assert (log.platform, log.title, log.broken, log.notes) == ("zoom", "Seminario di prova", [], [])


def test_a_file_about_several_meetings_says_so():
    heading = "Argomento|ID|Nome (nome originale)|E-mail|Ora di ingresso|Ora di uscita|Durata (minuti)|Guest"
    lines = [
        f"{topic}|81|Anna Verdi||05/12/2026 {hour}:00:00 AM|05/12/2026 {hour}:50:00 AM|50|No"
        for topic, hour in (("Seminario", 9), ("Altro", 11))
    ]
    log = reading.read(written(heading, *lines), clock=clock())
    assert (len(log.rows), log.title) == (2, "Seminario, Altro")
    assert ["Seminario, Altro" in note for note in log.notes] == [True]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Name (Original Name),User Email,Total Duration (Minutes),Guest\nA,a@example.org,50,No\n", "zoom.us"),
        ("Nombre (nombre original),E-mail del usuario,Duración total (minutos)\nA,a@example.org,50\n", "zoom.us"),
        ("First name,Last name,Email,Duration\nA,B,a@example.org,50 min\n", "Meet"),
    ],
)
def test_a_file_without_times_says_how_to_get_the_right_one(line, words):
    with pytest.raises(RegistrationError) as refusal:
        reading.read(line.encode(), clock=clock())
    assert refusal.value.code == "no_times"
    assert words in refusal.value.fields["file"]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["Nominativo;Arrivo", "Anna;presto"], "Nominativo, Arrivo"),
        (["Name;Join Time", "Anna;12/05/2026 9:00"], "Name, Join Time"),
        (["Titolo", "", "A;B;C;D;E;F;G;H;I;J"], "A, B, C, D, E, F, G, H …"),
    ],
)
def test_columns_nobody_knows_are_named_beside_those_that_are_needed(lines, found):
    with pytest.raises(RegistrationError) as refusal:
        reading.read("\n".join(lines).encode(), clock=clock())
    assert refusal.value.code == "columns"
    assert found in refusal.value.fields["file"]
    assert "uscita" in refusal.value.fields["file"]


def test_columns_said_by_somebody_are_taken():
    log = read("zoom_swedish.csv", columns=["name", "", "", "", "joined", "left"])
    assert seen(log)[0] == "Seminar 8:40-13:10"
    with pytest.raises(RegistrationError) as refusal:
        read("zoom_swedish.csv", columns=["name"])
    assert refusal.value.code == "columns"


@pytest.mark.parametrize(("name", "whole"), [("zoom_cut_in_half", 1), ("zoom_cut_in_a_letter", 1)])
def test_of_a_file_cut_in_half_the_whole_lines_are_read(name, whole):
    log = read(f"{name}.csv")
    assert (len(log.rows), len(log.broken)) == (whole, 1)
    assert log.broken[0].line == 3


def test_every_cut_of_a_file_is_read_or_refused_and_no_time_is_wrong():
    content = (FILES / "teams_english.csv").read_bytes()
    whole = set(seen(read("teams_english.csv")))
    first_and_last = {"Anna Verdi 8:55-12:35", "Bruna Rossi (Guest) 9:30-12:00"}
    refused = set()
    for end in range(len(content)):
        try:
            log = reading.read(content[:end], clock=clock())
        except RegistrationError as error:
            refused.add(error.code)
        else:
            assert set(seen(log)) <= whole | first_and_last, content[:end][-80:].decode("utf-16-le", "replace")
    assert refused == {"empty", "columns"}


def test_a_cut_last_column_is_no_time():
    content = (FILES / "meet.csv").read_bytes()
    for cut in range(1, 9):
        assert (
            seen(reading.read(content[:-cut], clock=clock()))
            == (["Anna Verdi 8:55-13:05", "Bruna Rossi 9:30-10:32"][: 2 if cut == 1 else 1])
        )


def test_bad_lines_hinder_no_other():
    log = read("zoom_formulas.csv")
    assert [one.line for one in log.rows] == [2, 3, 4, 8]
    assert [one.line for one in log.broken] == [5, 6, 7]
    assert all(one.sentence for one in log.broken)


def test_across_midnight_of_new_year():
    log = read("zoom_midnight.csv", clock=clock(datetime(2026, 12, 31, 23, 0, tzinfo=ROME), hours=3))
    assert seen(log) == ["Anna Verdi 23:30-0:45"]
    assert log.rows[0].left_at - log.rows[0].joined_at == timedelta(minutes=75)


def test_across_midnight_without_dates():
    text = "First name,Last name,Time joined,Time exited\nAnna,Verdi,23:30,0:30\nBo,Li,0:10,0:19\n"
    log = reading.read(text.encode(), clock=clock(datetime(2026, 5, 12, 23, 0, tzinfo=ROME), hours=2))
    days = [(one.joined_at.astimezone(ROME).day, one.left_at.astimezone(ROME).day) for one in log.rows]
    assert days == [(12, 13), (13, 13)]


def test_the_hour_that_comes_twice():
    log = read("zoom_end_of_summer_time.csv", clock=clock(datetime(2026, 10, 25, 1, 0, tzinfo=ROME)))
    assert [one.left_at - one.joined_at for one in log.rows] == [timedelta(minutes=30), timedelta(hours=3)]


def test_the_zone_and_the_order_may_be_chosen():
    log = read("zoom_italian.csv", clock=clock(zone=ZoneInfo("Europe/London")))
    assert seen(log)[0] == "Anna Verdi 9:55-14:05"
    log = read("zoom_italian.csv", clock=clock(order="mdy"))
    assert (log.order, log.rows) == ("mdy", [])
    assert {one.sentence for one in log.broken} == {"Questo non è dei giorni dell’evento."}, (
        "in December there was none"
    )
    assert log.order == "mdy"


@pytest.mark.parametrize(
    ("name", "code"),
    [("empty.csv", "empty"), ("zoom_unique_users.csv", "no_times"), ("no_attendance.csv", "columns")],
)
def test_refused(name, code):
    with pytest.raises(RegistrationError) as refusal:
        read(name)
    assert refusal.value.code == code
    assert refusal.value.fields["file"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 an Excel file", "wrong_type"),
        (b"%PDF-1.7 a paper", "wrong_type"),
        (b"\x89PNG\r\n\x1a\n", "wrong_type"),
        (b"\x00\x01\x02 something", "wrong_type"),
        (b"\xff\xfe", "empty"),
        (b"x" * (opening.LARGEST + 1), "too_large"),
        (b"Nome\n" * 5, "columns"),
        (b"Name,Join Time,Leave Time\n" + b"A,1/1/26 9:00,1/1/26 9:01\n" * (opening.MOST_ROWS + 1), "too_many"),
        (b"Name;Join Time\nAnna;12/05/2026 9:00\n", "columns"),
    ],
)
def test_what_is_no_attendance_file_is_refused(content, code):
    with pytest.raises(RegistrationError) as refusal:
        reading.read(content, clock=clock())
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("cell", "order", "expected"),
    [
        ("05/12/2026 09:02:37 AM", "mdy", datetime(2026, 5, 12, 9, 2, 37)),
        ("5/12/26, 12:00:00\u202fAM", "mdy", datetime(2026, 5, 12)),
        ("12/05/2026 09:02", "dmy", datetime(2026, 5, 12, 9, 2)),
        ("12.05.2026, 09.02.37", "dmy", datetime(2026, 5, 12, 9, 2, 37)),
        ("2026-05-12 09:02:37", "mdy", datetime(2026, 5, 12, 9, 2, 37)),
        ("12 mag 2026, 09:02", "mdy", datetime(2026, 5, 12, 9, 2)),
        ("May 12, 2026, 9:02 p.m.", "dmy", datetime(2026, 5, 12, 21, 2)),
        ("12 maggio 2026 alle 9:02", "mdy", datetime(2026, 5, 12, 9, 2)),
        ("12/05/2026 à 09:02:37", "dmy", datetime(2026, 5, 12, 9, 2, 37)),
        ("12. Mai 2026 um 09:02", "mdy", datetime(2026, 5, 12, 9, 2)),
        ("12 de mayo de 2026, 9:02 p. m.", "mdy", datetime(2026, 5, 12, 21, 2)),
        ("12 août 2026 à 9:02", "mdy", datetime(2026, 8, 12, 9, 2)),
        ("12 juil. 2026 9:02", "mdy", datetime(2026, 7, 12, 9, 2)),
        ("12 juin 2026 9:02", "mdy", datetime(2026, 6, 12, 9, 2)),
        ("12 März 2026 9:02", "mdy", datetime(2026, 3, 12, 9, 2)),
    ],
)
def test_times_as_they_are_written(cell, order, expected):
    found = clocks.instant(clocks.read(cell), order=order, zone=ROME, day=date(2026, 1, 1))
    assert found == expected.replace(tzinfo=ROME).astimezone(UTC)


@pytest.mark.parametrize("cell", ["2026-05-12T09:02:37Z", "2026-05-12T11:02:37+02:00", "2026-05-12 05:02:37 -0400"])
def test_a_time_with_its_zone_needs_no_choice(cell):
    found = clocks.instant(clocks.read(cell), order="dmy", zone=ZoneInfo("Asia/Tokyo"), day=date(2026, 1, 1))
    assert found == datetime(2026, 5, 12, 9, 2, 37, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["", "Anna", "13:00 PM", "25:00", "31/02/2026 09:00", "12/05/2026", "9:0", "1.5"])
def test_what_is_no_time(cell):
    assert clocks.read(cell) is None


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["13/05/2026 9:00"], ("dmy", True)),
        (["05/13/2026 9:00"], ("mdy", True)),
        (["12/05/2026 9:00"], ("dmy", True)),
        (["05/12/2026 9:00"], ("mdy", True)),
        (["05/06/2026 9:00"], ("dmy", False)),
        (["05/06/2026 9:00 AM"], ("mdy", False)),
        (["05/05/2026 9:00"], ("dmy", True)),
        (["13/05/2026 9:00", "05/13/2026 9:00"], ("dmy", False)),
        (["9:00"], ("dmy", True)),
    ],
)
def test_the_order_of_day_and_month_comes_from_the_file_and_the_day_of_the_event(cells, expected):
    assert clocks.order_of([clocks.read(cell) for cell in cells], [date(2026, 5, 12)]) == expected


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [
        ("1h 13m 42s", 73.7),
        ("1 hr 2 min", 62),
        ("58 min", 58),
        ("95", 95),
        ("1:02:03", 62.05),
        ("", None),
        ("x", None),
        ("1 ora 2 min", 62),
        ("2 ore", 120),
        ("1 Std. 5 Min. 30 Sek.", 65.5),
        ("1 hora 2 minutos", 62),
        ("3t 39m", None),
    ],
)
def test_durations(cell, minutes):
    assert clocks.duration(cell) == (None if minutes is None else timedelta(minutes=minutes))


def test_a_clock_at_midnight_and_noon():
    assert clocks.read("12:00 AM").clock == time(0)
    assert clocks.read("12:00 PM").clock == time(12)
