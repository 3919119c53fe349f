import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from registrations import exports
from registrations.models import Registration
from tests.make import make_event, make_registration

pytestmark = pytest.mark.django_db
PEOPLE = exports.EXPORTS["people"]


def lines(export, registrations) -> list[list[str]]:
    content = b"".join(exports.as_csv(export, registrations))
    assert content.startswith(b"\xef\xbb\xbf"), "without the mark Excel takes UTF-8 for something else"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_csv_has_one_line_a_person_under_italian_headings():
    make_registration(make_event(), last_name="Rossi; detta Ro", organisation="Società")
    heading, line = lines(PEOPLE, Registration.objects.all())
    assert heading[:3] == ["Cognome", "Nome", "Indirizzo e-mail"]
    assert line[0] == "Rossi; detta Ro"
    assert line[3] == "Società"


@pytest.mark.parametrize("evil", ["=1+1", "+39", "-2", "@SUM(A1)", "\tx"])
def test_formulas_are_made_harmless(evil):
    make_registration(make_event(), organisation=evil)
    assert lines(PEOPLE, Registration.objects.all())[1][3] == f"'{evil}"
    sheet = load_workbook(exports.as_xlsx(PEOPLE, Registration.objects.all())).active
    cell = sheet.cell(2, 4)
    assert (cell.data_type, cell.value) == ("s", evil.strip("\t"))


def test_xlsx_holds_real_dates():
    make_registration(make_event())
    sheet = load_workbook(exports.as_xlsx(PEOPLE, Registration.objects.all())).active
    assert abs(sheet.cell(2, 8).value - timezone.localtime().replace(tzinfo=None)) < timedelta(minutes=1)


def test_presence_says_who_reached_the_threshold():
    event = make_event(starts_at=timezone.now() - timedelta(hours=5))
    make_registration(event, last_name="A", minutes=180, entered_at=event.starts_at)
    make_registration(event, last_name="B", minutes=179, entered_at=event.starts_at)
    found = lines(exports.EXPORTS["presence"], Registration.objects.order_by("last_name"))
    assert [line[-1] for line in found[1:]] == ["sì", "no"]
