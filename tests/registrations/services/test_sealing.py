"""A register holds every fact in a chain, and whatever is changed afterwards shows: in the database and in the file."""

import hashlib
import io
import subprocess
import sys
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pikepdf
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models import JSONField, Value
from django.urls import reverse
from django.utils import timezone

from events.models import Event, Session
from registrations.models import Correction, Scan, Seal
from registrations.services import RegistrationError, attendance, erasing, sealing
from tests.make import both, make_event, make_registration, make_scan
from tests.threads import all_at_once

CHECKER = Path(settings.BASE_DIR) / "docs" / "check_register.py"


@pytest.fixture
def event(cast, pisa, programme):
    programme.project_code = "VLT-2024"
    programme.save()
    end = timezone.now().replace(microsecond=0) - timedelta(hours=2)
    event = make_event(programme, territory=pisa, starts_at=end - timedelta(hours=4), ends_at=end)
    for number in range(2):
        start = event.starts_at + timedelta(hours=2 * number)
        Session.objects.create(event=event, starts_at=start, minutes=120, title=both(f"Parte {number}", "Part"))
    return event


def came(event, by=None, **over):
    """Somebody who came half an hour late and left after three hours: an entry and an exit."""
    person = make_registration(event, **over)
    entered = event.starts_at + timedelta(minutes=30)
    make_scan(person, at=entered, device_at=entered + timedelta(hours=2), clock_offset=-7_200_000)
    make_scan(
        person, at=event.starts_at + timedelta(hours=3), direction="out", source="hand", note="=Firma, “è”", by=by
    )
    attendance.recompute(person)
    return person


def book(kept):
    with kept.xlsx.open() as file:
        return openpyxl.load_workbook(io.BytesIO(file.read()))


def table(kept, number):
    return [list(row) for row in book(kept).worksheets[number].iter_rows(values_only=True)]


