"""Files that prove something: kept as they came, once, whatever they are called; withdrawn for a reason, never gone."""

import hashlib
from pathlib import Path

import pytest
from django.db import IntegrityError

from registrations.documents import list as paper_list
from registrations.documents import paper, register
from registrations.models import Evidence
from registrations.models.evidence import FOLDER
from registrations.services import RegistrationError, evidence
from tests.make import make_event, make_image
from tests.threads import all_at_once

PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(40)


@pytest.fixture
def lab(cast, pisa):
    return make_event(slug="lab-pisa", kind="lab", territory=pisa)


def keep(event, by=None, **over):
    values = {"kind": Evidence.Kind.SIGNATURES, "name": "Registro Pisa.pdf", "content": PDF} | over
    return evidence.keep(event=event, by=by, **values)


def files():
    return sorted(Path(Evidence.file.field.storage.path(FOLDER)).rglob("*.*"))


def refused(code, call, field="file", **arguments):
    before = list(Evidence.objects.values()), files()
    with pytest.raises(RegistrationError) as refusal:
        call(**arguments)
    assert refusal.value.code == code
    assert list(refusal.value.fields) == ([field] if field else [])
    assert (list(Evidence.objects.values()), files()) == before


def test_file_is_kept_as_it_came_with_its_fingerprint(lab, cast):
    row, is_new = keep(lab, cast.piero, part="La mattina", options={"zone": "Europe/Rome"})
    row = Evidence.objects.get(pk=row.pk)
    assert is_new
    assert row.file.read() == PDF
    assert (row.sha256, row.size) == (hashlib.sha256(PDF).hexdigest(), len(PDF))
    assert (row.name, row.part, row.added_by, row.options) == (
        "Registro Pisa.pdf",
        "La mattina",
        cast.piero,
        {"zone": "Europe/Rome"},
    )


def test_what_it_is_called_on_the_disk_says_nothing_about_anybody(lab):
    row = keep(lab, name="C:\\Documenti\\firme Rossi.PDF").evidence
    assert row.name == "firme Rossi.PDF"
    assert "ossi" not in row.file.name
    assert row.file.name.endswith(".pdf")


def test_same_file_twice_changes_nothing(lab, cast):
    first = keep(lab, cast.piero).evidence
    again = keep(lab, cast.carla, name="altro nome.pdf", part="Pomeriggio")
    assert again == (first, False)
    assert (Evidence.objects.get().name, len(files())) == ("Registro Pisa.pdf", 1)


@pytest.mark.parametrize("how", ["gone", "changed"])
def test_same_file_again_is_not_said_to_be_here_when_only_its_row_is(lab, how):
    path = Path(keep(lab).evidence.file.path)
    path.unlink() if how == "gone" else path.write_bytes(b"%PDF-falso")
    refused("changed", keep, event=lab)
    path.write_bytes(PDF)
    assert not keep(lab).is_new


def test_same_file_of_another_event_or_kind_is_another(lab, pisa):
    keep(lab)
    assert keep(make_event(territory=pisa)).is_new
    assert keep(lab, kind=Evidence.Kind.LIST).is_new


@pytest.mark.parametrize(
    ("content", "ending", "content_type"),
    [
        (PDF, "pdf", "application/pdf"),
        (b"\xef\xbb\xbf\n" + PDF, "pdf", "application/pdf"),
        (make_image("JPEG"), "jpg", "image/jpeg"),
        (make_image("PNG"), "png", "image/png"),
        (HEIC, "heic", "image/heic"),
    ],
)
def test_what_a_scan_is_is_read_from_the_file_and_not_from_its_name(lab, content, ending, content_type):
    row = keep(lab, name="foglio.exe", content=content).evidence
    assert row.file.name.rpartition(".")[2] == ending
    assert evidence.content_type(row) == content_type


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00",
        b"<html><script>alert(1)</script></html>",
        b"<!-- %PDF-1.7 --><script>",
        b"GIF89a",
        b"PK\x03\x04",
        b"\x00\x00\x00\x18ftypmp42",
        b" ",
    ],
)
def test_what_is_no_scan_is_refused(lab, content):
    refused("wrong_type", keep, event=lab, content=content, name="firme.pdf")


