"""The sealed register on paper: nothing is cut, headings stand on each page, and few people are few pages."""

from datetime import timedelta

from registrations.models import Correction
from registrations.services import sealing
from tests.make import make_device, make_registration, make_scan
from tests.registrations.documents.reading import pages_of
from tests.registrations.sealed import bytes_of


def sealed_pages(event, cast):
    return pages_of(bytes_of(sealing.seal(event=event, by=cast.piero), "pdf"))


def test_a_row_taller_than_a_page_is_whole(agenda, cast):
    person = make_registration(
        agenda, last_name="Lunga" * 16, organisation="Ente " * 30, is_extra=True, extra_because="perché " * 28
    )
    make_scan(person, at=agenda.starts_at)
    for number in range(4):
        scan = make_scan(person, at=agenda.starts_at + timedelta(minutes=number + 1))
        reason = f"{'qualcosa ' * 21}fine{number}"
        Correction.objects.create(scan=scan, kind="annulled", by=cast.piero, reason=reason)
    pages = sealed_pages(agenda, cast)
    told = " ".join(pages).partition("Che cosa è stato deciso")[0]
    assert told.count("perché") == 28
    assert told.count("Ente") == 30
    assert all(f"fine{number}" in told for number in range(4))


def test_headings_of_who_was_there_stand_on_each_of_their_pages(agenda, cast):
    for number in range(60):
        make_scan(make_registration(agenda, last_name=f"Presente{number:02}"), at=agenda.starts_at)
    pages = sealed_pages(agenda, cast)
    with_people = [page for page in pages if "Presente" in page.partition("Che cosa è stato deciso")[0]]
    assert len(with_people) >= 2
    assert all("Ammissione Entrate e uscite" in page for page in with_people)
    assert len(pages) <= 6


def test_title_and_note_of_a_table_stand_on_its_page(agenda, cast):
    """However many rows come before it."""
    make_device(agenda, name="Porta nord", created_by=cast.carla)
    agenda.evidence.create(kind="signatures", name="firme.pdf", size=3, sha256="a" * 64, added_by=cast.piero)
    for number in range(9):
        make_scan(make_registration(agenda, last_name=f"Presente{number}"), at=agenda.starts_at)
        person = make_registration(agenda)
        make_scan(person, at=agenda.starts_at, status="refused", reason="waiting")
        if number < 4:
            continue
        pages = sealed_pages(agenda, cast)
        page = next(page for page in pages if "Telefoni all’ingresso" in page)
        assert "Porta nord" in page
        page = next(page for page in pages if "di chi sono le firme" in page)
        assert "firme.pdf" in page
