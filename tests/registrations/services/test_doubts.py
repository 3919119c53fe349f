"""What happened at the door in one sentence, with the person's story and what can be done about it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from registrations.models import Registration, Scan
from registrations.services.doubts import doubts_of
from tests.make import make_device, make_event, make_registration, make_scan

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 5, 12, 9, 0, tzinfo=ZoneInfo("Europe/Rome"))
FORCED = {"is_forced": True, "at": NINE + timedelta(minutes=2)}


@pytest.fixture
def event(programme):
    return make_event(programme, starts_at=NINE, ends_at=NINE + timedelta(hours=4))


@pytest.fixture
def anna(event):
    return make_registration(event, first_name="Anna", last_name="Verdi")


@pytest.fixture
def doors(event):
    return [make_device(event, name=name)[0] for name in ("Ingresso", "Laterale")]


def doubts():
    scans = Scan.objects.to_look_at().with_annulments().select_related("event", "device", "registration")
    return doubts_of(list(scans.order_by("at", "pk")))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (
            20,
            "Anna Verdi: due entrate entro un minuto da due porte: Ingresso 12 maggio, 9:02; Laterale 12 maggio, 9:02",
        ),
        (600, "Anna Verdi: due entrate da due porte: Ingresso 12 maggio, 9:02; Laterale 12 maggio, 9:12"),
    ],
)
def test_one_ticket_at_two_doors(anna, doors, seconds, words):
    make_scan(anna, at=FORCED["at"], device=doors[0])
    later = FORCED["at"] + timedelta(seconds=seconds)
    make_scan(anna, **FORCED | {"at": later}, device=doors[1], reason="already_in")
    (doubt,) = doubts()
    assert (doubt.words, len(doubt.story)) == (words, 2)
    assert (doubt.is_sighting, doubt.is_somebodys, doubt.lacks_registration) == (True, False, False)


@pytest.mark.parametrize("reason", [reason for reason in Scan.Reason.values if reason])
def test_every_reason_has_a_sentence_with_its_door_and_its_time(anna, doors, reason):
    make_scan(anna, **FORCED, reason=reason, device=doors[0])
    (doubt,) = doubts()
    assert "Ingresso" in doubt.words
    assert "9:02" in doubt.words


def test_who_was_let_in_without_a_registration_can_be_registered(event, doors):
    gone = make_registration(event, state=Registration.State.CANCELLED, cancelled_at=NINE)
    make_scan(gone, **FORCED, reason="cancelled", device=doors[0])
    assert [doubt.lacks_registration for doubt in doubts()] == [True]


def test_what_names_nobody_or_comes_from_a_revoked_phone_waits_for_a_name(event, anna):
    values = {"direction": "in", "at": NINE, "status": "review"}
    Scan.objects.create(event=event, nonce="u", reason="unknown", **values)
    make_scan(anna, status="review", reason="revoked", at=NINE)
    make_scan(anna, status="review", reason="closed", at=NINE, is_forced=True)
    found = {doubt.scan.reason: (doubt.is_sighting, doubt.is_somebodys) for doubt in doubts()}
    assert found == {"unknown": (False, True), "revoked": (False, True), "closed": (False, False)}


@pytest.mark.parametrize("number", [1, 3])
def test_a_page_of_them_asks_a_fixed_number_of_queries(event, doors, number, django_assert_num_queries):
    for _ in range(number):
        make_scan(make_registration(event), **FORCED, reason="already_in", device=doors[0])
    with django_assert_num_queries(2):
        assert len([doubt.words for doubt in doubts()]) == number
