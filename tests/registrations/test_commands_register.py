"""`check_register`: what a script learns about sealed registers."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from registrations.models import Scan
from registrations.services import evidence, sealing
from tests.make import make_event, make_registration, make_scan

pytestmark = pytest.mark.django_db


def said(capsys, slug, **options):
    call_command("check_register", slug, **options)
    return capsys.readouterr().out


@pytest.fixture
def sealed(programme):
    """An event with two registers."""
    event = make_event(programme, starts_at=timezone.now() - timedelta(hours=5))
    for _ in range(2):
        make_scan(make_registration(event))
        sealing.seal(event=event, by=None)
    return event


def test_it_tells_what_holds_and_what_was_changed(programme, capsys):
    event = make_event(starts_at=timezone.now() - timedelta(hours=5))
    make_scan(make_registration(event), note="Porta laterale")
    assert said(capsys, event.slug) == f"No register of {event.slug} is sealed yet.\n"
    kept = sealing.seal(event=event, by=None)
    assert kept.head in said(capsys, event.slug)
    Scan.objects.update(note="altro")
    with pytest.raises(CommandError, match=r"Register no. 1: link 1 was changed \(Why\)"):
        call_command("check_register", event.slug)


def test_an_event_that_is_not_there_is_refused(db):
    with pytest.raises(CommandError, match="no event"):
        call_command("check_register", "niente")


def test_what_somebody_kept_elsewhere_tells_of_a_register_that_was_removed(sealed, capsys):
    last = sealed.seals.last()
    kept = [last.head.upper(), last.xlsx_sha256, last.pdf_sha256]
    assert last.head in said(capsys, sealed.slug, head=kept, number=2)
    last.delete()
    assert "Nothing has changed since register no. 1" in said(capsys, sealed.slug)
    for one in kept:
        with pytest.raises(CommandError, match=f"No register has {one.lower()}"):
            call_command("check_register", sealed.slug, head=[one])
    with pytest.raises(CommandError, match="The last register is no. 1: no. 2 to no. 3 are missing"):
        call_command("check_register", sealed.slug, number=3)


def test_what_is_no_fingerprint_is_said(sealed):
    with pytest.raises(CommandError, match="neither a head nor a SHA-256"):
        call_command("check_register", sealed.slug, "--head", "abc", "--head", sealed.seals.last().head)


def test_a_file_that_was_brought_and_is_gone_is_a_difference(sealed, capsys):
    row = evidence.keep(event=sealed, kind="log", name="Anna Verdi.csv", content=b"a,b", by=None).evidence
    assert "Nothing has changed" in said(capsys, sealed.slug)
    row.file.storage.delete(row.file.name)
    with pytest.raises(CommandError, match=rf"File no. {row.pk} \({row.file.name}\) is missing") as refusal:
        call_command("check_register", sealed.slug)
    assert "Verdi" not in str(refusal.value)


def test_a_file_that_no_row_names_is_told_and_is_no_difference(sealed, capsys):
    last = sealed.seals.last()
    last.delete()
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        call_command("check_register", sealed.slug)
    read = capsys.readouterr()
    assert "Nothing has changed" in read.out
    assert [name in read.err for name in (last.xlsx.name, last.pdf.name)] == [True, True]
    assert len(read.err.splitlines()) == 2
