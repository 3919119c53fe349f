"""What a register says: who was there with entries, exits, minutes, sources; every fact; who decided what and why."""

import io
import zipfile
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pikepdf
import pytest
from django.urls import reverse
from django.utils import timezone

from events.models import Event, Session
from registrations.documents import paper
from registrations.models import Correction, Scan, Seal
from registrations.services import RegistrationError, attendance, evidence, sealing
from tests.make import both, make_event, make_registration, make_scan
from tests.registrations.sealed import PDF, bytes_of, came, table, text_of


def test_register_holds_everybody_with_entries_exits_minutes_and_sources(event, cast):
    anna = came(event, last_name="Verdi", organisation="CNA", by=cast.piero)
    make_registration(event, last_name="Assente")
    kept = sealing.seal(event=event, by=cast.piero)
    head, row = table(kept, 0)
    said = dict(zip(head, row, strict=True))
    assert (said["Cognome"], said["Organizzazione"], said["Codice"]) == ("Verdi", "CNA", anna.code)
    assert said["Minuti di presenza"] == anna.minutes == 150
    assert said["Minuti: Parte 0"] == 90
    assert said["Minuti: Parte 1"] == 60
    assert said["Basta per l’attestato"] == "no"
    assert "entrata: telefono all’ingresso, uscita: a mano" in said["Entrate e uscite"]
    assert (kept.number, kept.facts, kept.people, kept.previous) == (1, 2, 1, "")
    assert kept.made_by == cast.piero


def test_register_holds_no_address_and_no_formula(event, cast):
    anna = came(event, by=cast.piero)
    kept = sealing.seal(event=event, by=cast.piero)
    with zipfile.ZipFile(io.BytesIO(bytes_of(kept))) as whole:
        text = "".join(whole.read(name).decode() for name in whole.namelist() if name.endswith(".xml"))
    assert anna.email not in text
    assert "@vlt.example" not in text
    assert "<f>" not in text
    assert table(kept, 1)[2][18] == "=Firma, “è”"


def test_refused_unknown_and_corrected_facts_are_in_the_chain_with_who_and_why(event, cast):
    anna = came(event, by=cast.piero)
    Scan.objects.create(
        event=event, nonce="x", direction="in", status="refused", reason="unknown", code="\x01?", at=timezone.now()
    )
    wrong = make_scan(anna, at=event.ends_at, direction="out")
    Correction.objects.create(scan=wrong, kind="annulled", by=cast.piero, reason="Era un’altra persona")
    file = evidence.keep(event=event, kind="signatures", name="firme.pdf", content=PDF, by=cast.piero).evidence
    kept = sealing.seal(event=event, by=cast.piero)
    assert kept.facts == 6
    facts = table(kept, 1)
    assert [row[1] for row in facts[1:]] == ["file", "fatto", "fatto", "fatto", "fatto", "correzione", "registro"]
    assert facts[4][10:12] == ["rifiutato", "biglietto sconosciuto"]
    head, *rows = table(kept, 2)
    said = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(one["Correzione"], one["Chi"], one["Perché"]) for one in said] == [
        ("aggiunto a mano", str(cast.piero), "=Firma, “è”"),
        ("ritirato", str(cast.piero), "Era un’altra persona"),
    ]
    assert "Era un’altra persona" in table(kept, 0)[1][-1]
    assert "aggiunto a mano, deciso da Piero" in table(kept, 0)[1][-1]
    assert table(kept, 3)[1][2:5] == ["firme.pdf", len(PDF), file.sha256]
    assert file.sha256 in facts[1][-2]
    assert facts[-1][-1] == kept.head


def test_pdf_is_accessible_numbered_and_says_what_the_register_says(event, cast):
    came(event, last_name="Verdi", by=cast.piero)
    kept = sealing.seal(event=event, by=cast.piero)
    pdf = pikepdf.open(io.BytesIO(bytes_of(kept, "pdf")))
    meta = pdf.open_metadata()
    assert (meta["pdfaid:part"], meta["pdfaid:conformance"], meta["pdfuaid:part"]) == ("2", "A", "1")
    assert str(pdf.Root.Lang) == "it"
    text = text_of(bytes_of(kept, "pdf"))
    assert text.count(f"Testa della catena: {kept.head}") == len(pdf.pages)
    for words in ["Verdi", "VLT-2024", "=Firma, “è”", "Pagina 1 di", "445", "Piero", event.get_missing_exit_display()]:
        assert words in text, words


