"""The page of sealed registers: what the next one will hold, sealing, downloads, the check in words."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.services import trail
from events.models import Event
from registrations.models import Device, Scan, Seal
from registrations.services import attendance, evidence, sealing
from tests.make import make_attendance_file, make_device, make_event, make_registration, make_scan
from tests.registrations.sealed import PDF


@pytest.fixture
def seminar(cast, pisa):
    end = timezone.now().replace(microsecond=0) - timedelta(hours=2)
    return make_event(slug="seminario-pisa", territory=pisa, starts_at=end - timedelta(hours=4), ends_at=end)


def address(name="sealed", *more):
    return reverse(f"registrations:{name}", args=["seminario-pisa", *more])


def came(event):
    person = make_registration(event)
    make_scan(person, at=event.starts_at, note="Porta laterale")
    attendance.recompute(person)
    return person


def test_the_page_is_for_who_may_export_in_the_province(client, cast, seminar):
    for who, status in {"piero": 200, "carla": 200, "lucia": 404, "fabio": 403, "dora": 403, "vito": 403}.items():
        client.force_login(getattr(cast, who))
        assert client.get(address()).status_code == status, who


def test_nothing_can_be_sealed_before_there_is_a_fact(client, cast, seminar):
    client.force_login(cast.piero)
    assert "Sigilla ora" not in client.get(address()).content.decode()
    page = client.post(address(), follow=True).content.decode()
    assert "niente da sigillare" in page
    assert not Seal.objects.exists()


def test_sealing_is_told_noted_and_checked(client, cast, seminar):
    came(seminar)
    client.force_login(cast.piero)
    page = client.post(address(), follow=True).content.decode()
    kept = Seal.objects.get()
    assert "Il registro n. 1 è sigillato." in page
    assert "Niente è cambiato dal registro n. 1" in page
    assert kept.head in page
    assert [line.what for line in trail.lines(seminar)][0].startswith("ha sigillato il registro delle presenze")
    page = client.post(address(), follow=True).content.decode()
    assert "Non c’è niente di nuovo" in page
    assert Seal.objects.count() == 1


def test_what_should_be_done_before_sealing_is_said(client, cast, seminar):
    came(seminar)
    phone, _token = make_device(seminar, name="Porta nord")
    Device.objects.filter(pk=phone.pk).update(unsent=7)
    Scan.objects.create(
        event=seminar, nonce="x", code="?", direction="in", status="review", reason="unknown", at=timezone.now()
    )
    client.force_login(cast.piero)
    page = client.get(address()).content.decode()
    assert "Porta nord: 7" in page
    assert "1 fatto è ancora da sistemare" in page
    Device.objects.update(unsent=0)
    assert "Porta nord" not in client.get(address()).content.decode()


def test_a_change_is_told_in_words_and_stops_the_next_register(client, cast, seminar):
    person = came(seminar)
    sealing.seal(event=seminar, by=cast.piero)
    Scan.objects.filter(registration=person).update(note="altro")  # not held by the triggers
    came(seminar)
    client.force_login(cast.piero)
    page = client.get(address()).content.decode()
    assert "l’anello 1 è stato modificato (Perché)" in page
    assert "Niente è cambiato" not in page
    assert "guarda che cosa dice il controllo" in client.post(address(), follow=True).content.decode()
    assert Seal.objects.count() == 1


def test_whoever_holds_a_receipt_is_told_which_register_it_is_of(client, cast, seminar):
    came(seminar)
    kept = sealing.seal(event=seminar, by=cast.piero)
    client.force_login(cast.piero)

    def answer(typed, status=200):
        response = client.get(address(), {"kept": typed})
        assert response.status_code == status
        return response.content.decode()

    assert "Hai una ricevuta?" in client.get(address()).content.decode()
    spaced = " ".join(kept.head.upper()[n : n + 8] for n in range(0, 64, 8))
    assert "È del registro n. 1" in answer(spaced)
    assert "la testa della catena." in answer(kept.head)
    assert "SHA-256 del suo PDF" in answer(kept.pdf_sha256)
    assert "SHA-256 del suo XLSX" in answer(kept.xlsx_sha256)
    assert "Da allora non è cambiato niente" in answer(kept.head)
    Scan.objects.update(note="altro")
    assert "Leggi sopra che cosa è cambiato" in answer(kept.head)
    assert "Nessun registro di questo evento ce l’ha." in answer("0" * 64)
    refused = answer("0" * 63, status=422)
    assert "Deve avere 64 segni" in refused
    assert f'value="{"0" * 63}"' in refused
    assert "Nessun registro" not in refused
    assert "campo" in answer("", status=422).lower()
    kept.delete()
    assert "Nessun registro di questo evento ce l’ha." in answer(kept.head)


def test_a_receipt_of_another_event_is_of_no_register_here(client, cast, seminar):
    came(seminar)
    other = make_event(seminar.programme, territory=seminar.territory)
    came(other)
    kept = sealing.seal(event=other, by=cast.piero)
    client.force_login(cast.piero)
    assert "Nessun registro di questo evento" in client.get(address(), {"kept": kept.head}).content.decode()


@pytest.mark.parametrize(("kind", "start"), [("pdf", b"%PDF-"), ("xlsx", b"PK")])
def test_files_are_downloaded_safely_and_noted(client, cast, seminar, kind, start):
    came(seminar)
    kept = sealing.seal(event=seminar, by=cast.piero)
    client.force_login(cast.lucia)
    assert client.get(address(f"sealed-{kind}", kept.pk)).status_code == 404
    client.force_login(cast.piero)
    response = client.get(address(f"sealed-{kind}", kept.pk))
    assert b"".join(response.streaming_content).startswith(start)
    assert response["Content-Disposition"] == f'attachment; filename="registro-seminario-pisa-1.{kind}"'
    assert "no-store" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert trail.lines(seminar)[0].what.startswith("ha scaricato un registro sigillato")


def test_a_file_that_was_brought_is_looked_at_too(client, cast, seminar):
    came(seminar)
    client.force_login(cast.piero)
    row = evidence.keep(event=seminar, kind="signatures", name="firme.pdf", content=PDF, by=None).evidence
    path = Path(row.file.path)
    path.unlink()
    page = client.get(address()).content.decode()
    assert "“firme.pdf”" in page
    assert "I registri conservati qui sotto" not in page
    path.write_bytes(PDF)
    sealing.seal(event=seminar, by=cast.piero)
    assert "e i file anche" in client.get(address()).content.decode()
    path.write_bytes(PDF.replace(b"firme", b"falso"))
    page = client.get(address()).content.decode()
    assert f"“firme.pdf” (SHA-256 {row.sha256[:12]}…) manca, o non è quello" in page
    assert "I registri conservati qui sotto" in page
    assert "e i file anche" not in page
    came(seminar)
    assert "non è quello che era stato portato: “firme.pdf”" in client.post(address(), follow=True).content.decode()
    assert Seal.objects.count() == 1


def test_a_register_that_was_changed_on_the_disk_is_not_given_out(client, cast, seminar):
    came(seminar)
    kept = sealing.seal(event=seminar, by=cast.piero)
    Path(kept.pdf.path).write_bytes(b"%PDF-falso")
    client.force_login(cast.piero)
    answer = client.get(address("sealed-pdf", kept.pk))
    assert answer.status_code == 409
    assert kept.pdf_sha256 in answer.content.decode()
    assert client.get(address("sealed-xlsx", kept.pk)).status_code == 200


def test_a_file_that_is_gone_is_not_given_out(client, cast, seminar):
    came(seminar)
    kept = sealing.seal(event=seminar, by=cast.piero)
    kept.pdf.storage.delete(kept.pdf.name)
    client.force_login(cast.piero)
    assert client.get(address("sealed-pdf", kept.pk)).status_code == 409
    assert "Il file PDF del registro n. 1 manca" in client.get(address()).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_reads_a_fixed_number_of_times(client, cast, seminar, rows, django_assert_num_queries):
    for _ in range(rows):
        came(seminar)
        make_attendance_file(seminar, f"Anna Verdi {_}")
        phone, _token = make_device(seminar)
        Device.objects.filter(pk=phone.pk).update(unsent=1)
        sealing.seal(event=seminar, by=cast.piero)
    client.force_login(cast.piero)
    client.get(address())
    for asked in ({}, {"kept": Seal.objects.first().head}):
        with django_assert_num_queries(17):
            client.get(address(), asked)


def test_while_the_event_runs_the_page_says_that_a_register_is_provisional(client, cast, pisa):
    start = timezone.now() - timedelta(hours=1)
    seminar = make_event(slug="seminario-pisa", territory=pisa, starts_at=start, ends_at=start + timedelta(hours=3))
    came(seminar)
    client.force_login(cast.piero)
    assert "conta solo fino a questo momento" in client.get(address()).content.decode()
    page = client.post(address(), follow=True).content.decode()
    assert "Provvisorio: l’evento era ancora in corso" in page
    assert "1 tra fatti, correzioni e file" in page


def test_another_rule_after_sealing_is_said_and_may_be_sealed(client, cast, seminar):
    came(seminar)
    client.force_login(cast.piero)
    client.post(address())
    assert "La regola per chi non risulta in uscita" not in client.get(address()).content.decode()
    Event.objects.filter(pk=seminar.pk).update(missing_exit="nothing")
    page = client.get(address()).content.decode()
    assert "La regola per chi non risulta in uscita è cambiata dopo il registro n. 1" in page
    assert "lì conta «Fino alla fine" in page
    client.post(address())
    assert [kept.until["missing_exit"] for kept in Seal.objects.order_by("number")] == ["end", "nothing"]
    assert "La regola per chi non risulta in uscita" not in client.get(address()).content.decode()
    assert "Non c’è niente di nuovo" in client.post(address(), follow=True).content.decode()


def test_another_rule_that_moves_no_minutes_may_be_sealed_too(client, cast, seminar):
    person = came(seminar)
    make_scan(person, at=seminar.ends_at, direction="out")
    client.force_login(cast.piero)
    client.post(address())
    Event.objects.filter(pk=seminar.pk).update(missing_exit="nothing")
    client.post(address())
    assert Seal.objects.count() == 2
