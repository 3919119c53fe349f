"""What scripts call: bringing a list along, steering a newsletter."""

import json
from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from mail.models import Delivery
from newsletters.models import Newsletter, Subscription
from tests.make import make_newsletter, make_subscription

HEADING = "email,first_name,last_name,province,language,consent_at,consent_source\n"
GOOD = (
    "anna@example.org,Anna,Verdi,Pisa,it,2024-02-15,Modulo cartaceo del seminario\n"
    "ANNA@example.org ,Anna,Verdi,Pisa,it,2024-02-15,Modulo cartaceo del seminario\n"
    "beth@example.org,,,LU,en,,\n"
)


def run(*arguments, **options):
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def write(tmp_path, programme, pisa, lucca):
    def write(rows, encoding="utf-8"):
        path = tmp_path / "lista.csv"
        path.write_bytes((HEADING + rows).encode(encoding))
        return str(path)

    return write


def test_import_subscribes_who_is_proved_and_asks_the_rest_once(write, pisa, lucca):
    said = run("import_subscribers", write(GOOD))
    assert said == "1 subscribed, 1 asked by mail, 0 unchanged, 1 repeated rows.\n"
    anna, beth = Subscription.objects.order_by("email")
    proof = anna.proofs.get()
    assert (anna.state, anna.territory, proof.text) == ("active", pisa, "Modulo cartaceo del seminario")
    assert (proof.source, proof.asked_at.isoformat()[:10]) == ("import:lista.csv", "2024-02-14")
    assert (beth.state, beth.territory, beth.language) == ("pending", lucca, "en")
    assert Delivery.objects.get().email == "beth@example.org"
    assert run("import_subscribers", write(GOOD)) == "0 subscribed, 0 asked by mail, 2 unchanged, 1 repeated rows.\n"
    assert Delivery.objects.count() == 1


def test_import_keeps_as_proof_the_words_that_each_person_is_asked_with(write):
    run("import_subscribers", write("anna@example.org,,,,it,,\nbeth@example.org,,,,en,,\n"))
    anna, beth = Subscription.objects.order_by("email").values_list("proofs__text", flat=True)
    assert (anna[:3], beth[:4]) == ("Sì,", "Yes,")


def test_import_dry_run_changes_nothing(write):
    assert run("import_subscribers", write(GOOD), dry_run=True).startswith("Would be: 1 subscribed, 1 asked")
    assert not Subscription.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("anna,,,,,,", "anna"),
        ("a@example.org,,,Atlantide,,,", "Atlantide"),
        ("a@example.org,,,,xx,,", "xx"),
        ("a@example.org,,,,,15/2/2024,carta", "15/2/2024"),
        ("a@example.org,,,,,2999-01-01,carta", "2999"),
        (f"a@example.org,{'A' * 81},,,,,", "80"),
    ],
)
def test_import_wrong_row_is_named_and_nothing_is_imported(write, row, sentence):
    with pytest.raises(CommandError) as refusal:
        run("import_subscribers", write(GOOD + row + "\n"))
    assert "row 5, " in str(refusal.value)
    assert sentence in str(refusal.value)
    assert not Subscription.objects.exists()
    assert not Delivery.objects.exists()


def test_import_names_every_column_that_is_wrong_in_every_row(write):
    with pytest.raises(CommandError) as refusal:
        run("import_subscribers", write("anna,,,Atlantide,xx,ieri,\nb@example.org,,,,,domani,\n"))
    lines = str(refusal.value).splitlines()
    assert [line.partition(": ")[0] for line in lines[:-1]] == [
        "row 2, email", "row 2, province", "row 2, language", "row 2, consent_at", "row 3, consent_at"
    ]  # fmt: skip
    assert lines[-1] == "Nothing imported. Rows that are wrong: 2."
    assert "is not a province" in lines[1]


@pytest.mark.parametrize("content", [b"PK\x03\x04\x14\x00", b"\x89PNG\r\n\x1a\n", b"\0" * 9, b'"' + b"x" * 200_000])
def test_import_of_what_is_no_table_says_so(tmp_path, programme, content):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(CommandError, match="CSV|cannot be read"):
        run("import_subscribers", str(tmp_path / "a.csv"))


def test_import_of_no_file_says_so(tmp_path, programme):
    with pytest.raises(CommandError, match="cannot be read"):
        run("import_subscribers", str(tmp_path))


def test_import_reads_what_a_spreadsheet_writes(write):
    rows = "anna@example.org;Niccolò;;;;2024-02-15;Elenco\n"
    path = write(rows, "cp1252")
    with open(path, "r+b") as file:
        content = file.read().replace(HEADING.encode(), HEADING.replace(",", ";").encode())
        file.seek(0)
        file.write(content)
    run("import_subscribers", path)
    assert Subscription.objects.get().first_name == "Niccolò"


