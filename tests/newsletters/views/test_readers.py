"""The staff's page of readers: numbers for all who see newsletters, names for who writes them, proof for who asks."""

import json
import re

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts import roles
from mail.models import Delivery, Feedback, Suppression
from mail.services import outbox
from newsletters import tasks
from newsletters.models import Subscription
from newsletters.services import brought_lists, importing, subscriptions, tables
from newsletters.views import readers as views
from tests.make import make_newsletter, make_programme, make_subscription

pytestmark = pytest.mark.django_db
PAGE = "/gestione/newsletter/persone/"
LIST = "/gestione/newsletter/persone/elenco/"
HEADING = ",".join(tables.COLUMNS) + "\n"
PROVED = ",2024-02-15,Modulo del seminario"


@pytest.fixture
def nora(client, cast):
    client.force_login(cast.nora)
    return client


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def file(rows, name="lista.csv", encoding="utf-8"):
    return SimpleUploadedFile(name, (HEADING + rows).encode(encoding), "text/csv")


def waiting_files():
    storage = storages["private"]
    return storage.listdir(brought_lists.FOLDER)[1] if storage.exists(brought_lists.FOLDER) else []


@pytest.mark.parametrize("number", [1, 3])
def test_numbers_in_a_fixed_number_of_queries(nora, programme, pisa, number, django_assert_num_queries):
    for _place in range(number):
        make_subscription(programme, territory=pisa, topics=["events"], organisation_kind="union")
    make_subscription(programme, state="ended", ended_at=timezone.now())
    nora.get(PAGE)
    with django_assert_num_queries(9):
        page = nora.get(PAGE)
    tables_shown = dict(page.context["numbers"].tables)
    assert ("Pisa", number) in [row for rows in tables_shown.values() for row in rows]
    reach = page.context["numbers"].reach
    assert (reach.recipients, reach.left_out, reach.candidates) == (number, {"unsubscribed": 1}, number + 1)


def test_search_finds_by_name_or_address_and_leaves_neither_in_the_address(nora, programme):
    make_subscription(programme, first_name="Anna", last_name="Verdi", email="av@example.org")
    make_subscription(make_programme(is_current=False), first_name="Anna", email="foreign@example.org")
    for words in ("verdi anna", "AV@EX"):
        page = text_of(nora.post(PAGE, {"words": words}))
        assert "av@example.org" in page
        assert "foreign@example.org" not in page
    assert "av@example.org" not in text_of(nora.get(PAGE + "?words=verdi"))
    assert "Non abbiamo trovato" in text_of(nora.post(PAGE, {"words": "nessuno\0"}))


def test_names_are_for_who_may_change(nora, programme, monkeypatch):
    reader = make_subscription(programme, email="av@example.org")
    only_looks = roles.ROLES["communications"].permissions - {"newsletters.change"}
    monkeypatch.setitem(roles.ROLES, "communications", roles.Role("communications", "", "", frozenset(only_looks)))
    page = nora.post(PAGE, {"words": "av@"})
    assert page.status_code == 200
    assert "av@example.org" not in text_of(page)
    assert nora.get(f"{PAGE}{reader.pk}/").status_code == 403


@pytest.fixture
def told(programme, pisa):
    """Anna, who got a newsletter that came back."""
    anna = make_subscription(programme, email="anna@example.org", last_name="Verdi", territory=pisa, topics=["results"])
    mailing, _is_new = outbox.open_mailing(key="newsletter:1")
    make_newsletter(programme, state="sent", sent_at=timezone.now(), mailing=mailing)
    message = outbox.add_message(
        kind="newsletters.newsletter",
        language="it",
        subject="Luglio, %%place_a%%",
        text="",
        mailing=mailing,
        places={"place_a": ["province", "", "ciao"]},
    )
    copy = outbox.add_delivery(key="newsletter:1:1", message=message, to=anna.email, personal={"province": "Pisa"})
    Delivery.objects.update(state="sent", sent_at=timezone.now())
    Feedback.objects.create(
        delivery=copy, email=anna.email, kind="hard", source="mailbox", detail="550 5.1.1", digest="x"
    )
    Suppression.objects.create(email=anna.email, reason="bounced")
    return anna


def test_reader_shows_all_that_is_kept(nora, told, django_assert_num_queries):
    nora.get(f"{PAGE}{told.pk}/")
    with django_assert_num_queries(9):
        page = text_of(nora.get(f"{PAGE}{told.pk}/"))
    for said in (
        "anna@example.org",
        "Sì, mandatemi la newsletter.",
        "pagina per iscriversi",
        "Luglio, Pisa",
        "550 5.1.1",
        "Pisa",
    ):
        assert said in page


def test_reader_shows_service_mails_and_why_a_copy_was_left_out(nora, told):
    for kind in ("newsletters.confirm", "registrations.ticket"):
        message = outbox.add_message(kind=kind, language="it", subject=f"Segreto {kind}", text="")
        outbox.add_delivery(key=kind, message=message, to=told.email)
    Delivery.objects.filter(message__mailing__isnull=False).update(
        state="excluded", reason="unsubscribed", sent_at=None
    )
    page = text_of(nora.get(f"{PAGE}{told.pk}/"))
    assert "E-mail che chiede di confermare l’iscrizione" in page
    assert "per disiscrizione" in page
    assert "Segreto" not in page
    assert "<dd>Italiano</dd>" in page