@pytest.mark.parametrize(
    "whole", [PDF + b"x" * 20000 + b"%%EOF", make_image("PNG", (900, 600)), make_image("JPEG", (900, 600))]
)
def test_file_cut_in_half_is_refused(lab, whole):
    refused("cut_off", keep, event=lab, content=whole[: len(whole) // 2 + 100])
    assert keep(lab, content=whole).is_new


def test_our_own_sheet_with_no_signature_is_refused_and_a_signed_one_is_not(lab):
    printed = register.render(lab, [paper.parts_of(lab)[0].key], spare=3)
    refused("unsigned", keep, event=lab, content=printed)
    refused("unsigned", keep, event=lab, kind=Evidence.Kind.LIST, content=paper_list.render(lab, spare=3))
    signed_on_a_tablet = printed + b"9 0 obj\nendobj\nstartxref\n9\n%%EOF\n"
    written_anew = printed.replace(b"/Creator(Typst", b"/Producer(Scanner)/Creator(Typst")
    for content in (signed_on_a_tablet, written_anew):
        assert keep(lab, content=content).is_new


def test_empty_and_too_large_files_are_refused(lab):
    refused("empty", keep, event=lab, content=b"")
    refused("too_large", keep, event=lab, content=PDF.ljust(evidence.LARGEST + 1))
    refused("too_large", keep, event=lab, content=b" " * (evidence.LARGEST + 1), kind=Evidence.Kind.LOG)


@pytest.mark.parametrize(
    ("name", "ending"), [("meeting.csv", "csv"), ("a.XLSX", "txt"), ("a.Tsv", "tsv"), ("log.php", "txt"), ("x", "txt")]
)
def test_table_of_a_platform_is_only_bytes_to_a_browser(lab, name, ending):
    row = keep(lab, kind=Evidence.Kind.LOG, name=name, content="Name\tJoin".encode("utf-16")).evidence
    assert row.file.name.endswith(f".{ending}")
    assert evidence.content_type(row) == "application/octet-stream"


def test_workbook_of_a_platform_is_one_whatever_it_is_called(lab):
    row = keep(lab, kind=Evidence.Kind.LOG, name="presenze.hta", content=b"PK\x03\x04...").evidence
    assert (row.name, row.file.name.rpartition(".")[2]) == ("presenze.xlsx", "xlsx")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("poly.html", "poly.pdf"),
        ("poly.hta", "poly.pdf"),
        ("poly.pdf.bat", "poly.pdf"),
        ("poly.hta. . ", "poly.pdf"),
        ("gpj.\u202efdp.exe", "gpj. fdp.pdf"),
        ("C:\\firme\\..\\Registro.PDF", "Registro.PDF"),
        ("Registro 21.5.2026", "Registro 21.5.2026.pdf"),
        ("Dott.Rossi", "Dott.Rossi.pdf"),
        ("a.application", "a.application.pdf"),
        (".htaccess", "htaccess.pdf"),
        (".pdf", "file.pdf"),
        ("..", "file.pdf"),
        ("", "file.pdf"),
        ("è" * 300 + ".html", "è" * 196 + ".pdf"),
    ],
)
def test_name_ends_with_what_the_file_is(lab, name, kept):
    row = keep(lab, name=name).evidence
    assert row.name == kept
    assert evidence.download_name(row, PDF) == kept, "the same when it is given back"


def test_picture_keeps_its_own_ending_of_two(lab):
    assert keep(lab, name="foto.JPEG", content=make_image("JPEG")).evidence.name == "foto.JPEG"
    assert keep(lab, name="foto.heif", content=HEIC).evidence.name == "foto.heif"
    assert keep(lab, name="foto.jpeg", content=make_image("PNG")).evidence.name == "foto.png"


def test_file_of_before_is_given_back_under_a_name_that_runs_nothing(lab):
    row = keep(lab).evidence
    Evidence.objects.filter(pk=row.pk).update(name="poly.hta", file="evidence/x.hta")
    row.refresh_from_db()
    assert evidence.download_name(row, PDF) == "poly.pdf"
    assert evidence.content_type(row) == "application/octet-stream"
    assert row.name == "poly.hta", "it stands in the chain"


def test_wrong_file_is_withdrawn_for_a_reason_and_stays(lab, cast):
    row = keep(lab, cast.piero).evidence
    evidence.withdraw(evidence=row, by=cast.carla, reason="  Era di\tun altro evento ")
    row.refresh_from_db()
    assert (row.withdrawn_by, row.withdrawn_because) == (cast.carla, "Era di un altro evento")
    assert row.file.read() == PDF
    assert not Evidence.objects.standing().exists()
    refused("withdrawn_already", evidence.withdraw, field="", evidence=row, by=cast.carla, reason="Ancora")


def test_withdrawing_wants_a_reason(lab):
    row = keep(lab).evidence
    refused("no_reason", evidence.withdraw, field="reason", evidence=row, by=None, reason=" \n ")


def test_withdrawn_file_may_be_brought_again(lab):
    first = keep(lab).evidence
    evidence.withdraw(evidence=first, by=None, reason="Sbagliato")
    again = keep(lab)
    assert (again.is_new, Evidence.objects.count()) == (True, 2)


def test_row_that_cannot_be_written_leaves_no_file(lab):
    with pytest.raises(IntegrityError):
        keep(lab, kind=None)
    assert files() == []


@pytest.mark.django_db(transaction=True)
def test_same_file_brought_by_many_at_once_is_one(programme):
    event = make_event(programme)
    kept = all_at_once(lambda n: keep(event), number=6)
    assert sorted(one.is_new for one in kept) == [False] * 5 + [True]
    assert len({one.evidence.pk for one in kept}) == 1
    assert (Evidence.objects.count(), len(files())) == (1, 1)