def test_import_without_its_columns_says_which(tmp_path, programme):
    (tmp_path / "a.csv").write_text("email,name\n")
    with pytest.raises(CommandError, match="first_name, last_name"):
        run("import_subscribers", str(tmp_path / "a.csv"))


def test_import_leaves_out_who_left(write, programme):
    make_subscription(
        programme, email="anna@example.org", state="ended", ended_at=datetime.fromisoformat("2024-05-01T00:00Z")
    )
    make_subscription(
        programme, email="beth@example.org", state="ended", ended_at=datetime.fromisoformat("2024-05-01T00:00Z")
    )
    assert run("import_subscribers", write(GOOD)).startswith("0 subscribed, 0 asked by mail, 2 unchanged")
    assert not Subscription.objects.active().exists()


def test_newsletter_from_schedule_to_cancel(programme):
    make_subscription(programme)
    make_newsletter(programme, slug="luglio")
    state = json.loads(run("newsletter", "luglio", "schedule", at="2099-07-16T09:00", json=True))
    assert state == {
        "slug": "luglio", "state": "scheduled", "send_at": "2099-07-16T09:00:00+02:00",
        "candidates": 1, "recipients": 1, "excluded": 0,
    }  # fmt: skip
    assert "state: scheduled" in run("newsletter", "luglio", "send")
    from newsletters.services import sending

    sending.dispatch_due()
    assert json.loads(run("newsletter", "luglio", "pause", json=True))["state"] == "paused"
    assert json.loads(run("newsletter", "luglio", "resume", json=True))["state"] == "sending"
    state = json.loads(run("newsletter", "luglio", "cancel", json=True))
    assert (state["state"], state["excluded"], state["pending"]) == ("cancelled", 1, 0)


def test_newsletter_is_checked_and_approved_by_a_second_person(programme, cast):
    programme.newsletters_need_approval = True
    programme.save()
    make_newsletter(programme, slug="luglio")
    with pytest.raises(CommandError, match="not_checked"):
        run("newsletter", "luglio", "approve", by=cast.carla.email)
    assert json.loads(run("newsletter", "luglio", "check", json=True))["state"] == "checked"
    for nobody in (None, "x@example.org"):
        with pytest.raises(CommandError, match="--by"):
            run("newsletter", "luglio", "approve", by=nobody)
    with pytest.raises(CommandError, match="not_allowed"):
        run("newsletter", "luglio", "approve", by=cast.dora.email)
    assert Newsletter.objects.get().state == "checked"
    assert json.loads(run("newsletter", "luglio", "approve", by=cast.carla.email, json=True))["state"] == "approved"
    assert Newsletter.objects.get().approved_by == cast.carla


def test_newsletter_that_does_not_pass_the_checklist_is_not_checked(programme):
    make_newsletter(programme, slug="luglio", body={})
    with pytest.raises(CommandError, match="findings"):
        run("newsletter", "luglio", "check")
    assert Newsletter.objects.get().state == "draft"


def test_newsletter_scheduled_is_taken_off_the_schedule_by_cancel(programme):
    make_subscription(programme)
    make_newsletter(programme, slug="luglio")
    run("newsletter", "luglio", "schedule", at="2099-07-16T09:00")
    with pytest.raises(CommandError, match="has not left yet. To hold it back, cancel it"):
        run("newsletter", "luglio", "pause")
    state = json.loads(run("newsletter", "luglio", "cancel", json=True))
    assert (state["state"], state["send_at"]) == ("draft", None)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["schedule"], "2024-07-16T09:00"),
        (["schedule", "--at", "domani"], "2024-07-16T09:00"),
        (["schedule", "--at", "2020-01-01T09:00"], "This moment is over.*\\(past\\)$"),
        (["schedule", "--at", "2026-03-29T02:30"], "clocks go forward.*\\(no_such_time\\)$"),
        (["pause"], "is a draft.*\\(not_sending\\)$"),
        (["cancel"], "is a draft.*\\(not_sending\\)$"),
    ],
)
def test_newsletter_refused_says_why_and_changes_nothing(programme, arguments, sentence):
    make_newsletter(programme, slug="luglio")
    before = Newsletter.objects.values().get()
    with pytest.raises(CommandError, match=sentence):
        run("newsletter", "luglio", *arguments)
    assert Newsletter.objects.values().get() == before
    with pytest.raises(CommandError, match="agosto"):
        run("newsletter", "agosto", "status")
