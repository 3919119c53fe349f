"""The paper itself, read back by other programs: accessible, archivable, complete, the same every time."""

import io
import shutil
import subprocess
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pikepdf
import pytest
import zxingcpp
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from events.models import Session
from registrations.documents.certificate import in_hours, render
from registrations.models import Certificate
from tests import make
from tests.make import both, make_event, make_registration, make_venue


@pytest.fixture
def seminar(programme, pisa):
    start = datetime(2024, 6, 20, 9, 0, tzinfo=ZoneInfo("Europe/Rome"))
    event = make_event(
        programme,
        territory=pisa,
        venue=make_venue(programme),
        title=both("Seminario a Pisa", "Seminar in Pisa"),
        starts_at=start,
        ends_at=start + timedelta(hours=4),
    )
    for number, (italian, english) in enumerate([("Il progetto", "The project"), ("Il welfare", "Welfare")]):
        title = both(italian, english)
        Session.objects.create(event=event, starts_at=start + timedelta(hours=number), minutes=60, title=title)
    return event


def make_certificate(event, name="Niccolò Dell’Òrto", **over):
    now = timezone.now().replace(microsecond=0)
    return make.make_certificate(make_registration(event, **over), name=name, minutes=230, issued_at=now)


def text_of(content: bytes) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return " ".join(read.stdout.decode().split())


def test_certificate_is_tagged_and_fit_for_the_archive(seminar):
    content = render(make_certificate(seminar))
    pdf = pikepdf.open(io.BytesIO(content))
    assert len(pdf.pages) == 1
    assert pdf.Root.MarkInfo.Marked
    assert "/StructTreeRoot" in pdf.Root
    assert str(pdf.Root.Lang) == "it"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    meta = pdf.open_metadata()
    assert (meta["pdfaid:part"], meta["pdfaid:conformance"], meta["pdfuaid:part"]) == ("2", "A", "1")
    assert meta["dc:title"] == "Attestato di partecipazione: Seminario a Pisa"


def test_every_picture_has_a_description(seminar, programme):
    logo = io.BytesIO()
    Image.new("P", (1200, 400)).save(logo, "GIF")
    funder = programme.organisations.get(role="funder")
    funder.logo = default_storage.save("organisations/ue.gif", ContentFile(logo.getvalue()))
    funder.save()
    pdf = pikepdf.open(io.BytesIO(render(make_certificate(seminar))))
    figures = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/Figure"]
    assert len(figures) == 2
    assert all(str(figure.Alt) for figure in figures)


def test_certificate_says_all_it_has_to_in_italian(seminar):
    certificate = make_certificate(seminar)
    text = text_of(render(certificate))
    for words in (
        "Vita Lavoro Toscana",
        "Attestato di partecipazione",
        "Niccolò Dell’Òrto",
        "in presenza",
        "Seminario a Pisa",
        "giovedì 20 giugno 2024, dalle 9:00 alle 13:00",
        "Stazione Leopolda, Piazza Guerrazzi 2, Pisa",
        "3 ore e 50 minuti su 4 ore",
        "Il welfare",
        "Confartigianato Imprese Toscana",
        "Unione europea",
        certificate.shown_code,
        f"testserver/verifica/{certificate.shown_code}/",
    ):
        assert words in text, words


def test_certificate_of_who_followed_online_in_english(seminar):
    certificate = make_certificate(seminar, mode="online", language="en")
    content = render(certificate)
    assert str(pikepdf.open(io.BytesIO(content)).Root.Lang) == "en"
    text = text_of(content)
    assert "took part online in Seminar in Pisa" in text
    assert "Thursday 20 June 2024, from 9:00 to 13:00" in text
    assert "Leopolda" not in text
    assert f"testserver/en/verify/{certificate.shown_code}/" in text


def test_who_stayed_to_the_end_reads_so(seminar):
    certificate = make_certificate(seminar)
    certificate.minutes = 240
    assert "4 ore, dall’inizio alla fine" in text_of(render(certificate))


def test_qr_leads_to_the_page_that_checks_it(seminar, tmp_path):
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm (poppler-utils) is not installed")
    certificate = make_certificate(seminar)
    drawn = ["pdftoppm", "-r", "150", "-png", "-singlefile", "-", str(tmp_path / "page")]
    subprocess.run(drawn, input=render(certificate), capture_output=True, check=True)
    [code] = zxingcpp.read_barcodes(Image.open(tmp_path / "page.png"))
    assert code.text == f"http://testserver/verifica/{certificate.shown_code}/"


def test_same_row_gives_the_same_bytes(seminar):
    certificate = make_certificate(seminar)
    assert render(certificate) == render(Certificate.objects.get(pk=certificate.pk))


@pytest.mark.parametrize(
    "name", ["Anna", "Łucja Žižková ň ș", "D’Angelo", "Μαρία", "Олена", "A" * 160, "Maria " * 26, '#[*_"\\$ <b>']
)
def test_any_name_is_printed_as_it_is_on_one_page(seminar, name):
    content = render(make_certificate(seminar, name=name.strip()))
    assert len(pikepdf.open(io.BytesIO(content)).pages) == 1
    shown = "".join(text_of(content).replace("\u200b", "").split())
    assert "".join(name.split()) in shown


def test_name_that_no_font_can_show_still_gives_a_certificate(seminar):
    pdf = pikepdf.open(io.BytesIO(render(make_certificate(seminar, name="陳大文"))))
    assert len(pdf.pages) == 1


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 minuti"), (1, "1 minuto"), (60, "1 ora"), (61, "1 ora e 1 minuto"), (230, "3 ore e 50 minuti")],
)
def test_minutes_are_told_in_hours(minutes, words):
    assert in_hours(minutes) == words
