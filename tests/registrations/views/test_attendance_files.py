"""The staff's pages of attendance files: bring, look, decide, count, take back."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from registrations.models import Evidence, Scan
from registrations.services import log_plans, platform_logs
from tests.make import make_attendance_file, make_event, make_registration

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(cast, pisa, client):
    client.force_login(cast.piero)
    start = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=5)
    return make_event(slug="webinar", territory=pisa, starts_at=start, ends_at=start + timedelta(hours=4))


def address(name="attendance-files", *more):
    return reverse(f"registrations:{name}", args=["webinar", *more])


def bring(client, content, name="partecipanti.csv"):
    return client.post(address(), {"file": SimpleUploadedFile(name, content)})


def entry(evidence, name):
    return next(one for one in log_plans.plan(evidence=evidence).entries if one.somebody.name == name)


def send(client, evidence, action="confirm", **who):
    plan = log_plans.plan(evidence=evidence)
    said = {"zone": plan.zone, "order": plan.log.order, "action": action}
    return client.post(address("attendance-file", evidence.pk), said | who)


def test_from_the_file_to_presence_and_back(client, event):
    anna = make_registration(event, last_name="Verdi", email="anna@example.org", mode="online")
    bruna = make_registration(event, first_name="Bruna", last_name="Rossi", mode="in_person")
    carla = make_registration(event, first_name="Carla", last_name="Neri")
    made = make_attendance_file(event, "Anna Verdi <anna@example.org>", "Rossi Bruna", "PC della sala")
    content = made.file.open().read()
    page = bring(client, content)
    assert page["Location"] == address("attendance-file", made.pk)
    page = client.get(page["Location"]).content.decode()
    assert "240" in page
    assert Scan.objects.count() == 0
    key = entry(made, "PC della sala").key
    page = send(client, made, "accept", **{f"who-{key}": f"Carla Neri · {carla.code}"})
    assert page.status_code == 302
    made.refresh_from_db()
    page = client.get(address("attendance-file", made.pk)).content.decode()
    assert f"Carla Neri · {carla.code}" in page
    assert f'<option value="{bruna.pk}" selected>' in page
    page = send(client, made)
    assert page["Location"] == address("attendance-file-result", made.pk)
    assert set(event.registrations.values_list("minutes", flat=True)) == {240}
    page = client.get(page["Location"]).content.decode()
    assert all(one.name in page for one in (anna, bruna, carla))
    assert client.post(address("attendance-file-undo", made.pk), {"reason": ""}).status_code == 422
    assert event.registrations.filter(minutes=240).count() == 3
    client.post(address("attendance-file-undo", made.pk), {"reason": "Riunione sbagliata"})
    assert not event.registrations.filter(minutes__gt=0).exists()
    page = client.get(address("attendance-file", made.pk), follow=True).content.decode()
    assert "Riunione sbagliata" in page
    assert client.get(address()).status_code == 200


def test_buttons_say_who_and_whether_anybody(client, event):
    make_registration(event, first_name="Otto", last_name="Onlini", mode="online")
    made = make_attendance_file(event, "Onlini Otto")
    page = client.get(address("attendance-file", made.pk)).content.decode()
    assert "Sì, è Otto Onlini" in page
    assert "Conta chi è scelto sopra" in page
    assert "0 persone" not in page
    send(client, made, "accept")
    assert "Conta la presenza di 1 persona" in client.get(address("attendance-file", made.pk)).content.decode()


def test_file_of_nobody_cannot_be_counted(client, event):
    anna = make_registration(event, last_name="Verdi", email="anna@example.org", mode="online")
    made = make_attendance_file(event, "Anna Verdi <anna@example.org>")
    type(event).objects.filter(pk=event.pk).update(
        starts_at=event.starts_at - timedelta(days=9), ends_at=event.ends_at - timedelta(days=9)
    )
    page = client.get(address("attendance-file", made.pk)).content.decode()
    assert "In questo file non c’è nessuna persona da contare" in page
    assert 'value="confirm"' not in page
    anna.refresh_from_db()
    assert anna.minutes == 0


def test_whole_stay_is_taken_back_from_her_page(client, event):
    anna = make_registration(event, last_name="Verdi", email="anna@example.org", mode="online")
    made = make_attendance_file(event, "Anna Verdi <anna@example.org>")
    send(client, made)
    page = client.get(reverse("registrations:staff-detail", args=["webinar", anna.pk])).content.decode()
    entry_pk = Scan.objects.get(direction="in").pk
    undo = reverse("registrations:scan-decide", args=["webinar", entry_pk, "annul-stay"])
    assert page.count("Togli tutta la permanenza") == 1
    assert f'formaction="{undo}"' in page
    client.post(undo, {"reason": "Era un’altra", "person": "1"})
    anna.refresh_from_db()
    assert anna.minutes == 0


def test_a_refused_file_says_why_and_is_not_kept(client, event):
    for content in (b"PK\x03\x04", b"Nome;Durata (minuti)\nAnna;12\n", b"\n\n", b"%PDF-1.7"):
        page = bring(client, content)
        assert page.status_code == 422
        assert page.context["form"].errors["file"]
    assert client.post(address(), {}).status_code == 422
    assert not Evidence.objects.exists()


def test_the_same_file_again_opens_the_one_that_is_there(client, event):
    made = make_attendance_file(event, "Anna Verdi")
    assert bring(client, made.file.open().read(), "altro nome.csv")["Location"] == address("attendance-file", made.pk)
    assert Evidence.objects.count() == 1


def test_a_name_that_nobody_has_stands_at_its_field_and_nothing_is_kept(client, event):
    make_registration(event, last_name="Verdi", email="anna@example.org")
    made = make_attendance_file(event, "Anna <anna@example.org>", "PC della sala", "Ospite")
    keys = [entry(made, name).key for name in ("PC della sala", "Ospite")]
    page = send(client, made, **{f"who-{keys[0]}": "Nessuna Persona", f"who-{keys[1]}": "anna@example.org"})
    assert page.status_code == 422
    text = page.content.decode()
    assert 'value="Nessuna Persona"' in text
    assert 'value="anna@example.org"' in text
    assert f'id="error-{keys[0]}"' in text
    made.refresh_from_db()
    assert (made.options, Scan.objects.count()) == ({}, 0)


def test_another_clock_is_looked_at_before_anything_is_counted(client, event):
    make_registration(event, last_name="Verdi", email="anna@example.org")
    made = make_attendance_file(event, "Anna <anna@example.org>", "PC della sala")
    key = entry(made, "PC della sala").key
    page = client.post(
        address("attendance-file", made.pk),
        {"zone": "Europe/London", "order": "dmy", "action": "confirm", f"who-{key}": "Anna Verdi"},
    )
    assert page["Location"] == address("attendance-file", made.pk)
    made.refresh_from_db()
    assert (made.options["zone"], Scan.objects.count()) == ("Europe/London", 0)
    assert len(made.options["choices"]) == 1
    for wrong in ({"zone": "Mars"}, {"zone": "UTC", "order": "ymd"}, {}):
        assert client.post(address("attendance-file", made.pk), {"order": "dmy"} | wrong).status_code == 422


def test_columns_of_a_foreign_file_are_asked(client, event):
    anna = make_registration(event, last_name="Verdi", email="anna@example.org", mode="online")
    start, end = (timezone.localtime(moment).strftime("%d.%m.%Y %H:%M") for moment in (event.starts_at, event.ends_at))
    foreign = f"Navn;E-post;Kom;Gikk\nAnna Verdi;anna@example.org;{start};{end}\n"
    path = bring(client, foreign.encode())["Location"]
    assert client.get(path).content.decode().count('name="column-') == 4
    said = {"zone": "Europe/Rome", "order": "dmy", "action": "confirm"}
    said |= {f"column-{place}": word for place, word in enumerate(["name", "email", "joined", "left"])}
    refused = client.post(path, said | {"column-2": ""})
    assert refused.status_code == 422
    assert client.post(path, said)["Location"] == path
    assert not Scan.objects.exists()
    client.post(path, said)
    anna.refresh_from_db()
    assert anna.minutes == 240


def test_what_others_wrote_is_only_text(client, event):
    made = make_attendance_file(event, "<script>alert(1)</script>", "=HYPERLINK(1)")
    page = client.get(address("attendance-file", made.pk)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_file_is_given_as_it_came(client, event):
    made = make_attendance_file(event, "Anna Verdi")
    answer = client.get(address("attendance-file-download", made.pk))
    assert b"".join(answer.streaming_content) == made.file.open().read()
    assert answer["Content-Type"] == "application/octet-stream"
    assert "attachment" in answer["Content-Disposition"]


@pytest.mark.parametrize("how", ["gone", "changed"])
def test_a_file_that_is_not_the_one_that_was_brought_is_neither_given_nor_read(client, event, how):
    made = make_attendance_file(event, "Anna Verdi")
    path = Path(made.file.path)
    path.unlink() if how == "gone" else path.write_bytes(path.read_bytes().replace(b"Verdi", b"Falsi"))
    for name in ("attendance-file-download", "attendance-file"):
        answer = client.get(address(name, made.pk))
        page = answer.content.decode()
        assert answer.status_code == 409, name
        assert made.sha256 in page
        assert "Falsi" not in page
        assert address("attendance-file-result", made.pk) in page
    assert client.post(address("attendance-file", made.pk), {"action": "confirm"}).status_code == 409
    assert client.get(address("attendance-file-result", made.pk)).status_code == 200
    assert not Scan.objects.exists()


def test_a_scanned_paper_is_no_attendance_file(client, event):
    made = make_attendance_file(event, "Anna Verdi")
    Evidence.objects.filter(pk=made.pk).update(kind=Evidence.Kind.SIGNATURES)
    for name in ("attendance-file", "attendance-file-result", "attendance-file-download"):
        assert client.get(address(name, made.pk)).status_code == 404


def test_people_to_decide_come_by_the_page_and_what_was_chosen_stays(client, event):
    anna = make_registration(event, last_name="Verdi")
    made = make_attendance_file(event, *[f"Ospite {chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(120)])
    path = address("attendance-file", made.pk)
    key = entry(made, "Ospite AA").key
    page = client.post(path, {"zone": "Europe/Rome", "order": "dmy", "to": "2", f"who-{key}": anna.code})
    assert page["Location"] == f"{path}?page=2"
    assert client.get(page["Location"]).content.decode().count('list="everybody"') == 20
    made.refresh_from_db()
    page = client.post(path, {"zone": "Europe/Rome", "order": "dmy", "page": "2", "action": "confirm"})
    anna.refresh_from_db()
    assert anna.minutes == 240


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_read_a_fixed_number_of_times(client, event, rows, django_assert_num_queries):
    for n in range(rows):
        make_registration(event, last_name=f"Verdi {chr(65 + n)}", email=f"p{n}@example.org")
    people = [f"Anna <p{n}@example.org>" for n in range(rows)]
    made = make_attendance_file(event, *people, *[f"Anna Verdi {chr(65 + n)}" for n in range(rows)])
    platform_logs.carry_out(evidence=made, by=None)
    for n in range(rows - 1):
        make_attendance_file(event, f"Ospite {n}")
    client.get(address())
    for name, number in {"attendance-files": 6, "attendance-file": 7, "attendance-file-result": 6}.items():
        with django_assert_num_queries(number):
            assert client.get(address(name, *([made.pk] if name != "attendance-files" else []))).status_code == 200