def test_proof_as_a_file_holds_every_yes_with_its_words(nora, told):
    response = nora.get(f"{PAGE}{told.pk}/prova/")
    assert "attachment" in response["Content-Disposition"]
    assert "anna" not in response["Content-Disposition"]
    found = json.loads(response.content)
    assert (found["email"], found["state"], found["province"]) == ("anna@example.org", "active", "Pisa")
    (proof,) = found["proofs"]
    assert (proof["text_shown"], proof["shown_at_place"]) == ("Sì, mandatemi la newsletter.", "site:subscribe")
    assert proof["confirmed_at"]
    assert proof["asked_at"]
    assert found["suppressed"]["reason"] == "bounced"
    assert [back["detail"] for back in found["came_back"]] == ["550 5.1.1"]
    assert [(copy["state"], copy["subject"]) for copy in found["newsletters"]] == [("sent", "Luglio, Pisa")]


def test_leaving_on_request_needs_how_it_was_asked(nora, cast, told):
    nora.post(f"{PAGE}{told.pk}/disiscrizione/", {"note": " "})
    told.refresh_from_db()
    assert told.state == "active"
    page = nora.post(f"{PAGE}{told.pk}/disiscrizione/", {"note": "Per telefono il 3 luglio"}, follow=True)
    told.refresh_from_db()
    assert told.state == "ended"
    assert f"Per telefono il 3 luglio ({cast.nora})" in text_of(page)


def test_reader_of_another_programme_is_not_found(nora):
    foreign = make_subscription(make_programme(is_current=False))
    for way, path in (("get", ""), ("get", "prova/"), ("post", "disiscrizione/")):
        assert getattr(nora, way)(f"{PAGE}{foreign.pk}/{path}", {"note": "x"}).status_code == 404
    foreign.refresh_from_db()
    assert foreign.state == "active"


def test_list_is_tried_then_imported_with_a_yes(nora, programme):
    tried = nora.post(
        LIST, {"file": file(f"anna@example.org,Niccolò,,,{PROVED}\nbeth@example.org,,,,,,\n", encoding="utf-16")}
    )
    assert (tried.context["report"].subscribed, tried.context["report"].asked) == (1, 1)
    assert not Subscription.objects.exists()
    assert len(waiting_files()) == 1
    done = nora.post(LIST, {"ticket": tried.context["ticket"], "do": "import"}, follow=True)
    assert "L’elenco sta entrando" in text_of(done)
    assert not Subscription.objects.exists()
    tasks.import_lists()
    tasks.import_lists()
    assert Subscription.objects.active().get().proofs.get().source == "import:lista.csv"
    assert Delivery.objects.get().email == "beth@example.org"
    assert waiting_files() == []
    again = nora.post(LIST, {"ticket": tried.context["ticket"], "do": "import"})
    assert "non c’è più" in text_of(again)
    assert Subscription.objects.count() == 2


def test_list_whose_import_was_broken_off_goes_on_and_nobody_is_asked_twice(nora, programme, cast, monkeypatch):
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    rows = "".join(f"{number}@example.org,,,,,,\n" for number in range(5))
    ticket = brought_lists.keep(content=(HEADING + rows).encode(), name="x.csv", by=cast.nora)
    brought_lists.agree(ticket=ticket, by=cast.nora, programme=programme)
    subscriptions.ask_once(programme=programme, email="1@example.org", source="import:x.csv", language="it")
    assert brought_lists.import_agreed() == 1
    assert (Subscription.objects.count(), Delivery.objects.count()) == (5, 5)
    assert brought_lists.import_agreed() == 0


def test_list_given_up_is_thrown_away(nora, programme):
    tried = nora.post(LIST, {"file": file(f"anna@example.org,,,,{PROVED}\n")})
    nora.post(LIST, {"ticket": tried.context["ticket"], "do": "give_up"})
    assert waiting_files() == []
    assert not Subscription.objects.exists()


def test_list_of_somebody_else_is_refused(nora, cast, programme):
    ticket = brought_lists.keep(content=HEADING.encode(), name="x.csv", by=cast.carla)
    assert "non c’è più" in text_of(nora.post(LIST, {"ticket": ticket, "do": "import"}))
    assert len(waiting_files()) == 1
    assert "non c’è più" in text_of(nora.post(LIST, {"ticket": "x", "do": "import"}))


def test_list_with_mistakes_names_each_row_and_keeps_nothing(nora, programme):
    page = nora.post(LIST, {"file": file(f"good@example.org,,,,{PROVED}\nniccolò@example.org,,,Atlantide,xx,,\n")})
    assert [(number, column) for number, column, _sentence in page.context["errors"]] == [
        (3, "email"), (3, "province"), (3, "language"),
    ]  # fmt: skip
    assert "ticket" not in text_of(page).split("<main")[1]
    assert waiting_files() == []
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "CSV"),
        (b"email,name\n", "consent_at"),
        (b"x" * (tables.LARGEST + 1), "5 MB"),
        (b"", "vuoto"),
    ],
)
def test_list_that_is_none_is_refused_with_a_sentence(nora, programme, content, sentence):
    page = nora.post(LIST, {"file": SimpleUploadedFile("a.csv", content)})
    assert page.status_code == 200
    assert sentence in text_of(page)
    assert waiting_files() == []
    assert nora.post(LIST, {}).context["form"].errors["file"]


def test_list_that_would_write_to_too_many_is_refused(nora, programme, monkeypatch):
    monkeypatch.setattr(views, "MOST_ASKED", 1)
    page = nora.post(LIST, {"file": file("a@example.org,,,,,,\nb@example.org,,,,,,\n")})
    assert "dividi l’elenco" in text_of(page)
    assert waiting_files() == []


def test_list_nobody_came_back_for_is_forgotten(cast, programme, time_machine):
    from newsletters.services import retention

    brought_lists.keep(content=b"x", name="x.csv", by=cast.carla)
    retention.forget()
    assert len(waiting_files()) == 1
    time_machine.move_to(timezone.now() + brought_lists.KEPT_FOR * 2)
    retention.forget()
    assert waiting_files() == []
