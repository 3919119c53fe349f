"""A reader's own pages. A GET never changes anything; the unsubscribing POST needs nothing but the address."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from core.limits import Limit, client_of
from mail.models import Delivery
from newsletters.models import Subscription
from newsletters.services import subscriptions
from tests.make import make_newsletter, make_subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(programme):
    return make_subscription(programme, email="anna@example.org", first_name="Anna")


def state_of(subscription):
    return Subscription.objects.values_list("state", flat=True).get(pk=subscription.pk)


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_subscribe_confirm_and_read_in_italian(client, programme):
    response = client.post("/newsletter/iscriviti/", {"email": " Anna@Example.org"}, follow=True)
    assert "Controlla la posta" in text_of(response)
    subscription = Subscription.objects.get()
    assert (subscription.email, subscription.state, subscription.language) == ("anna@example.org", "pending", "it")
    link = re.search(r"http://testserver(/newsletter/conferma/\S+/)", Delivery.objects.get().message.text).group(1)
    assert "Ancora un tocco" in text_of(client.get(link))
    client.head(link)
    assert state_of(subscription) == "pending"
    assert "la newsletter è tua" in text_of(client.post(link))
    assert state_of(subscription) == "active"


def test_subscribe_in_english_writes_in_english(client, programme):
    client.post("/en/newsletter/subscribe/", {"email": "beth@example.org"})
    assert Subscription.objects.get().language == "en"
    assert "/en/newsletter/confirm/" in Delivery.objects.get().message.text


def test_subscribe_answers_the_same_for_every_address(client, programme, anna):
    def answer(email):
        return text_of(Client().post("/newsletter/iscriviti/", {"email": email}, follow=True)).replace(email, "…")

    assert answer("anna@example.org") == answer("new@example.org")


def test_asking_too_often_from_one_place_is_refused_and_sends_nothing(client, programme, anna, monkeypatch):
    monkeypatch.setattr(subscriptions, "REQUESTS", Limit("newsletter requests of a client", 1, timedelta(hours=1)))
    subscriptions.unsubscribe(subscription=anna)
    client.post("/newsletter/iscriviti/", {"email": "one@example.org"})
    response = client.post("/newsletter/iscriviti/", {"email": "two@example.org"})
    assert (response.status_code, "troppe richieste" in text_of(response)) == (429, True)
    page = client.post(f"/newsletter/preferenze/{anna.token}/", {"again": "1"}, follow=True)
    assert "troppe richieste" in text_of(page)
    assert Delivery.objects.count() == 1
    assert (
        client.post("/newsletter/iscriviti/", {"email": "two@example.org"}, REMOTE_ADDR="192.0.2.7").status_code == 200
    )


@pytest.mark.parametrize("email", ["", "anna", "a@b", "x" * 300 + "@example.org", "anna@example.org\r\nBcc: b@b.it"])
def test_subscribe_with_a_wrong_address_says_so_and_keeps_nothing(client, programme, email):
    response = client.post("/newsletter/iscriviti/", {"email": email})
    assert response.status_code == 200
    assert response.context["form"].errors["email"]
    assert not Subscription.objects.exists()
    assert not Delivery.objects.exists()


def test_unsubscribe_get_never_acts(client, anna):
    response = client.get(f"/newsletter/disiscriviti/{anna.token}/")
    assert "Vuoi disiscriverti?" in text_of(response)
    assert client.head(f"/newsletter/disiscriviti/{anna.token}/").status_code == 200
    assert state_of(anna) == "active"


@pytest.mark.parametrize(("body", "end"), [({"List-Unsubscribe": "One-Click"}, "one_click"), ({}, "unsubscribed")])
def test_unsubscribe_post_acts_at_once_without_cookie_or_redirect(anna, body, end):
    mail_program = Client(enforce_csrf_checks=True)
    response = mail_program.post(f"/newsletter/disiscriviti/{anna.token}/", body)
    assert response.status_code == 200
    assert not response.cookies
    assert state_of(anna) == "ended"
    for again in ({}, {"List-Unsubscribe": "One-Click"}):
        assert mail_program.post(f"/newsletter/disiscriviti/{anna.token}/", again).status_code == 200
    assert anna.proofs.get().ended_by == end


def test_proof_says_from_where_without_the_address_of_the_network(client, programme):
    client.post("/newsletter/iscriviti/", {"email": "anna@example.org"}, REMOTE_ADDR="192.0.2.7")
    link = re.search(r"http://testserver(/newsletter/conferma/\S+/)", Delivery.objects.get().message.text).group(1)
    client.post(link, REMOTE_ADDR="198.51.100.3")
    proof = Subscription.objects.get().proofs.get()
    request = client.get("/newsletter/", REMOTE_ADDR="192.0.2.7").wsgi_request
    assert proof.asked_from == client_of(request)
    assert len(proof.confirmed_from) == 16
    assert proof.confirmed_from != proof.asked_from
    assert "192.0.2" not in str(vars(proof))


@pytest.mark.parametrize("page", ["conferma", "preferenze", "disiscriviti"])
def test_unknown_token_is_404_for_reading_and_acting(client, anna, page):
    for token in ("x" * 32, anna.token + "x"):
        assert client.get(f"/newsletter/{page}/{token}/").status_code == 404
        assert client.post(f"/newsletter/{page}/{token}/").status_code == 404
    assert state_of(anna) == "active"


def test_preferences_keep_what_she_wants_and_says_of_herself(client, anna, pisa):
    page = f"/newsletter/preferenze/{anna.token}/"
    wanted = {
        "first_name": "Annamaria", "last_name": "Verdi", "territory": pisa.pk, "language": "en",
        "topics": ["results", "events"], "organisation_kind": "union",
    }  # fmt: skip
    assert "Salvato." in text_of(client.post(page, wanted, follow=True))
    anna.refresh_from_db()
    assert (anna.first_name, anna.territory, anna.language) == ("Annamaria", pisa, "en")
    assert (anna.topics, anna.organisation_kind) == (["events", "results"], "union")
    assert client.get(page).content.decode().count("checked") == 2
    client.post(page, {"language": "it"})
    anna.refresh_from_db()
    assert (anna.topics, anna.organisation_kind, anna.territory, anna.state) == ([], "", None, "active")


def test_preferences_with_what_does_not_exist_are_refused(client, anna):
    page = f"/newsletter/preferenze/{anna.token}/"
    response = client.post(page, {"language": "xx", "topics": ["gossip"], "organisation_kind": "club"})
    assert set(response.context["form"].errors) == {"language", "topics", "organisation_kind"}
    anna.refresh_from_db()
    assert (anna.topics, anna.organisation_kind, anna.language) == ([], "", "it")


def test_preferences_read_changes_nothing(client, anna):
    before = Subscription.objects.values().get()
    client.get(f"/newsletter/preferenze/{anna.token}/?topics=events&language=en&again=1")
    client.head(f"/newsletter/preferenze/{anna.token}/")
    assert Subscription.objects.values().get() == before
    assert not Delivery.objects.exists()


def test_preferences_with_a_foreign_province_are_refused(client, anna):
    from tests.make import make_programme, make_territory

    foreign = make_territory(make_programme(is_current=False), "Milano")
    response = client.post(f"/newsletter/preferenze/{anna.token}/", {"territory": foreign.pk, "language": "it"})
    assert response.context["form"].errors["territory"]
    anna.refresh_from_db()
    assert anna.territory is None


def test_who_left_comes_back_from_her_own_page_by_a_mail(client, anna):
    client.post(f"/newsletter/disiscriviti/{anna.token}/")
    page = f"/newsletter/preferenze/{anna.token}/"
    assert "Iscriviti di nuovo" in text_of(client.get(page))
    assert "Controlla la posta" in text_of(client.post(page, {"again": "1"}))
    assert state_of(anna) == "ended"
    link = re.search(r"http://testserver(/newsletter/conferma/\S+/)", Delivery.objects.get().message.text).group(1)
    client.post(link)
    assert state_of(anna) == "active"
    assert "la newsletter è tua" in text_of(client.get(link))


def test_newsletter_passed_on_does_not_subscribe_again_who_left(client, anna):
    client.post(f"/newsletter/disiscriviti/{anna.token}/")
    for page in ("conferma", "preferenze", "disiscriviti"):
        client.post(f"/newsletter/{page}/{anna.token}/", {"again": "1"})
    assert state_of(anna) == "ended"


@pytest.mark.parametrize("number", [1, 3])
def test_archive_shows_what_was_sent_and_nothing_else(client, programme, number, django_assert_num_queries):
    from django.utils import timezone

    from mail.models import Mailing

    for place in range(number):
        mailing = Mailing.objects.create(key=f"newsletter:{place}")
        make_newsletter(programme, state="sent", sent_at=timezone.now(), mailing=mailing)
    make_newsletter(programme, slug="bozza", subject="Bozza segreta")
    with django_assert_num_queries(2):
        response = client.get("/newsletter/")
    assert text_of(response).count("Le notizie di luglio") == number
    assert "Bozza segreta" not in text_of(response)
    assert client.get("/newsletter/bozza/").status_code == 404


def test_web_version_says_nothing_personal(client, programme):
    from django.utils import timezone

    from mail.models import Mailing

    make_newsletter(
        programme, slug="luglio", state="sent", sent_at=timezone.now(), mailing=Mailing.objects.create(key="n")
    )
    page = text_of(client.get("/newsletter/luglio/"))
    assert "Ciao," in page
    assert "<strong>Pisa</strong>" in page
    assert "%%" not in page
    assert "Hello, see you" in text_of(client.get("/en/newsletter/luglio/"))


def test_subscribe_without_a_programme_leads_to_the_archive_that_offers_nothing(client, db):
    response = client.get("/newsletter/iscriviti/", follow=True)
    assert response.redirect_chain == [("/newsletter/", 302)]
    assert "btn-primary" not in response.content.decode().split("<main")[1].split("</main")[0]
