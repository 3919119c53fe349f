"""Who has the file alone finds out, with Python and nothing of ours, whether it was changed."""

import io
import zipfile

import pytest

from registrations.services import sealing
from tests.registrations.sealed import book, bytes_of, came, change_minutes, run_checker


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


def test_outsiders_check_what_stands_in_the_mail_of_a_register(event, cast, tmp_path):
    came(event, by=cast.piero)
    kept = sealing.seal(event=event, by=cast.piero)
    book, paper = bytes_of(kept), bytes_of(kept, "pdf")
    told = ["--head", kept.head, "--number", "1", "--sha256", kept.xlsx_sha256.upper()]
    assert run_checker(book, tmp_path, *told) == (0, f"OK: register no. 1, head {kept.head}\n")
    assert run_checker(paper, tmp_path, "--sha256", kept.pdf_sha256)[0] == 0
    for content, options, words in (
        (book, ["--number", "2"], "this is register no. 1, not no. 2"),
        (book, ["--sha256", kept.pdf_sha256], "not the one you gave"),
        (paper + b" ", ["--sha256", kept.pdf_sha256], "not the one you gave"),
        (paper, [], "of a PDF only the SHA-256 can be checked"),
        (paper, ["--sha256", kept.pdf_sha256, "--head", kept.head], "of a PDF only"),
    ):
        code, said = run_checker(content, tmp_path, *options)
        assert (code, said[:7], words in said) == (1, "BROKEN:", True), said


def change_cell(book):
    book.worksheets[1]["T3"].value = "un altro perché"


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
