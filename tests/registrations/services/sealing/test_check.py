"""Whatever is changed below a register shows: in the facts, in the files, in the row of the register itself."""

import hashlib
import io
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import JSONField, Value
from django.utils import timezone

from registrations.models import Correction, Scan, Seal
from registrations.services import RegistrationError, evidence, sealing
from tests.make import make_event, make_registration, make_scan
from tests.registrations.sealed import PDF, behind_our_back, book, bytes_of, came, change_minutes, make_more


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


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("people", [0, 2, 7])
def test_the_number_of_people_in_the_row_is_that_of_the_file(event, cast, number, people):
    came(event, by=cast.piero)
    first = sealing.seal(event=event, by=cast.piero)
    second = sealing.seal(event=make_more(make_more(event)), by=cast.piero)
    assert (first.people, second.people) == (1, 3)
    assert sealing.check(event) == []
    event.seals.filter(number=number).update(people=people)
    found = sealing.check(event)
    assert found == [sealing.Finding(number, "people")]
    assert "numero di persone" in sealing.in_words(found[0])


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("kind", ["scan", "correction", "evidence", "withdrawn", "more"])
def test_a_register_that_claims_what_is_written_later_is_found_at_once(event, cast, number, kind):
    """Before any fact comes that it would claim: then it would look as if somebody had put the fact there."""
    came(event, by=cast.piero)
    file = evidence.keep(event=event, kind="signatures", name="firme.pdf", content=PDF, by=None).evidence
    evidence.withdraw(evidence=file, by=None, reason="Era di un altro evento")
    sealing.seal(event=event, by=cast.piero)
    make_scan(make_registration(make_event(event.programme)))  # leaves a gap between the numbers
    Correction.objects.create(scan=make_scan(make_registration(make_event(event.programme))), kind="settled")
    sealing.seal(event=make_more(event), by=cast.piero)
    assert sealing.check(event) == []
    row = event.seals.get(number=number)
    changed = {"withdrawn": [file.pk, file.pk + 1]} if kind == "withdrawn" else {kind: row.until.get(kind, 0) + 1}
    event.seals.filter(pk=row.pk).update(until=row.until | changed)
    assert sealing.check(event) == [sealing.Finding(number, "until")]
    with pytest.raises(RegistrationError) as refusal:
        sealing.seal(event=make_more(event), by=cast.piero)
    assert refusal.value.code == "changed"
    assert event.seals.count() == 2
