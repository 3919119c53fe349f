"""Everything that is held about a registration comes along, and no kind of row is forgotten."""

import json
from datetime import datetime

import pytest
from django.utils import timezone

from registrations.models import Correction, Group, Handover, MonitoringRecord, Needs, Registration
from registrations.services import handing_over, own_data, signup
from tests.make import make_certificate, make_consent, make_event, make_registration, make_scan

pytestmark = pytest.mark.django_db


def told(registration):
    """As it travels."""
    return json.loads(json.dumps(own_data.everything(Registration.objects.get(pk=registration.pk))))


def test_no_model_about_a_registration_is_forgotten():
    related = {relation.get_accessor_name() for relation in Registration._meta.related_objects}
    assert related == set(own_data.RELATED), (
        "tell the new rows in services.own_data, and empty them in services.erasing"
    )


def test_every_column_is_told_or_known_not_to_be():
    row = own_data.everything(make_registration(make_event()))["registration"]
    columns = {field.name for field in Registration._meta.concrete_fields}
    assert columns - set(row) == {"id", "event", "token", "group", "answers"}


def test_everything_that_is_held_is_told():
    event = make_event()
    event.questions.create(key="bus", kind="text", label="Vieni in pullman?", order=1)
    anna = make_registration(
        event, first_name="Anna", email="anna@example.org", organisation="CNA", answers={"bus": "sì"},
        group=Group.objects.create(event=event, number=2), entered_at=timezone.now(), minutes=12,
    )  # fmt: skip
    make_consent(anna, "photos", text="Foto sì.")
    Correction.objects.create(scan=make_scan(anna), kind="settled", reason="Guardato")
    make_certificate(anna, minutes=12)
    Needs.objects.create(registration=anna, dietary="senza glutine")
    MonitoringRecord.objects.create(
        registration=anna, profile="full", values={"age": "30"}, sensitive='{"health": "x"}'
    )
    event.invitations.create(email="anna@example.org", registration=anna)
    Handover.objects.create(registration=anna, first_name="Bruna", email="b@example.org")
    signup.resend(registration=anna)
    data = told(anna)
    assert data["format"] == "convivio.registration.1"
    assert data["registration"]["email"] == "anna@example.org"
    assert data["registration"]["minutes"] == 12
    assert data["answers"] == [{"key": "bus", "question": "Vieni in pullman?", "answer": "sì"}]
    assert data["group"]["number"] == 2
    assert [(one["purpose"], one["act"], one["text"]) for one in data["consents"]] == [("photos", "given", "Foto sì.")]
    assert [one["direction"] for one in data["scans"]] == ["in"]
    assert [(one["kind"], one["reason"]) for one in data["scans"][0]["corrections"]] == [("settled", "Guardato")]
    assert [one["minutes"] for one in data["certificates"]] == [12]
    assert data["needs"]["dietary"] == "senza glutine"
    assert data["monitoring"]["values"] == {"age": "30"}
    assert data["monitoring"]["sensitive"] == {"health": "x"}
    assert [one["email"] for one in data["invitations"]] == ["anna@example.org"]
    assert [one["email"] for one in data["handovers"]] == ["b@example.org"]
    assert [(one["kind"], one["state"]) for one in data["mails"]] == [("registrations.ticket", "pending")]
    assert anna.token not in json.dumps(data)
    for moment in (data["made_at"], data["registration"]["created_at"], data["scans"][0]["at"]):
        assert datetime.fromisoformat(moment).tzinfo


def test_place_taken_over_says_from_whom():
    anna = make_registration(make_event(), first_name="Anna", last_name="Verdi")
    offer = handing_over.offer(registration=anna, first_name="Bruna", email="b@example.org")
    bruna = handing_over.accept(handover=offer, first_name="Bruna", consents={"privacy": True})
    assert told(bruna)["received_by"]["from"] == "Anna Verdi"
    assert told(make_registration(anna.event))["received_by"] is None