def test_second_register_extends_the_first_which_still_holds(event, cast):
    anna = came(event, by=cast.piero)
    first = sealing.seal(event=event, by=cast.piero)
    late = make_scan(anna, at=event.starts_at, direction="in")  # a phone that came home late
    late_file = evidence.keep(event=event, kind="log", name="zoom.csv", content=b"a,b", by=None).evidence
    Correction.objects.create(scan=late, kind="settled", by=cast.carla)
    assert sealing.check(event) == []
    second = sealing.seal(event=event, by=cast.carla)
    assert (second.number, second.previous, second.facts) == (2, first.head, first.facts + 3)
    assert [row[-2:] for row in table(second, 1)[: first.facts + 2]] == [row[-2:] for row in table(first, 1)]
    late_file.withdrawn_at, late_file.withdrawn_because = timezone.now(), "Sbagliato"
    late_file.save()
    assert sealing.check(event) == []
    third = sealing.seal(event=event, by=cast.carla)
    assert table(third, 1)[-2][1] == "file ritirato"
    assert sealing.check(event) == []


def test_nothing_to_seal_and_nothing_new_are_refused(event, cast):
    make_registration(event)
    with pytest.raises(RegistrationError) as refusal:
        sealing.seal(event=event, by=cast.piero)
    assert refusal.value.code == "nothing_to_seal"
    came(event, by=cast.piero)
    sealing.seal(event=event, by=cast.piero)
    with pytest.raises(RegistrationError) as refusal:
        sealing.seal(event=event, by=cast.piero)
    assert refusal.value.code == "nothing_new"
    assert Seal.objects.count() == 1
    Event.objects.filter(pk=event.pk).update(threshold=10)
    assert sealing.seal(event=Event.objects.get(pk=event.pk), by=cast.piero).number == 2


@pytest.mark.parametrize("moment", ["9999-12-31T23:30:00+00:00", "0001-01-01T00:10:00+00:00"])
def test_a_fact_at_the_end_of_the_calendar_is_sealed_and_shown(client, event, cast, moment):
    anna = came(event, by=cast.piero)
    at = datetime.fromisoformat(moment)
    make_scan(anna, at=at, device_at=at, mode="online", source="log")
    make_scan(anna, at=at, direction="here", mode="online", source="page")
    attendance.recompute(anna)
    kept = sealing.seal(event=event, by=cast.piero)
    assert moment[:4] in str(table(kept, 1))
    assert sealing.check(event) == []
    client.force_login(cast.piero)
    assert client.get(reverse("registrations:staff-detail", args=[event.slug, anna.pk])).status_code == 200


def test_a_register_sealed_while_the_event_runs_counts_until_then_and_says_so(cast, pisa, programme):
    start = timezone.now().replace(microsecond=0) - timedelta(minutes=90)
    event = make_event(programme, territory=pisa, starts_at=start, ends_at=start + timedelta(hours=4))
    make_scan(make_registration(event), at=start)
    kept = sealing.seal(event=event, by=cast.piero)
    said = dict(zip(*table(kept, 0), strict=True))
    assert said["Minuti di presenza finora (provvisorio)"] == 90
    assert said["Basta per l’attestato"] == "no"
    assert ["Stato", "Provvisorio: l’evento era ancora in corso"] in table(kept, 4)
    assert "provvisorio" in text_of(bytes_of(kept, "pdf"))
    Event.objects.filter(pk=event.pk).update(ends_at=start + timedelta(minutes=89))
    kept = sealing.seal(event=Event.objects.get(pk=event.pk), by=cast.piero)
    assert dict(zip(*table(kept, 0), strict=True))["Minuti di presenza"] == 89
    assert "rovvisorio" not in text_of(bytes_of(kept, "pdf"))


def test_only_who_was_there_stands_among_the_present_in_the_order_of_the_paper(event, cast):
    names = [("Zeno", ""), ("Dalmasso", "Ivo"), ("D’Alessandro", "Ugo"), ("Àbate", "Eva"), ("D'Alba", "Pia")]
    for last, first in names:
        came(event, last_name=last, first_name=first, by=cast.piero)
    refused = make_registration(event, last_name="Rifiutata")
    make_scan(refused, status="refused", reason="waiting")
    back = came(event, last_name="Ritirata", by=cast.piero)
    for scan in back.scans.all():
        Correction.objects.create(scan=scan, kind="annulled", by=cast.piero, reason="Un’altra")
    kept = sealing.seal(event=event, by=cast.piero)
    assert [row[0] for row in table(kept, 0)[1:]] == ["Àbate", "D'Alba", "D’Alessandro", "Dalmasso", "Zeno"]
    assert kept.people == 5
    assert "Rifiutata" in str(table(kept, 1))


def test_minutes_of_the_parts_add_up_to_those_of_the_whole(event, cast):
    person = make_registration(event)
    make_scan(person, at=event.starts_at + timedelta(seconds=30))
    make_scan(person, at=event.ends_at - timedelta(seconds=30), direction="out")
    attendance.recompute(person)
    said = dict(zip(*table(sealing.seal(event=event, by=cast.piero), 0), strict=True))
    assert (said["Minuti: Parte 0"], said["Minuti: Parte 1"]) == (119, 120)
    assert said["Minuti di presenza"] == 239 == person.minutes


