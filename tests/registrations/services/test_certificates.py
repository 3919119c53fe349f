"""Certificates: who gets one, once; the PDF; what is found again when a task is lost."""

import hashlib
import io
from datetime import timedelta

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from events.services import editing
from mail.models import Delivery
from registrations import tasks
from registrations.documents import certificate as document
from registrations.models import Certificate, Registration
from registrations.services import RegistrationError, certificates
from registrations.services.certificate_overview import overview
from tests.make import both, make_certificate, make_event, make_registration, make_venue
from tests.threads import all_at_once


@pytest.fixture
def seminar(pisa):
    """Over since two hours; 180 of its 240 minutes are needed."""
    end = timezone.now().replace(microsecond=0) - timedelta(hours=2)
    return make_event(slug="seminario-pisa", territory=pisa, starts_at=end - timedelta(hours=4), ends_at=end)


def attended(event, minutes=240, **over):
    return make_registration(event, minutes=minutes, entered_at=event.starts_at, **over)


def issued(event, **over):
    """The certificate of somebody who attended, with its PDF and its mail."""
    registration = attended(event, **over)
    certificates.issue(event=event)
    return certificates.make_pdf(certificate=registration.certificates.get())


def refused(code, call, **arguments):
    before = list(Certificate.objects.values()), Delivery.objects.count()
    with pytest.raises(RegistrationError) as refusal:
        call(**arguments)
    assert refusal.value.code == code
    assert (list(Certificate.objects.values()), Delivery.objects.count()) == before


def test_issue_is_for_those_who_reached_the_threshold(seminar):
    enough, _short = attended(seminar, 180, last_name=""), attended(seminar, 179)
    attended(seminar, 240, state="cancelled", cancelled_at=timezone.now())
    attended(seminar, 240, state="waiting", held_until=timezone.now())
    attended(seminar, 240, state="pending", held_until=timezone.now())
    assert [one.registration for one in certificates.issue(event=seminar)] == [enough]
    certificate = Certificate.objects.get()
    assert (certificate.name, certificate.minutes, certificate.pdf.name) == ("Anna", 180, "")
    assert len(certificate.code) == 16


def test_issue_again_makes_none_and_later_scans_make_the_missing_one(seminar):
    attended(seminar)
    late = attended(seminar, 100)
    certificates.issue(event=seminar)
    assert certificates.issue(event=seminar) == []
    Registration.objects.filter(pk=late.pk).update(minutes=200)
    assert [one.registration for one in certificates.issue(event=seminar)] == [late]


def test_issue_is_refused_before_the_end_after_a_cancellation_and_for_other_kinds(pisa, seminar):
    running = make_event(starts_at=timezone.now() - timedelta(hours=1))
    attended(running)
    refused("not_over", certificates.issue, event=running)
    cancelled = make_event(
        starts_at=seminar.starts_at, ends_at=seminar.ends_at, cancelled_at=timezone.now(), territory=pisa
    )
    attended(cancelled)
    refused("cancelled", certificates.issue, event=cancelled)
    final = make_event(kind="final", starts_at=seminar.starts_at, ends_at=seminar.ends_at)
    attended(final)
    refused("no_certificate", certificates.issue, event=final)


@pytest.mark.django_db(transaction=True)
def test_issuing_and_making_at_once_gives_one_certificate_and_one_mail(seminar):
    attended(seminar)
    outcomes = all_at_once(lambda n: len(certificates.issue(event=seminar)), 4)
    assert sorted(outcomes) == [0, 0, 0, 1]
    pk = Certificate.objects.get().pk
    all_at_once(lambda n: tasks.make_certificate(pk), 4)
    assert Certificate.objects.exclude(pdf="").count() == 1
    assert Delivery.objects.count() == 1


def test_nobody_can_have_two_valid_certificates(seminar):
    one = issued(seminar)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_certificate(one.registration)


def test_the_timetable_issues_an_hour_after_the_end(seminar):
    attended(seminar)
    assert certificates.issue_owed(now=seminar.ends_at + timedelta(minutes=59)) == 0
    assert certificates.issue_owed(now=seminar.ends_at + timedelta(minutes=61)) == 1
    assert certificates.issue_owed() == 0


def test_pdf_is_stored_with_its_fingerprint_and_its_mail_in_one(seminar):
    certificate = issued(seminar)
    content = certificate.pdf.open().read()
    assert certificate.sha256 == hashlib.sha256(content).hexdigest()
    delivery = Delivery.objects.get()
    assert delivery.key == f"registrations.certificate:{certificate.pk}:1"
    assert delivery.email == certificate.registration.email
    [attachment] = delivery.message.attachments
    assert attachment["name"] == f"attestato-seminario-pisa-{certificate.shown_code}.pdf"
    assert "attestato" in delivery.message.subject.lower()
    assert certificate.shown_code in delivery.message.text


def test_pdf_and_mail_are_made_once_however_often_the_task_runs(seminar):
    certificate = issued(seminar)
    for _ in range(2):
        tasks.make_certificate(certificate.pk)
    assert Delivery.objects.count() == 1
    assert Certificate.objects.get().pdf.name == certificate.pdf.name


def test_pdf_left_by_a_run_that_was_cut_off_is_replaced(seminar):
    attended(seminar)
    [certificate] = certificates.issue(event=seminar)
    name = f"certificates/seminario-pisa/{certificate.code}.pdf"
    storage = certificate.pdf.storage
    storage.save(name, io.BytesIO(b"half a"))
    assert certificates.make_pdf(certificate=certificate).pdf.name == name
    assert storage.open(name).read(5) == b"%PDF-"