def run_checker(content, tmp_path, *options):
    """The program for outsiders, as they run it: apart from ours."""
    path = tmp_path / "register.xlsx"
    path.write_bytes(content)
    command = [sys.executable, "-I", str(CHECKER), str(path), *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    return done.returncode, done.stdout + done.stderr


def bytes_of(kept, kind="xlsx"):
    with getattr(kept, kind).open() as file:
        return file.read()


def behind_our_back(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount


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
    file = event.evidence.create(kind="signatures", name="firme.pdf", size=3, sha256="a" * 64, added_by=cast.piero)
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
    assert table(kept, 3)[1][2:5] == ["firme.pdf", 3, "a" * 64]
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


def text_of(content):
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return " ".join(done.stdout.decode().replace("\u200b", "").split())


def test_second_register_extends_the_first_which_still_holds(event, cast):
    anna = came(event, by=cast.piero)
    first = sealing.seal(event=event, by=cast.piero)
    late = make_scan(anna, at=event.starts_at, direction="in")  # a phone that came home late
    late_file = event.evidence.create(kind="log", name="zoom.csv", size=3, sha256="b" * 64)
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


@pytest.mark.parametrize(
    ("sql", "place", "fields"),
    [
        ("UPDATE registrations_scan SET note = 'altro' WHERE note <> ''", 2, ("note",)),
        ("UPDATE registrations_scan SET by_id = NULL WHERE by_id IS NOT NULL", 2, ("by",)),
        ("UPDATE registrations_correction SET reason = 'altro'", 4, ("reason",)),
        ("DELETE FROM registrations_correction", 4, ()),
    ],
)
def test_change_behind_our_back_is_found_at_its_link(event, cast, sql, place, fields):
    anna = came(event, by=cast.piero)
    Correction.objects.create(scan=make_scan(anna), kind="annulled", by=cast.piero, reason="Due volte")
    sealing.seal(event=event, by=cast.piero)
    assert sealing.check(event) == []
    behind_our_back(sql)
    assert sealing.check(event) == [sealing.Finding(1, "facts", place, fields)]
    with pytest.raises(RegistrationError) as refusal:
        sealing.seal(event=event, by=cast.piero)
    assert refusal.value.code == "changed"
    assert Seal.objects.count() == 1


def test_a_fact_taken_away_or_put_in_between_is_found(event, cast):
    came(event, by=cast.piero)
    gone = make_scan(make_registration(event))
    came(event, by=cast.piero)
    sealing.seal(event=event, by=cast.piero)
    row = Scan.objects.filter(pk=gone.pk).values().get()
    behind_our_back("DELETE FROM registrations_scan WHERE id = %s", gone.pk)
    assert sealing.check(event) == [sealing.Finding(1, "facts", 3)]
    Scan.objects.create(**row)
    assert sealing.check(event) == []
    sealing.seal(event=make_more(event), by=cast.piero)
    behind_our_back("DELETE FROM registrations_scan WHERE id = %s", gone.pk)
    Scan.objects.create(**row | {"direction": "out"})
    assert sealing.check(event) == [sealing.Finding(1, "facts", 3, ("direction",))]


def make_more(event):
    came(event)
    return event


def test_a_change_after_the_first_register_is_told_of_the_second(event, cast):
    came(event, by=cast.piero)
    sealing.seal(event=event, by=cast.piero)
    second = came(event, by=cast.carla)
    sealing.seal(event=event, by=cast.piero)
    behind_our_back("UPDATE registrations_scan SET note = 'altro' WHERE registration_id = %s AND note <> ''", second.pk)
    assert sealing.check(event) == [sealing.Finding(2, "facts", 5, ("note",))]


def test_a_register_that_was_itself_touched_is_found(event, cast):
    came(event, by=cast.piero)
    first = sealing.seal(event=event, by=cast.piero)
    sealing.seal(event=make_more(event), by=cast.piero)
    with transaction.atomic():
        Seal.objects.filter(pk=first.pk).update(made_at=timezone.now())
        assert [one.code for one in sealing.check(event)] == ["facts"]
        transaction.set_rollback(True)
    path = Path(first.xlsx.path)
    path.write_bytes(path.read_bytes() + b" ")
    assert sealing.check(event) == [sealing.Finding(1, "xlsx")]
    Path(first.pdf.path).unlink()
    assert [one.code for one in sealing.check(event)] == ["xlsx", "pdf"]
    first.delete()
    assert [one.code for one in sealing.check(event)] == ["missing", "facts"]


def test_outsiders_check_the_file_without_us(event, cast, tmp_path):
    came(event, by=cast.piero)
    came(event, organisation="È & <figli>", by=cast.piero)
    kept = sealing.seal(event=event, by=cast.piero)
    content = bytes_of(kept)
    assert run_checker(content, tmp_path) == (0, f"OK: register no. 1, head {kept.head}\n")
    assert run_checker(content, tmp_path, "--head", kept.head.upper())[0] == 0
    code, said = run_checker(content, tmp_path, "--head", "0" * 64)
    assert code == 1
    assert "not the one you gave" in said


def change_cell(book):
    book.worksheets[1]["T3"].value = "un altro perché"


def change_minutes(book):
    book.worksheets[0]["J2"].value = 240


def change_hashed(book):
    cell = book.worksheets[1]["U2"]
    cell.value = cell.value.replace('"in"', '"out"')


def remove_row(book):
    book.worksheets[1].delete_rows(3)


def remove_person(book):
    book.worksheets[0].delete_rows(2)


def remove_last_row(book):
    book.worksheets[1].delete_rows(book.worksheets[1].max_row)


def swap_rows(book):
    sheet = book.worksheets[1]
    for column in range(2, sheet.max_column + 1):
        one, other = sheet.cell(2, column), sheet.cell(3, column)
        one.value, other.value = other.value, one.value


def add_formula(book):
    book.worksheets[0]["J2"].value = "=1+1"


TAMPERINGS = [
    change_cell, change_minutes, change_hashed, remove_row, remove_person, remove_last_row, swap_rows, add_formula,
]  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERINGS)
def test_outsiders_see_what_was_changed_in_the_file(event, cast, tmp_path, tamper):
    came(event, by=cast.piero)
    came(event, by=cast.piero)
    kept = sealing.seal(event=event, by=cast.piero)
    opened = book(kept)
    saved = io.BytesIO()
    opened.save(saved)
    assert run_checker(saved.getvalue(), tmp_path)[0] == 0, "saved again by another program it still holds"
    tamper(opened)
    opened.save(saved := io.BytesIO())
    code, said = run_checker(saved.getvalue(), tmp_path)
    assert (code, said[:7]) == (1, "BROKEN:"), said


OTHER_TREE = {
    "evil/workbook.xml": b"<workbook/>",
    "xl/media/image1.png": b"x",
    "xl/drawings/drawing1.xml": b"<wsDr/>",
    "XL/workbook.xml": b"<workbook/>",
}
SWAPS = [
    ("_rels/.rels", 'Target="xl/workbook.xml"', 'Target="evil/workbook.xml"'),
    ("_rels/.rels", 'Target="xl/workbook.xml"', 'Target="xl/../evil/workbook.xml"'),
    ("_rels/.rels", 'relationships/officeDocument"', 'relationships/thumbnail"'),
    ("xl/_rels/workbook.xml.rels", 'Target="/xl/worksheets/sheet1.xml"', 'Target="/worksheets/sheet1.xml"'),
    ("xl/_rels/workbook.xml.rels", 'Target="/xl/worksheets/sheet1.xml"', 'Target="/xl/xl/worksheets/sheet1.xml"'),
    ("xl/_rels/workbook.xml.rels", 'Target="styles.xml"', 'Target="http://evil.example/s.xml" TargetMode="External"'),
    ("xl/_rels/workbook.xml.rels", 'Target="styles.xml"', 'Target="../styles.xml"'),
    ("[Content_Types].xml", "sheet.main+xml", "template.main+xml"),
    ("xl/styles.xml", 'numFmtId="0" fontId="1"', 'numFmtId="14" fontId="1"'),
    ("xl/styles.xml", '<numFmts count="0"/>', '<numFmts count="1"><numFmt numFmtId="164" formatCode=";;;"/></numFmts>'),
    ("xl/styles.xml", '<color theme="1"/>', '<color rgb="00FFFFFF"/>'),
    ("xl/theme/theme1.xml", 'val="windowText"', 'val="window"'),
    ("xl/worksheets/sheet1.xml", '<row r="2"', '<row hidden="1" r="2"'),
    ("xl/worksheets/sheet1.xml", '<row r="2"', '<row ht="0" customHeight="1" r="2"'),
    ("xl/worksheets/sheet1.xml", '<row r="3"', '<row r="2"'),
    ("xl/worksheets/sheet1.xml", 'r="B2"', 'r="A2"'),
    ("xl/worksheets/sheet1.xml", "<col ", '<col hidden="1" '),
    ("xl/worksheets/sheet1.xml", 'defaultRowHeight="15"', 'defaultRowHeight="0"'),
    ("xl/worksheets/sheet1.xml", "</sheetData>", '</sheetData><drawing r="1"/>'),
    ("xl/worksheets/sheet1.xml", "</sheetData>", '</sheetData><mergeCells><mergeCell ref="A1:J9"/></mergeCells>'),
    ("xl/worksheets/sheet1.xml", "</sheetData>", '</sheetData><conditionalFormatting sqref="A1"/>'),
    ("xl/worksheets/sheet1.xml", 'topLeftCell="A2"', 'topLeftCell="A90"'),
    ("xl/workbook.xml", 'sheetId="3" state="visible"', 'sheetId="3" state="hidden"'),
    ("xl/workbook.xml", "<definedNames/>", '<definedNames><definedName name="a">1</definedName></definedNames>'),
]


def packed(parts):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as whole:
        for name, content in parts:
            whole.writestr(name, content)
    return written.getvalue()


@pytest.fixture
def parts(event, cast):
    """Of a register of two people: each file inside it, by its name."""
    came(event, by=cast.piero)
    came(event, by=cast.piero)
    with zipfile.ZipFile(io.BytesIO(bytes_of(sealing.seal(event=event, by=cast.piero)))) as whole:
        return {name: whole.read(name) for name in whole.namelist()}


@pytest.mark.parametrize(("part", "was", "now"), SWAPS)
def test_outsiders_are_told_of_what_hides_or_leads_elsewhere(parts, tmp_path, part, was, now):
    assert was.encode() in parts[part]
    changed = parts | {part: parts[part].replace(was.encode(), now.encode(), 1)}
    code, said = run_checker(packed(changed.items()), tmp_path)
    assert (code, said[:7]) == (1, "BROKEN:"), said


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_outsiders_are_told_of_parts_too_much_twice_or_missing(parts, tmp_path):
    assert run_checker(packed(parts.items()), tmp_path)[0] == 0
    for name, content in OTHER_TREE.items():
        assert run_checker(packed((parts | {name: content}).items()), tmp_path)[1].startswith("BROKEN:"), name
    for name in parts:
        twice, without = [*parts.items(), (name, parts[name])], {one: parts[one] for one in parts if one != name}
        assert run_checker(packed(twice), tmp_path)[1].startswith("BROKEN:"), name
        assert run_checker(packed(without.items()), tmp_path)[1].startswith("BROKEN:"), name


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<html>"])
def test_outsiders_are_told_that_a_file_is_no_register(tmp_path, content):
    code, said = run_checker(content, tmp_path)
    assert (code, said[:7]) == (1, "BROKEN:")


def test_a_register_that_fails_leaves_no_file(event, cast, monkeypatch):
    came(event, by=cast.piero)
    with monkeypatch.context() as patched:
        patched.setattr(Seal, "save", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sealing.seal(event=event, by=cast.piero)
    assert [one for one in Path(settings.STORAGES["private"]["OPTIONS"]["location"]).rglob("*") if one.is_file()] == []
    assert not Seal.objects.exists()


def test_what_comes_between_makes_the_register_anew(event, cast, monkeypatch):
    """An erasure empties a note, or another register is sealed, while the files are made."""
    came(event, by=cast.piero)
    refused = make_scan(make_registration(event), status="refused", reason="waiting", note="Insiste")
    original, calls = sealing.sealed_pdf.render, []

    def render(register):
        calls.append(1)
        if len(calls) == 1:
            erasing.ask(registration=refused.registration)
        return original(register)

    monkeypatch.setattr(sealing.sealed_pdf, "render", render)
    kept = sealing.seal(event=event, by=cast.piero)
    assert len(calls) == 2
    assert "Insiste" not in str(table(kept, 1))
    assert sealing.check(event) == []


@pytest.mark.django_db(transaction=True)
def test_two_at_once_never_get_one_number(event, cast):
    """Each with something new, for the second would otherwise be told that nothing is."""
    came(event, by=cast.piero)

    def work(_number):
        try:
            return sealing.seal(event=make_more(Event.objects.get(pk=event.pk)), by=cast.piero)
        except RegistrationError as refusal:
            return refusal

    results = all_at_once(work, 2)
    kept = [one for one in results if isinstance(one, Seal)]
    refused = [one.code for one in results if isinstance(one, RegistrationError)]
    assert len(kept) + len(refused) == 2
    assert set(refused) <= {"nothing_new", "busy"}
    assert sorted(event.seals.values_list("number", flat=True)) == list(range(1, len(kept) + 1))
    assert sealing.check(event) == []


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


@pytest.mark.parametrize("number", [0, -1, -(2**63)])
def test_a_fact_with_a_number_below_all_others_is_found(event, cast, number):
    anna = came(event, by=cast.piero)
    sealing.seal(event=event, by=cast.piero)
    scan = make_scan(anna, pk=number)
    assert [one.code for one in sealing.check(event)] == ["facts"]
    behind_our_back("DELETE FROM registrations_scan WHERE id = %s", number)
    assert sealing.check(event) == []
    Correction.objects.create(pk=number, scan=anna.scans.first(), kind="settled", by=cast.carla)
    assert [one.code for one in sealing.check(event)] == ["facts"]
    assert scan.nonce


def replace_file(kept, kind, content):
    """Together with its fingerprint in the database."""
    Path(getattr(kept, kind).path).write_bytes(content)
    Seal.objects.filter(pk=kept.pk).update(**{f"{kind}_sha256": hashlib.sha256(content).hexdigest()})


def test_a_file_replaced_together_with_its_fingerprint_is_found(event, cast):
    came(event, by=cast.piero)
    first = sealing.seal(event=event, by=cast.piero)
    changed = book(first)
    change_minutes(changed)
    changed.save(saved := io.BytesIO())
    for content in (saved.getvalue(), b"", b"PK"):
        whole = bytes_of(first)
        replace_file(first, "xlsx", content)
        assert sealing.check(event) == [sealing.Finding(1, "xlsx")]
        replace_file(first, "xlsx", whole)
    assert sealing.check(event) == []
    sealing.seal(event=make_more(event), by=cast.piero)
    assert sealing.check(event) == []
    replace_file(first, "pdf", bytes_of(first, "pdf") + b" ")
    assert sealing.check(event) == [sealing.Finding(1, "pdf")], "the next register vouches for it"


@pytest.mark.parametrize("until", [None, {}, [], "x", {"scan": "1", "correction": 0, "evidence": 0, "withdrawn": []}])
def test_a_damaged_row_of_a_register_is_told_in_words(event, cast, until):
    came(event, by=cast.piero)
    kept = sealing.seal(event=event, by=cast.piero)
    Seal.objects.filter(pk=kept.pk).update(until=Value(until, JSONField()))
    assert sealing.check(event) == [sealing.Finding(1, "until")]
    assert "non dice più" in sealing.in_words(sealing.check(event)[0])
    with pytest.raises(RegistrationError) as refusal:
        sealing.seal(event=make_more(event), by=cast.piero)
    assert refusal.value.code == "changed"
    assert not event.scans.exclude(sealing.sealed_scans(event.pk)).exists()


def test_every_missing_register_is_told(event, cast):
    for _ in range(4):
        sealing.seal(event=make_more(event), by=cast.piero)
    event.seals.filter(number__in=[1, 3]).delete()
    assert [one.number for one in sealing.check(event) if one.code == "missing"] == [1, 3]


def test_a_second_register_at_the_same_moment_is_refused_at_once(event, cast, monkeypatch):
    came(event, by=cast.piero)
    original, codes = sealing.sealed_xlsx.render, []

    def render(register):
        with pytest.raises(RegistrationError) as refusal:
            sealing.seal(event=event, by=cast.carla)
        codes.append(refusal.value.code)
        return original(register)

    monkeypatch.setattr(sealing.sealed_xlsx, "render", render)
    assert sealing.seal(event=event, by=cast.piero).number == 1
    assert codes == ["busy"]
    monkeypatch.undo()
    assert sealing.seal(event=make_more(event), by=cast.carla).number == 2


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
