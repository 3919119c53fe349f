"""Erasure: at once for who was never there, decided by the staff for who was, and nothing left where it says so."""

from datetime import timedelta

import pytest
from django.core import serializers
from django.db import transaction
from django.utils import timezone

from mail.models import Delivery, Feedback, Message
from mail.services import feedback
from registrations import tasks
from registrations.models import Correction, Handover, Invitation, MonitoringRecord, Needs, Registration
from registrations.services import (
    RegistrationError,
    correspondence,
    erasing,
    handing_over,
    lost_links,
    places,
    sealing,
    signup,
    together,
)
from tests.make import make_certificate, make_consent, make_event, make_registration, make_running_event, make_scan

pytestmark = pytest.mark.django_db
State = Registration.State
SECRETS = ["Annamaria", "Verdissimi", "annamaria@example.org", "Rossi Impianti", "vegetariana", "carrozzina"]


def fill(event, **over):
    """Somebody about whom we hold something of everything."""
    values = {
        "first_name": "Annamaria", "last_name": "Verdissimi", "email": "annamaria@example.org",
        "organisation": "Rossi Impianti", "answers": {"q": "vegetariana"}, "registered_by": "Annamaria Verdissimi",
    } | over  # fmt: skip
    anna = make_registration(event, **values)
    make_consent(anna, "privacy")
    make_consent(anna, "photos")
    Needs.objects.create(registration=anna, dietary="vegetariana", access="carrozzina")
    MonitoringRecord.objects.create(registration=anna, profile="full", values={"note": "vegetariana"})
    event.invitations.create(email=anna.email, first_name="Annamaria", registration=anna)
    make_registration(event, registered_by="Annamaria Verdissimi")
    return anna


def left(mail):
    Delivery.objects.filter(pk=mail.pk).update(state="sent", sent_at=timezone.now())


def everything_written():
    """All rows as text, the encrypted columns as they read."""
    models = [Registration, Needs, MonitoringRecord, Invitation, Handover, Message, Delivery, Feedback]
    return "".join(serializers.serialize("json", model.objects.all()) for model in models)


def test_who_was_never_there_is_erased_at_once_and_the_place_goes_on():
    event = make_event(in_person_capacity=2)
    anna = fill(event)
    waiting = make_registration(event, state=State.WAITING, queued_at=timezone.now())
    signup.resend(registration=anna)
    left(Delivery.objects.get())
    lost_links.ask(email=anna.email)
    lost_links.answer_owed()
    feedback.record(delivery=Delivery.objects.first(), kind="arrived", source="mailbox")

    erasing.ask(registration=anna)
    anna.refresh_from_db()
    waiting.refresh_from_db()
    assert anna.state == State.CANCELLED
    assert anna.erased_at
    assert str(anna) == "dati cancellati"
    assert waiting.state != State.WAITING
    assert places.miscounted(event) == {}
    assert [(one.purpose, one.act) for one in anna.consents.all()] == [
        ("privacy", "given"), ("photos", "given"), ("photos", "withdrawn")
    ]  # fmt: skip
    last = Delivery.objects.get(email="annamaria@example.org")
    assert last.message.kind == "registrations.erased"
    assert last.state == Delivery.State.PENDING
    left(last)
    erasing.finish()
    erasing.finish()
    kept = everything_written()
    assert [secret for secret in SECRETS if secret in kept] == []


def test_erasing_twice_is_once():
    anna = fill(make_event())
    erasing.ask(registration=anna)
    before = everything_written()
    erasing.ask(registration=anna)
    erasing.grant(registration=anna)
    assert everything_written() == before
    assert Delivery.objects.filter(message__kind="registrations.erased").count() == 1


