"""The organiser's certificates, one's own download, and the public check."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mail.models import Delivery
from registrations.models import Certificate, Registration
from registrations.services import attendance, certificates
from tests.make import make_event, make_registration, make_scan


@pytest.fixture
def seminar(cast, pisa):
    end = timezone.now().replace(microsecond=0) - timedelta(hours=2)
    return make_event(slug="seminario-pisa", territory=pisa, starts_at=end - timedelta(hours=4), ends_at=end)


def address(name, *more):
    return reverse(f"registrations:{name}", args=["seminario-pisa", *more])


def issued(event, **over):
    registration = make_registration(event, minutes=230, entered_at=event.starts_at, **over)
    certificates.issue(event=event)
    return certificates.make_pdf(certificate=registration.certificates.get())


def test_the_board_is_for_organisers_of_the_province(client, cast, seminar):
    assert client.get(address("certificates")).status_code == 302
    for who, status in {"piero": 200, "carla": 200, "lucia": 404, "fabio": 403, "dora": 403, "vito": 403}.items():
        client.force_login(getattr(cast, who))
        assert client.get(address("certificates")).status_code == status, who


def test_the_board_issues_at_once(client, cast, seminar):
    make_registration(seminar, minutes=200)
    client.force_login(cast.piero)
    assert client.post(address("certificates")).status_code == 302
    assert Certificate.objects.count() == 1


def test_who_came_and_has_no_exit_is_listed_under_the_rule_that_counts_nothing(client, cast, seminar):
    seminar.missing_exit = "nothing"
    seminar.save()
    anna = make_registration(seminar, first_name="Anna", last_name="Verdi")
    make_registration(seminar, first_name="Mai", last_name="Venuta")
    make_scan(anna, at=seminar.starts_at)
    attendance.recompute(anna)
    client.force_login(cast.piero)
    page = client.get(address("certificates")).content.decode()
    assert "Anna Verdi" in page
    assert "manca l’uscita" in page
    assert address("staff-detail", anna.pk) + "#presence" in page
    assert "Mai Venuta" not in page


def test_while_the_event_runs_the_board_says_how_far_it_has_come(client, cast, seminar):
    now = timezone.now().replace(microsecond=0)
    seminar.starts_at, seminar.ends_at = now - timedelta(hours=1), now + timedelta(hours=3)
    seminar.missing_exit = "nothing"
    seminar.save()
    anna = make_registration(seminar, first_name="Anna", last_name="Verdi")
    make_scan(anna, at=now - timedelta(minutes=15))
    attendance.recompute(anna)
    client.force_login(cast.piero)
    page = " ".join(client.get(address("certificates")).content.decode().split())
    assert 'evento in corso</span> <span class="certificates-detail">15 finora, dei 180 minuti che servono' in page
    assert "Minuti finora</th>" in page
    assert "da rilasciare" not in page
    assert "manca l’uscita" not in page


def test_the_board_says_why_it_cannot_issue(client, cast, pisa):
    make_event(slug="seminario-pisa", territory=pisa)
    client.force_login(cast.piero)
    page = client.post(address("certificates"), follow=True)
    assert "quando l’evento è finito" in page.content.decode()


def test_an_organiser_mails_again_revokes_and_replaces(client, cast, seminar):
    certificate = issued(seminar)
    client.force_login(cast.piero)
    client.post(address("certificate-resend", certificate.pk))
    assert Delivery.objects.count() == 2
    client.post(address("certificate-revoke", certificate.pk), {"reason": ""})
    assert Certificate.objects.valid().exists()
    client.post(address("certificate-reissue", certificate.registration_id), {"reason": "Nome corretto"})
    assert Certificate.objects.valid().exclude(pk=certificate.pk).count() == 1
    client.post(address("certificate-revoke", Certificate.objects.valid().get().pk), {"reason": "Scambio di persona"})
    assert not Certificate.objects.valid().exists()


@pytest.mark.parametrize("name", ["certificate-resend", "certificate-revoke", "certificate-reissue"])
def test_another_province_cannot_touch_them(client, cast, seminar, name):
    certificate = issued(seminar)
    client.force_login(cast.lucia)
    pk = certificate.registration_id if name == "certificate-reissue" else certificate.pk
    assert client.post(address(name, pk), {"reason": "?"}).status_code == 404
    assert client.get(address("certificate-download", certificate.pk)).status_code == 404
    assert (Certificate.objects.valid().count(), Delivery.objects.count()) == (1, 1)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_board_reads_a_fixed_number_of_times(client, cast, seminar, rows, django_assert_num_queries):
    for _ in range(rows):
        issued(seminar)
        make_registration(seminar, minutes=20)
    client.force_login(cast.piero)
    client.get(address("certificates"))
    with django_assert_num_queries(8):
        client.get(address("certificates"))


def test_one_downloads_ones_own_and_nobody_elses(client, seminar):
    certificate = issued(seminar)
    page = client.get(reverse("registrations:own-certificate", args=[certificate.registration.token]))
    assert (page.status_code, page["Content-Type"]) == (200, "application/pdf")
    assert b"".join(page.streaming_content) == certificate.pdf.open().read()
    assert f"attestato-seminario-pisa-{certificate.shown_code}.pdf" in page["Content-Disposition"]
    assert client.get(reverse("registrations:own-certificate", args=["forged"])).status_code == 404


def test_there_is_nothing_to_download_before_it_is_made_or_after_it_was_revoked(client, seminar):
    registration = make_registration(seminar, minutes=230)
    own = reverse("registrations:own-certificate", args=[registration.token])
    [certificate] = certificates.issue(event=seminar)
    assert client.get(own).status_code == 404
    certificate = certificates.make_pdf(certificate=certificate)
    certificates.revoke(certificate=certificate, reason="Prova")
    assert client.get(own).status_code == 404


def test_check_of_a_genuine_certificate_shows_initials_and_no_name(client, seminar):
    certificate = issued(seminar, first_name="Annalisa", last_name="Rossetti", email="a.rossetti@example.org")
    page = client.get(reverse("registrations:verify", args=[certificate.shown_code]))
    text = page.content.decode()
    assert page.status_code == 200
    assert "Questo attestato è autentico." in text
    for words in ("A. R.", "3 ore e 50 minuti", certificate.sha256, "Seminario di prova"):
        assert words in text
    assert "Annalisa" not in text
    assert "ossetti" not in text
    assert page["X-Robots-Tag"] == "noindex"
    assert "no-store" in page["Cache-Control"]


def test_check_of_a_revoked_certificate_says_so_without_the_reason(client, seminar):
    certificate = issued(seminar)
    certificates.revoke(certificate=certificate, reason="Un motivo riservato")
    text = client.get(reverse("registrations:verify", args=[certificate.code])).content.decode()
    assert "è stato revocato" in text
    assert "riservato" not in text
    assert "autentico.</p>" not in text


def test_check_of_an_unknown_code_is_a_404_with_the_form(client, db):
    page = client.get("/verifica/ABCD-EFGH-JKLM-NPQS/")
    assert page.status_code == 404
    assert "Nessun attestato ha il codice ABCD-EFGH-JKLM-NPQS" in page.content.decode()
    assert 'name="code"' in page.content.decode()


@pytest.mark.parametrize("code", ["<script>", "%00", "A" * 900, "ß", "' OR 1=1"])
def test_check_of_nonsense_is_a_404(client, db, code):
    page = client.get(reverse("registrations:verify", args=[code]))
    assert page.status_code == 404
    assert "<script>" not in page.content.decode().replace("<script ", "")


def test_code_typed_in_the_form_leads_to_its_page(client, db):
    page = client.get("/verifica/", {"code": " abcd efgh-jklm npqr "})
    assert (page.status_code, page["Location"]) == (302, "/verifica/ABCD-EFGH-JKLM-NPQR/")
    assert "Scrivi il codice" in client.get("/verifica/", {"code": "--"}).content.decode()
    assert client.get("/verifica/").status_code == 200


def test_trying_codes_is_slowed_down(client, db):
    answers = [client.get(f"/verifica/ABCDEFGHJKLMNP{number}Q/").status_code for number in range(22, 54)]
    assert answers[:30] == [404] * 30
    assert answers[30:] == [429] * 2


def test_a_name_that_was_corrected_is_shown_as_to_be_replaced(client, cast, seminar):
    certificate = issued(seminar)
    Registration.objects.filter(pk=certificate.registration_id).update(first_name="Annarita")
    client.force_login(cast.piero)
    assert "da sostituire" in client.get(address("certificates")).content.decode()
