"""What every test of sealed registers does: somebody comes and goes, a register is read back, something is changed."""

import io
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import openpyxl
from django.conf import settings
from django.db import connection

from registrations.services import attendance
from tests.make import make_registration, make_scan

PDF = b"%PDF-1.7\nfirme\n%%EOF\n"
CHECKER = Path(settings.BASE_DIR) / "docs" / "check_register.py"


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


def text_of(content):
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return " ".join(done.stdout.decode().replace("\u200b", "").split())


def make_more(event):
    came(event)
    return event


def change_minutes(book):
    book.worksheets[0]["J2"].value = 240