def test_register_says_where_and_for_whom_and_what_it_adds_up_to(event, cast, programme):
    """What who audits adds up, and in which clock."""
    programme.funding_note = both("Cofinanziato dall’Unione europea.", "Co-funded.")
    programme.save()
    came(event, by=cast.piero)
    came(event, by=cast.piero)
    online = make_registration(event, mode="online")
    make_scan(online, at=event.starts_at, mode="online")
    make_scan(online, at=event.ends_at, mode="online", direction="out")
    kept = sealing.seal(event=event, by=cast.piero)
    said = dict(row for row in table(kept, 4) if row[0])
    assert said["Fuso orario di tutti gli orari"] == "Europe/Rome"
    assert said["Organizza"] == paper.organiser(event)
    assert (said["Codice progetto"], said["Finanziamento"]) == ("VLT-2024", "Cofinanziato dall’Unione europea.")
    assert said["Persone"] == "3 (In presenza: 2; Online: 1)"
    assert said["Minuti di presenza, di tutte le persone insieme"] == "540 (9 h 00 min)"
    assert said["Persone con minuti sufficienti"] == 1
    text = text_of(bytes_of(kept, "pdf"))
    pages = len(pikepdf.open(io.BytesIO(bytes_of(kept, "pdf"))).pages)
    for words in ("540 (9 h 00 min)", "Europe/Rome", f"Il registro è composto da {pages} pagine numerate."):
        assert words in text, words


def test_mode_is_how_somebody_was_there_whatever_she_had_said(event, cast):
    person = make_registration(event, mode="online", last_name="Due")
    make_scan(person, at=event.starts_at, mode="online")
    make_scan(person, at=event.starts_at + timedelta(hours=1), mode="online", direction="out")
    make_scan(person, at=event.starts_at + timedelta(hours=2), mode="in_person")
    changed = make_registration(event, mode="online", last_name="Una")
    make_scan(changed, at=event.starts_at, mode="in_person")
    head, *rows = table(sealing.seal(event=event, by=cast.piero), 0)
    assert [dict(zip(head, row, strict=True))["Modalità"] for row in rows] == ["In presenza, Online", "In presenza"]


def test_register_of_several_days_counts_each_and_says_which(cast, pisa, programme):
    """A night of dance after the first day belongs to it; two mornings are two days."""
    start = datetime(2024, 6, 20, 20, tzinfo=ZoneInfo("Europe/Rome"))
    event = make_event(programme, territory=pisa, starts_at=start, ends_at=start + timedelta(hours=15))
    for hours in (0, 4.5, 13):
        Session.objects.create(
            event=event, starts_at=start + timedelta(hours=hours), minutes=60, title=both(f"Parte {hours}", "Part")
        )
    person = make_registration(event)
    for hours in (0, 13):
        make_scan(person, at=start + timedelta(hours=hours))
        make_scan(person, at=start + timedelta(hours=hours + 1, seconds=30), direction="out")
    make_scan(person, at=start + timedelta(hours=4.5))
    make_scan(person, at=start + timedelta(hours=5, seconds=15), direction="out")
    kept = sealing.seal(event=event, by=cast.piero)
    said = dict(zip(*table(kept, 0), strict=True))
    assert said["Minuti: Giornata 1 di 2 (20/06/2024)"] == 90
    assert said["Minuti: Giornata 2 di 2 (21/06/2024)"] == 60  # her last half minute is after the last part
    assert said["Minuti di presenza"] == 150
    assert said["Entrate e uscite"].startswith("20/06 20:00–21:00")
    agenda = dict(row for row in table(kept, 4) if row[0])["Programma"]
    assert agenda.startswith("20/06 20:00–21:00 Parte 0; 21/06 00:30–01:30 Parte 4.5; 21/06 09:00–10:00")
    text = text_of(bytes_of(kept, "pdf"))
    assert text.count("giorno") >= 2
    assert "nel foglio di calcolo con la stessa testa" in " ".join(text.split())
    assert sealing.check(event) == []


def test_pdf_of_a_long_agenda_has_the_minutes_of_the_whole_only(event, cast):
    for number in range(9):
        Session.objects.create(event=event, starts_at=event.starts_at, minutes=9, title=both(f"Breve {number}", "S"))
    came(event, by=cast.piero)
    kept = sealing.seal(event=event, by=cast.piero)
    assert "Minuti: Breve 8" in table(kept, 0)[0]
    text = text_of(bytes_of(kept, "pdf"))
    assert "parte 1" not in text
    assert "150" in text
