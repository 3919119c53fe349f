"""Files that were brought are looked for on the disk, and files on the disk among the rows."""

from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from registrations.models import Evidence
from registrations.services import RegistrationError, evidence, kept_files, sealing
from tests.registrations.sealed import PDF, behind_our_back, came


def bring(event, content=PDF, kind="signatures"):
    return evidence.keep(event=event, kind=kind, name="firme.pdf", content=content, by=None).evidence


def later():
    return time_machine.travel(timezone.now() + kept_files.BEING_KEPT * 2)


def test_a_file_that_is_gone_or_was_changed_is_found(event, other_event):
    whole, gone, changed = bring(event), bring(event, PDF + PDF), bring(event, PDF + b" ")
    bring(other_event)
    assert kept_files.changed(event) == []
    Path(gone.file.path).unlink()
    Path(changed.file.path).write_bytes(PDF)
    assert kept_files.changed(event) == [gone, changed]
    Path(whole.file.path).write_bytes(b"")
    assert kept_files.changed(event) == [whole, gone, changed]
    assert kept_files.changed(other_event) == []


def test_a_withdrawn_file_is_still_looked_for(event):
    row = bring(event)
    evidence.withdraw(evidence=row, by=None, reason="Era di un altro evento")
    Path(row.file.path).unlink()
    assert kept_files.changed(event) == [row]


@pytest.mark.parametrize("path", ["", "evidence", "evidence/none.pdf", "../../etc/passwd", "/etc/passwd"])
def test_a_path_that_leads_elsewhere_is_found_and_gives_out_nothing(event, path):
    row = bring(event)
    Evidence.objects.filter(pk=row.pk).update(file=path)
    row.refresh_from_db()
    assert kept_files.changed(event) == [row]
    with pytest.raises(kept_files.BrokenFileError) as refusal:
        kept_files.content(row.file, row.sha256)
    assert refusal.value.code == "missing_file"


def test_only_the_bytes_that_were_kept_are_given_out_and_the_log_names_nobody(event, caplog):
    row, other = bring(event), bring(event, PDF + PDF)
    assert kept_files.content(row.file, row.sha256) == PDF
    assert caplog.text == ""
    Evidence.objects.filter(pk=row.pk).update(file=other.file.name, name="Anna Verdi.pdf")
    row.refresh_from_db()
    with pytest.raises(kept_files.BrokenFileError) as refusal:
        kept_files.content(row.file, row.sha256)
    assert refusal.value.code == "changed_file"
    assert f"registrations.Evidence no. {row.pk}" in caplog.text
    assert "Verdi" not in caplog.text


def break_file(row, how):
    path = Path(row.file.path)
    path.unlink() if how == "gone" else path.write_bytes(PDF.replace(b"firme", b"altro"))


@pytest.mark.parametrize("how", ["gone", "changed"])
def test_the_check_names_every_file_and_no_register_is_sealed_upon_it(event, cast, how):
    came(event)
    whole, broken, new = bring(event), bring(event, PDF + PDF), None
    sealing.seal(event=event, by=cast.piero)
    assert sealing.check(event) == []
    break_file(broken, how)
    came(event)
    new = bring(event, b"a,b", kind="log")
    Path(new.file.path).unlink()
    assert sealing.check(event) == [sealing.Finding(0, "file", file=one) for one in (broken, new)]
    assert broken.sha256[:12] in sealing.in_words(sealing.check(event)[0])
    with pytest.raises(RegistrationError) as refusal:
        sealing.seal(event=event, by=cast.piero)
    assert refusal.value.code == "changed"
    assert f"“{broken.name}”, “{new.name}”" in str(refusal.value)
    assert event.seals.count() == 1
    assert whole.name


def test_who_has_lost_a_file_withdraws_it_and_seals_again_and_the_check_still_tells(event, cast):
    came(event)
    row = bring(event)
    sealing.seal(event=event, by=cast.piero)
    Path(row.file.path).unlink()
    evidence.withdraw(evidence=row, by=cast.piero, reason="Il file è andato perduto")
    assert bring(event).pk != row.pk
    assert sealing.seal(event=event, by=cast.piero).number == 2
    assert [one.file for one in sealing.check(event)] == [row]


def test_a_file_that_comes_back_is_as_before(event, cast):
    came(event)
    row = bring(event)
    sealing.seal(event=event, by=cast.piero)
    Path(row.file.path).unlink()
    assert sealing.check(event)
    Path(row.file.path).write_bytes(PDF)
    assert sealing.check(event) == []


def test_files_that_a_row_of_any_event_names_are_no_orphans(event, other_event, cast):
    assert kept_files.orphans() == []
    bring(event)
    bring(other_event, kind="list")
    came(event)
    sealing.seal(event=event, by=cast.piero)
    with later():
        assert kept_files.orphans() == []


@pytest.mark.parametrize("rows", [1, 3])
def test_a_file_that_no_row_names_is_an_orphan_once_it_is_old_enough(event, rows, django_assert_num_queries):
    rows = [bring(event, PDF + bytes([number])) for number in range(rows)]
    names = sorted(one.file.name for one in rows)
    behind_our_back("DELETE FROM registrations_evidence")
    assert kept_files.orphans() == [], "it may be on its way"
    with later(), django_assert_num_queries(2):
        assert kept_files.orphans() == names
    assert not Evidence.objects.exists()
    assert all(Evidence.file.field.storage.exists(name) for name in names), "only told, never removed"
