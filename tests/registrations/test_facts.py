"""Facts about presence stay as they came: the database itself refuses to change them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import ProtectedError
from django.utils import timezone

from events.models import Event
from registrations.models import Correction, Evidence, Scan, Seal
from tests.make import make_registration, make_running_event, make_scan

BEFORE, AFTER = [("registrations", "0006_the_ledger_is_kept")], [("registrations", "0009_facts_are_kept")]
NINE = datetime(2024, 5, 14, 9, tzinfo=UTC)


@pytest.fixture
def anna(programme):
    return make_registration(make_running_event())


@pytest.mark.parametrize(
    "change",
    [
        {"at": timezone.now() - timedelta(hours=1)},
        {"received_at": timezone.now()},
        {"device_at": timezone.now()},
        {"clock_offset": 5},
        {"direction": "out"},
        {"status": "refused"},
        {"reason": "closed"},
        {"mode": "online"},
        {"source": "hand", "note": "Perché"},
        {"nonce": "another"},
        {"is_forced": True},
        {"code": "ABC"},
    ],
)
@pytest.mark.django_db
def test_fact_is_not_changed(anna, change):
    scan = make_scan(anna)
    before = Scan.objects.filter(pk=scan.pk).values().get()
    with pytest.raises(IntegrityError, match="scan_is_never_changed"), transaction.atomic():
        Scan.objects.filter(pk=scan.pk).update(**change)
    assert Scan.objects.filter(pk=scan.pk).values().get() == before


@pytest.mark.parametrize("change", [{"kind": "settled"}, {"at": NINE}, {"received_at": NINE}])
@pytest.mark.django_db
def test_correction_is_not_changed(anna, change):
    correction = make_scan(anna).corrections.create(kind=Correction.Kind.ANNULLED)
    with pytest.raises(IntegrityError, match="correction_is_never_changed"), transaction.atomic():
        Correction.objects.filter(pk=correction.pk).update(**change)


REPLACING = {
    "sqlite": "REPLACE INTO registrations_scan SELECT * FROM registrations_scan WHERE id = %s",
    "postgresql": "INSERT INTO registrations_scan SELECT * FROM registrations_scan WHERE id = %s "
    "ON CONFLICT (id) DO UPDATE SET at = now()",
}


@pytest.mark.django_db
def test_fact_is_not_replaced(anna):
    scan = make_scan(anna)
    with (
        pytest.raises(IntegrityError, match="scan_is_never_changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(REPLACING[connection.vendor], [scan.pk])


@pytest.mark.django_db
def test_fact_is_taken_back_once(anna):
    scan = make_scan(anna)
    scan.corrections.create(kind=Correction.Kind.ANNULLED)
    with pytest.raises(IntegrityError), transaction.atomic():
        scan.corrections.create(kind=Correction.Kind.ANNULLED)
    assert not Scan.objects.sightings().exists()


@pytest.fixture
def now():
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield
    MigrationExecutor(connection).migrate(leaves)


def at(targets):
    MigrationExecutor(connection).migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.mark.django_db(transaction=True)
def test_scans_taken_back_before_become_corrections_and_can_be_again(now, programme):
    anna = make_registration(make_running_event())
    Scans = at(BEFORE).get_model("registrations", "Scan")
    values = {"event_id": anna.event_id, "registration_id": anna.pk, "direction": "in", "status": "ok", "at": NINE}
    Scans.objects.create(**values, nonce="back", annulled_at=NINE, note="Persona sbagliata")
    Scans.objects.create(**values, nonce="kept")

    later = at(AFTER)
    correction = later.get_model("registrations", "Correction").objects.get()
    assert (correction.scan.nonce, correction.kind, correction.reason) == ("back", "annulled", "Persona sbagliata")
    assert later.get_model("registrations", "Scan").objects.count() == 2

    rows = at(BEFORE).get_model("registrations", "Scan").objects.order_by("nonce").values_list("nonce", "annulled_at")
    assert list(rows) == [("back", NINE), ("kept", None)]


def a_person(event):
    make_scan(make_registration(event))


def a_code_of_nobody(event):
    Scan.objects.create(event=event, nonce="n", at=event.starts_at, code="ZZZZ-9999", status="review", reason="unknown")


def a_file(event):
    event.evidence.create(kind="signatures", name="firme.pdf", size=3, sha256="a" * 64)


def a_register(event):
    event.seals.create(number=1, facts=1, head="b" * 64)


@pytest.mark.parametrize("what", [a_person, a_code_of_nobody, a_file, a_register])
@pytest.mark.django_db
def test_an_event_with_evidence_is_never_deleted(programme, what):
    event = make_running_event()
    what(event)
    before = Scan.objects.count(), Evidence.objects.count(), Seal.objects.count()
    with pytest.raises(ProtectedError), transaction.atomic():
        event.delete()
    assert Event.objects.filter(pk=event.pk).exists()
    assert (Scan.objects.count(), Evidence.objects.count(), Seal.objects.count()) == before
