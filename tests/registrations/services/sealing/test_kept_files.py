"""Files that were brought are looked for on the disk, and files on the disk among the rows."""

from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from registrations.models import Evidence
from registrations.services import evidence, kept_files, sealing
from tests.registrations.sealed import behind_our_back, came

PDF = b"%PDF-1.7\nfirme\n%%EOF\n"


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
