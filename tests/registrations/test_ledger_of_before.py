"""The way from consents that were changed to a ledger, and back."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.make import make_event, make_registration

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = [("registrations", "0003_since_when_people_wait")]
LEDGER = [("registrations", "0006_the_ledger_is_kept")]
GIVEN, WITHDRAWN = datetime(2024, 3, 1, 9, tzinfo=UTC), datetime(2024, 3, 9, 9, tzinfo=UTC)
PHOTOS = "Sono d’accordo che foto e video in cui mi si può riconoscere vengano usati per raccontare il programma."


def at(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps.get_model("registrations", "Consent")


@pytest.fixture
def now():
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield
    MigrationExecutor(connection).migrate(leaves)


def test_rows_of_before_become_acts_and_can_become_rows_again(now, programme):
    event = make_event(programme)
    anna, ugo = make_registration(event), make_registration(event, is_walk_in=True)
    old = at(BEFORE)
    old.objects.create(registration_id=anna.pk, purpose="photos", text=PHOTOS, given_at=GIVEN, withdrawn_at=WITHDRAWN)
    old.objects.create(registration_id=ugo.pk, purpose="privacy", text="Letto.", given_at=GIVEN)

    ledger = at(LEDGER).objects
    names = ("registration_id", "purpose", "act", "at", "how", "version")
    assert list(ledger.order_by("pk").values_list(*names)) == [
        (anna.pk, "photos", "given", GIVEN, "earlier", "2024-01"),
        (ugo.pk, "privacy", "given", GIVEN, "door", ""),
        (anna.pk, "photos", "withdrawn", WITHDRAWN, "page", "2024-01"),
    ]
    assert all(len(sha256) == 64 for sha256 in ledger.values_list("sha256", flat=True))
    ledger.create(registration_id=anna.pk, purpose="photos", act="given", text="Nuovo.", at=WITHDRAWN)

    again = at(BEFORE).objects
    assert set(again.values_list("registration_id", "text", "given_at", "withdrawn_at")) == {
        (anna.pk, "Nuovo.", WITHDRAWN, None),
        (ugo.pk, "Letto.", GIVEN, None),
    }
