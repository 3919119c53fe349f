"""What a register says of each person beyond her minutes, and what it never tells as seen that nobody saw."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Event
from registrations.models import Correction, Scan
from registrations.services import attendance, checkin, devices, room_codes, sealing, tickets, walk_ins
from tests.make import both, make_device, make_event, make_registration, make_scan
from tests.registrations.sealed import bytes_of, came, run_checker, table, text_of


@pytest.fixture
def running(programme, pisa):
    """A seminar that began an hour ago."""
    start = timezone.now().replace(microsecond=0) - timedelta(hours=1)
    return make_event(programme, territory=pisa, starts_at=start)


@pytest.fixture
def phone(running, cast):
    return make_device(running, name="Porta nord", created_by=cast.carla)[0]


def rows_of(kept):
    head, *rows = table(kept, 0)
    return {row[0]: dict(zip(head, row, strict=True)) for row in rows}


def test_who_came_back_has_no_last_exit_before_that(running, cast):
    back = make_registration(running, last_name="Tornata")
    for minutes, direction in ((0, "in"), (30, "out"), (30.5, "in")):
        make_scan(back, at=running.starts_at + timedelta(minutes=minutes), direction=direction)
    gone = make_registration(running, last_name="Uscita")
    make_scan(gone, at=running.starts_at)
    left = make_scan(gone, at=running.starts_at + timedelta(minutes=40), direction="out")
    online = make_registration(running, last_name="Online", mode="online")
    make_scan(online, at=timezone.now() - timedelta(minutes=1), mode="online", source="page")
    said = rows_of(sealing.seal(event=running, by=cast.piero))
    assert said["Tornata"]["Ultima uscita"] == "ancora dentro"
    assert said["Online"]["Ultima uscita"] == "ancora dentro"
    assert said["Uscita"]["Ultima uscita"] == f"{timezone.localtime(left.at):%Y-%m-%d %H:%M:%S}"
    assert "ancora dentro alle" in said["Tornata"]["Entrate e uscite"]


@pytest.mark.parametrize("rule", Event.MissingExit.values)
def test_an_exit_that_the_rule_assumed_is_marked_as_assumed(event, cast, rule):
    Event.objects.filter(pk=event.pk).update(missing_exit=rule)
    event.refresh_from_db()
    back = make_registration(event, last_name="Tornata")
    for hours, direction in ((0, "in"), (1, "out"), (2.5, "in")):
        make_scan(back, at=event.starts_at + timedelta(hours=hours), direction=direction)
    online = make_registration(event, last_name="Online", mode="online")
    make_scan(online, at=event.starts_at, mode="online", source="page")
    late = make_registration(event, last_name="Ombrello")  # left after the end, came back for the umbrella
    for minutes, direction in ((-60, "in"), (5, "out"), (9, "in")):
        make_scan(late, at=event.ends_at + timedelta(minutes=minutes), direction=direction)
    said = rows_of(sealing.seal(event=event, by=cast.piero))
    assumed = f"non vista; presunta {timezone.localtime(event.ends_at):%Y-%m-%d %H:%M:%S}"
    does_not_count = "non vista; la permanenza non conta"
    assert said["Tornata"]["Ultima uscita"] == (does_not_count if rule == "nothing" else assumed)
    assert said["Online"]["Ultima uscita"].startswith("non vista; presunta")
    assert said["Ombrello"]["Ultima uscita"] == does_not_count
    assert "dopo l’ultimo segno vale fino alle" in said["Online"]["Entrate e uscite"]


def test_each_way_of_coming_in_is_told_alike(running, phone, cast):
    """The hall is full."""
    now = timezone.now()
    waiting = make_registration(running, last_name="Lia", state="waiting")
    online = make_registration(running, last_name="Oda", mode="online")
    plain = make_registration(running, last_name="Ada")
    Event.objects.filter(pk=running.pk).update(in_person_capacity=1)
    running.refresh_from_db()
    for number, (person, over) in enumerate([
        (waiting, {}),
        (waiting, {"force": True, "admit": True, "why": "C’è un posto libero"}),
        (online, {}),
        (online, {"force": True}),
        (plain, {}),
    ]):  # fmt: skip
        ticket = tickets.ticket_of(person)
        at = now - timedelta(seconds=60 - number)
        checkin.check_in_scan(event=running, code=ticket, nonce=f"n{number}", at=at, device=phone, **over)
    walk_ins.walk_in(
        event=running, nonce="w", at=now, device=phone, force=True, why="Aula più grande", consents={"privacy": True},
        first_name="Ève", last_name="Moreau",
    )  # fmt: skip
    waiting.refresh_from_db()
    assert waiting.is_extra
    kept = sealing.seal(event=running, by=cast.piero)
    said = {name: row["Ammissione"] for name, row in rows_of(kept).items()}
    assert said == {
        "Lia": "dalla lista d’attesa, alla porta, oltre i posti: «C’è un posto libero»",
        "Oda": "iscrizione online, alla porta",
        "Ada": "con iscrizione",
        "Moreau": "senza iscrizione (registrazione alla porta), oltre i posti: «Aula più grande»",
    }
    head, *facts = table(kept, 1)
    facts = [dict(zip(head, row, strict=True)) for row in facts]
    above = [one["Cognome"] for one in facts if one["Forzato"] == "sì, oltre i posti"]
    assert above == ["Lia", "Moreau"]
    text = text_of(bytes_of(kept, "pdf"))
    assert "Ammissione" in text
    assert "Aula più grande" in text


def test_who_was_given_a_free_place_at_the_door_came_from_the_waiting_list(running, phone, cast):
    person = make_registration(running, last_name="Lia", state="waiting", queued_at=timezone.now())
    for nonce, over in (("a", {}), ("b", {"admit": True})):
        checkin.check_in_scan(event=running, code=person.code, nonce=nonce, device=phone, **over)
    kept = sealing.seal(event=running, by=cast.piero)
    assert rows_of(kept)["Lia"]["Ammissione"] == "dalla lista d’attesa, alla porta"


def test_hundreds_of_moments_are_few_lines_on_paper_and_in_a_cell(event, cast, tmp_path):
    person = make_registration(event, last_name="Nervosi", mode="online")
    for number in range(110):
        at = event.starts_at + timedelta(minutes=2 * number)
        make_scan(person, at=at, mode="online", source="page")
        make_scan(person, at=at + timedelta(seconds=2), mode="online", source="page", direction="out")
    attendance.recompute(person)
    kept = sealing.seal(event=event, by=cast.piero)
    lines = rows_of(kept)["Nervosi"]["Entrate e uscite"].split("; ")
    assert len(lines) == 4
    assert lines[-1] == "e altre 107, 3 minuti in tutto: foglio “Fatti”"
    assert rows_of(kept)["Nervosi"]["Minuti di presenza"] == 3
    text = text_of(bytes_of(kept, "pdf"))
    assert text.count("(Online, pagina") == 3
    assert "Pagina 1 di 2" in text or "Pagina 1 di 3" in text
    assert run_checker(bytes_of(kept), tmp_path, "--head", kept.head)[0] == 0


def test_a_cell_holds_what_a_cell_can_hold_whatever_was_taken_back(event, cast):
    person = make_registration(event)
    make_scan(person, at=event.starts_at)
    for number in range(150):
        scan = make_scan(person, at=event.starts_at + timedelta(minutes=number), direction="out")
        Correction.objects.create(scan=scan, kind="annulled", by=cast.piero, reason="Troppo presto " * 14)
    kept = sealing.seal(event=event, by=cast.piero)
    assert max(len(str(cell)) for sheet in range(4) for row in table(kept, sheet) for cell in row) < 32_768
    assert table(kept, 0)[1][-1].endswith("e altre 110: foglio “Correzioni”")
    assert len(table(kept, 2)) == 151


def test_stays_less_than_a_minute_apart_are_told_as_one_and_counted_apart(event, cast):
    person = make_registration(event, last_name="Porta")
    moments = [(0, "in"), (3600, "out"), (3630, "in"), (7200, "out"), (7300, "in"), (9000, "out")]
    for seconds, direction in moments:
        make_scan(person, at=event.starts_at + timedelta(seconds=seconds), direction=direction)
    said = rows_of(sealing.seal(event=event, by=cast.piero))["Porta"]
    assert said["Entrate e uscite"].count("–") == 2
    assert "2 permanenze unite" in said["Entrate e uscite"]
    assert said["Minuti di presenza"] == (3600 + 3570 + 1700) // 60


def test_a_strangers_ticket_is_named_by_its_event_and_told_once_on_paper(running, phone, programme, cast, lucca):
    came(running, by=cast.piero)
    other = make_event(programme, territory=lucca, title=both("Seminario di Pistoia", "Seminar in Pistoia"))
    ticket = tickets.ticket_url(make_registration(other))
    for number in range(8):
        checkin.check_in_scan(event=running, code=ticket, nonce=f"s{number}", device=phone)
    checkin.check_in_scan(event=running, code="a" * 106, nonce="forged", device=phone)
    kept = sealing.seal(event=running, by=cast.piero)
    assert sum(ticket in str(row[6]) for row in table(kept, 1)) == 8
    text = text_of(bytes_of(kept, "pdf"))
    assert text.count("di “Seminario di Pistoia”") == 1
    assert "×8" in text
    assert ticket[-30:] not in text.replace(" ", "")
    assert "a" * 24 + "…" in text.replace(" ", "")


def test_an_event_of_another_programme_is_not_named(running, phone, cast):
    came(running, by=cast.piero)
    hidden = make_event(running.programme, title=both("Non ancora pubblicato", "Hidden"), published_at=None)
    checkin.check_in_scan(event=running, code=make_registration(hidden).code, nonce="h", device=phone)
    text = text_of(bytes_of(sealing.seal(event=running, by=cast.piero), "pdf"))
    assert "pubblicato" not in text
    assert "biglietto di un altro evento" in text


def test_phones_at_the_door_stand_with_who_paired_them(running, phone, cast):
    person = make_registration(running, last_name="Ada")
    checkin.check_in_scan(event=running, code=person.code, nonce="a", device=phone)
    checkin.undo(event=running, device=phone, nonce="a", at=timezone.now() + timedelta(seconds=1))
    checkin.check_in_scan(event=running, code=person.code, nonce="b", device=phone)
    idle, _token = make_device(running, name="Di riserva", created_by=cast.piero)
    devices.revoke(device=idle)
    devices.create_pairing(events=[running], created_by=cast.piero, name="Mai collegato")
    kept = sealing.seal(event=running, by=cast.piero)
    head, *rows = [row[:6] for row in table(kept, 3) if row[5] is not None or row[0] == "Di riserva"][1:]
    assert head[0] == "Telefono (nome al momento del sigillo)"
    paired = f"{timezone.localtime(phone.paired_at):%Y-%m-%d %H:%M:%S}"
    assert rows[0] == ["Porta nord", phone.pk, str(cast.carla), paired, None, 3]
    assert (rows[1][0], rows[1][2], rows[1][5]) == ("Di riserva", str(cast.piero), 0)
    assert rows[1][4] is not None
    assert len(rows) == 2
    text = text_of(bytes_of(kept, "pdf"))
    assert "Porta nord" in text
    assert "Mai collegato" not in text


def test_an_entrance_undone_at_the_door_says_so(event, cast):
    phone, _token = make_device(event, created_by=cast.carla)
    person = came(event, last_name="Ada", by=cast.piero)
    wrong = make_scan(person, at=event.starts_at, device=phone)
    Correction.objects.create(scan=wrong, kind="annulled", device=phone, at=wrong.at + timedelta(seconds=12))
    looked = make_scan(person, at=event.starts_at, device=phone)
    Correction.objects.create(scan=looked, kind="annulled", by=cast.piero, reason="Era Ida")
    kept = sealing.seal(event=event, by=cast.piero)
    undone = "annullata alla porta, dallo stesso telefono, dopo 12 secondi"
    assert undone in rows_of(kept)["Ada"]["Correzioni"]
    assert {row[-1] for row in table(kept, 2)[1:]} == {undone, "Era Ida", "=Firma, “è”"}
    whys = [row[18] for row in table(kept, 1) if row[1] == "correzione"]
    assert whys == [undone, "Era Ida"]
    assert sealing.check(event) == []


def test_codes_of_the_online_room_are_told_of_each_person_online(running, cast):
    came(running, last_name="Sala", by=cast.piero)
    person = make_registration(running, last_name="Rete", mode="online")
    room_codes.give(registration=person, typed=room_codes.code(running, room_codes.Moment.START))
    given = timezone.localtime(Scan.objects.get(registration=person).at)
    kept = sealing.seal(event=running, by=cast.piero)
    said = rows_of(kept)
    assert said["Rete"]["Codici della sala online"] == f"codice d’inizio {given:%H:%M}, codice di fine non dato"
    assert said["Sala"]["Codici della sala online"] is None
    told = dict(row[:2] for row in table(kept, 4) if row[0])["Codici della sala online"]
    assert told == "d’inizio: dato da 1 delle 1 persone online; di fine: da 0"
    assert "codice di fine non dato" in text_of(bytes_of(kept, "pdf"))


def test_a_register_without_anybody_online_has_no_codes(event, cast):
    came(event, by=cast.piero)
    assert "Codici della sala online" not in table(sealing.seal(event=event, by=cast.piero), 0)[0]


def test_a_rule_that_an_earlier_register_had_is_told(event, cast):
    came(event, by=cast.piero)
    sealing.seal(event=event, by=cast.piero)
    rule = Event.MissingExit.NOTHING if event.missing_exit != "nothing" else Event.MissingExit.END
    before = event.get_missing_exit_display()
    Event.objects.filter(pk=event.pk).update(missing_exit=rule)
    event.refresh_from_db()
    came(event, by=cast.piero)
    second = sealing.seal(event=event, by=cast.piero)
    told = [row[:2] for row in table(second, 4) if row[0] == "Altra regola nel registro n. 1"]
    assert len(told) == 1
    assert told[0][1].endswith(f": {before}")
    came(event, by=cast.piero)
    third = sealing.seal(event=event, by=cast.piero)
    assert [row[0] for row in table(third, 4) if row[0] and row[0].startswith("Altra")] == [told[0][0]]


def test_files_say_who_withdrew_them_and_that_signatures_are_what_was_said(event, cast):
    came(event, by=cast.piero)
    event.evidence.create(
        kind="signatures", part="Giornata 1", name="firme.pdf", size=3, sha256="a" * 64, added_by=cast.piero,
        withdrawn_at=timezone.now(), withdrawn_by=cast.carla, withdrawn_because="Illeggibile",
    )  # fmt: skip
    kept = sealing.seal(event=event, by=cast.piero)
    head, row, *_phones = table(kept, 3)
    said = dict(zip(head, row, strict=True))
    assert said["Parte dell’evento"] == "Giornata 1"
    assert (said["Da chi"], said["Chi lo ha ritirato"]) == (str(cast.piero), str(cast.carla))
    assert "di chi sono le firme" in text_of(bytes_of(kept, "pdf"))


def test_a_code_inside_the_time_between_codes_is_no_line_of_its_own(event, cast):
    person = make_registration(event, last_name="Rete", mode="online")
    make_scan(person, at=event.starts_at, mode="online", source="code")
    make_scan(person, at=event.starts_at + timedelta(hours=3), mode="online", source="code", direction="out")
    said = rows_of(sealing.seal(event=event, by=cast.piero))["Rete"]
    start, end = (f"{timezone.localtime(event.starts_at + timedelta(hours=hours)):%H:%M}" for hours in (0, 3))
    first, second = said["Entrate e uscite"].split("); ")
    assert first == f"{start}–{end} (Online, codice di conferma"
    assert second.startswith(f"{end}–? (Online, codice di conferma; nessuna uscita, dopo l’ultimo segno vale fino")
    assert said["Minuti di presenza"] == 195