def test_pdf_of_who_left_no_address_is_made_and_not_mailed(seminar):
    certificate = issued(seminar, email="")
    assert certificate.pdf
    assert not Delivery.objects.exists()
    refused("no_address", certificates.resend, certificate=certificate)


def test_lost_task_is_found_again_by_the_timetable(seminar, django_capture_on_commit_callbacks, monkeypatch):
    attended(seminar)
    [certificate] = certificates.issue(event=seminar)  # its task never runs
    asked = []
    monkeypatch.setattr(tasks.make_certificate, "delay", asked.append)
    with django_capture_on_commit_callbacks(execute=True):
        assert certificates.ring_for_forgotten() == 0
        assert certificates.ring_for_forgotten(now=timezone.now() + timedelta(minutes=6)) == 1
    assert asked == [certificate.pk]
    tasks.make_certificate(*asked)
    assert certificates.ring_for_forgotten(now=timezone.now() + timedelta(minutes=6)) == 0


def test_resend_mails_the_same_file_under_a_new_key(seminar):
    certificate = issued(seminar)
    certificates.resend(certificate=certificate)
    first, second = Delivery.objects.order_by("pk")
    assert second.key == f"registrations.certificate:{certificate.pk}:2"
    assert first.message.attachments == second.message.attachments


def test_resend_waits_for_the_pdf(seminar):
    attended(seminar)
    [certificate] = certificates.issue(event=seminar)
    refused("not_ready", certificates.resend, certificate=certificate)


def test_revoked_certificates_are_not_mailed_made_or_issued_again_by_themselves(seminar):
    attended(seminar)
    [certificate] = certificates.issue(event=seminar)
    certificates.revoke(certificate=certificate, reason="Badge letto per un’altra persona")
    assert not certificates.make_pdf(certificate=certificate).pdf
    assert certificates.issue(event=seminar) == []
    assert certificates.issue_owed() == 0
    refused("revoked", certificates.revoke, certificate=certificate, reason="ancora")
    refused("revoked", certificates.resend, certificate=certificate)


def test_revoke_needs_a_reason(seminar):
    refused("reason_required", certificates.revoke, certificate=issued(seminar), reason="  ")


def test_reissue_replaces_with_the_name_and_minutes_of_today(seminar):
    old = issued(seminar, minutes=200)
    Registration.objects.filter(pk=old.registration_id).update(minutes=230, first_name="Annalisa", last_name="Verdi")
    new = certificates.reissue(registration=old.registration, reason="Minuti corretti")
    old.refresh_from_db()
    assert (old.is_valid, old.revoked_because) == (False, "Minuti corretti")
    assert (new.is_valid, new.minutes, new.name) == (True, 230, "Annalisa Verdi")
    assert new.code != old.code


def test_certificate_says_what_was_true_when_it_was_issued(client, seminar, programme):
    seminar.venue = make_venue(programme)
    seminar.save()
    certificate = issued(seminar)
    page, paper = client.get(f"/verifica/{certificate.shown_code}/").content, document.render(certificate)
    editing.update_event(
        event=seminar,
        changes={
            "starts_at": seminar.starts_at - timedelta(days=40),
            "ends_at": seminar.ends_at - timedelta(days=40),
            "title": both("Un altro titolo", "Another title"),
            "venue": None,
        },
    )
    assert client.get(f"/verifica/{certificate.shown_code}/").content == page
    assert document.render(Certificate.objects.get(pk=certificate.pk)) == paper


def test_reissue_is_refused_below_the_threshold_and_changes_nothing(seminar):
    old = issued(seminar)
    Registration.objects.filter(pk=old.registration_id).update(minutes=10)
    refused("below_threshold", certificates.reissue, registration=old.registration, reason="Minuti corretti")
    Registration.objects.filter(pk=old.registration_id).update(minutes=230)
    refused("reason_required", certificates.reissue, registration=old.registration)


def test_find_reads_a_code_as_people_type_it(seminar):
    certificate = issued(seminar)
    for typed in (certificate.code, certificate.shown_code, f" {certificate.shown_code.lower()} "):
        assert certificates.find(typed) == certificate
    for wrong in ("", "ABCD", certificate.code[:-1], certificate.code + "A", "A" * 5000, "ß" * 16):
        assert certificates.find(wrong) is None


def test_overview_says_who_why_and_what_is_outdated(seminar):
    certificate = issued(seminar)
    attended(seminar, 30)
    make_registration(seminar)
    Registration.objects.filter(pk=certificate.registration_id).update(minutes=200)
    seen = overview(event=seminar)
    assert [(row.has_reached, row.is_outdated) for row in seen.rows] == [(True, True), (False, False)]
    assert (seen.expected, seen.reached, seen.valid, seen.made, seen.mailed, seen.owed) == (3, 1, 1, 1, 0, 0)


def test_overview_keeps_the_certificate_of_who_cancelled_later(seminar):
    certificate = issued(seminar)
    Registration.objects.filter(pk=certificate.registration_id).update(state="cancelled", cancelled_at=timezone.now())
    [row] = overview(event=seminar).rows
    assert (row.certificate, row.has_reached) == (certificate, False)


def test_command_issues_and_says_how_many(seminar, capsys):
    attended(seminar)
    call_command("issue_certificates", "seminario-pisa")
    assert capsys.readouterr().out == "1 certificates issued for seminario-pisa.\n"
    with pytest.raises(CommandError, match="no event"):
        call_command("issue_certificates", "seminario-atlantide")
    make_event(slug="seminario-lucca")
    with pytest.raises(CommandError, match="not_over"):
        call_command("issue_certificates", "seminario-lucca")


def test_pdf_opens_everywhere(seminar):
    pdf = pikepdf.open(issued(seminar).pdf.open())
    assert len(pdf.pages) == 1