def test_erasure_that_is_cut_off_has_changed_nothing(monkeypatch):
    event = make_event()
    anna = fill(event)
    before = everything_written()

    def die(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(erasing, "_empty", die)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            erasing.ask(registration=anna)
    assert everything_written() == before
    assert not Delivery.objects.exists()
    erasing.ask(registration=anna)
    assert places.miscounted(event) == {}


def test_last_mail_takes_the_appointment_out_of_the_calendar():
    anna = fill(make_event())
    signup.resend(registration=anna)
    left(Delivery.objects.get())
    erasing.ask(registration=anna)
    last = Delivery.objects.get(message__kind="registrations.erased")
    assert any(one["type"].endswith("CANCEL") for one in last.message.attachments)
    cancelled = Delivery.objects.filter(message__kind="registrations.cancelled")
    assert {one.state for one in cancelled} <= {Delivery.State.EXCLUDED}


def test_who_did_not_come_is_erased_after_the_event_and_stays_a_number():
    now = timezone.now()
    event = make_event(starts_at=now - timedelta(days=2))
    anna = fill(event)
    erasing.ask(registration=anna)
    anna.refresh_from_db()
    assert (anna.state, anna.email, anna.first_name) == (State.CONFIRMED, "", "")
    assert places.miscounted(event) == {}


def test_who_was_present_waits_for_the_staff_and_nothing_goes_meanwhile():
    anna = fill(make_running_event(), entered_at=timezone.now(), minutes=30)
    for _ in range(2):
        erasing.ask(registration=anna)
    anna.refresh_from_db()
    assert anna.is_erasure_open
    assert anna.email == "annamaria@example.org"
    assert anna.erasure_due_at - anna.erasure_asked_at == timedelta(days=30)
    assert list(Registration.objects.erasure_open()) == [anna]
    assert Needs.objects.exists()


def test_granted_erasure_keeps_the_evidence_and_removes_the_rest():
    event = make_running_event()
    anna = fill(event, entered_at=timezone.now(), minutes=240)
    make_scan(anna, note="Annamaria Verdissimi cercava la sala")
    certificate = make_certificate(anna, minutes=240)
    erasing.ask(registration=anna)
    erasing.grant(registration=anna)
    anna.refresh_from_db()
    certificate.refresh_from_db()
    assert (anna.name, anna.minutes, anna.state) == ("Annamaria Verdissimi", 240, State.CONFIRMED)
    assert (anna.email, anna.organisation, anna.answers) == ("", "", {})
    assert certificate.is_valid
    assert anna.scans.get().note == "Annamaria Verdissimi cercava la sala"
    assert MonitoringRecord.objects.exists()
    assert not Needs.objects.exists()
    assert not Invitation.objects.exists()
    left(Delivery.objects.get(message__kind="registrations.erased"))
    tasks.forget()
    assert not Delivery.objects.exclude(email="").exists()


def test_notes_about_who_was_never_present_go_those_in_a_register_stay():
    event = make_running_event()
    anna = fill(event)
    make_scan(anna, status="refused", reason="waiting", note="Annamaria insiste")
    by_hand = make_scan(anna, source="hand", note="Annamaria c’era")
    Correction.objects.create(scan=by_hand, kind="annulled", reason="Non c’era")
    bruna = make_registration(event)
    make_scan(bruna, status="refused", reason="waiting", note="Bruna insiste")
    erasing.ask(registration=anna)
    assert sorted(anna.scans.values_list("note", flat=True)) == ["", "–"]
    sealing.seal(event=event, by=None)
    erasing.ask(registration=bruna)
    bruna.refresh_from_db()
    assert bruna.erased_at
    assert bruna.scans.get().note == "Bruna insiste"
    assert sealing.check(event) == []


def test_refusal_is_mailed_with_its_reason_and_she_may_ask_again():
    anna = fill(make_running_event(), entered_at=timezone.now())
    erasing.ask(registration=anna)
    erasing.refuse(registration=anna, reason="Un reclamo è aperto.")
    anna.refresh_from_db()
    assert not anna.is_erasure_open
    assert anna.email == "annamaria@example.org"
    mail = Delivery.objects.get()
    assert (mail.message.kind, mail.email) == ("registrations.erasure_refused", anna.email)
    assert "Un reclamo è aperto." in mail.message.text
    erasing.ask(registration=anna)
    anna.refresh_from_db()
    assert anna.is_erasure_open
    assert anna.erasure_refused_because == ""


@pytest.mark.parametrize(("reason", "code"), [(" ", "reason_required"), ("Perché sì.", "not_asked")])
def test_refusal_without_reason_or_request_changes_nothing(reason, code):
    anna = fill(make_running_event(), entered_at=timezone.now())
    if code == "reason_required":
        erasing.ask(registration=anna)
    before = everything_written()
    with pytest.raises(RegistrationError) as raised:
        erasing.refuse(registration=anna, reason=reason)
    assert raised.value.code == code
    assert everything_written() == before


def test_names_in_offers_of_the_place_go_with_whoever_is_erased():
    event = make_event()
    anna = fill(event)
    offer = handing_over.offer(registration=anna, first_name="Brunilde", email="brunilde@example.org")
    erasing.ask(registration=anna)
    offer.refresh_from_db()
    assert (offer.email, offer.name, offer.is_open) == ("", "", False)
    assert "brunilde" not in everything_written().lower()


def test_colleague_who_took_over_takes_the_offer_to_her_along():
    event = make_event()
    offer = handing_over.offer(registration=make_registration(event), first_name="Brunilde", email="bru@example.org")
    bruna = handing_over.accept(handover=offer, first_name="Brunilde", consents={"privacy": True})
    for mail in Delivery.objects.all():
        left(mail)
    erasing.ask(registration=bruna)
    left(Delivery.objects.get(message__kind="registrations.erased"))
    erasing.finish()
    written = everything_written()
    assert "bru@example.org" not in written
    handed_over = Delivery.objects.get(message__kind="registrations.handed_over")
    assert "Brunilde" in handed_over.message.text, "the other one's mail is hers"


def test_mails_about_somebody_else_stay():
    event = make_event()
    anna = fill(event, pk=1)
    others = [make_registration(event, pk=pk) for pk in (11, 12, 100)]
    for one in [anna, *others]:
        signup.resend(registration=one)
        assert correspondence.mails_about(one).count() == 1
    erasing.ask(registration=anna)
    assert Delivery.objects.filter(state="pending", message__kind="registrations.ticket").count() == 3


def test_colleagues_of_whoever_erased_her_data_still_agree_for_themselves():
    event = make_event()
    registrar = make_registration(event, first_name="Maria", last_name="Bianchi")
    person = together.Person("Bea", "", "bea@example.org")
    together.register_all(
        event=event, people=[person], mode="online", organisation="Azienda", registered_by="Maria Bianchi"
    )
    erasing.ask(registration=registrar)
    colleague = event.registrations.get(email="bea@example.org")
    assert colleague.registered_by == ""
    with pytest.raises(RegistrationError) as refusal:
        signup.confirm(registration=colleague)
    assert refusal.value.code == "consent_required"
    colleague.refresh_from_db()
    assert colleague.state == "pending"
