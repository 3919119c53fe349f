import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.bench import one_registration
from mail.models import Delivery
from registrations.models import Registration
from registrations.services import changing, expiring, places, signup
from tests.make import make_event, make_registration

pytestmark = pytest.mark.django_db

ANNA = {"mode": "in_person", "first_name": "Anna", "email": "anna@example.org", "privacy": "on"}


@pytest.fixture
def event(programme):
    return make_event(programme, slug="seminario-pisa")


def send(client, event, **over):
    values = {name: value for name, value in (ANNA | over).items() if value is not None}
    return client.post(f"/eventi/{event.slug}/iscrizione/", values)


def mails(kind: str) -> list[Delivery]:
    return list(Delivery.objects.filter(message__kind=f"registrations.{kind}").select_related("message").order_by("pk"))


def link_in(delivery: Delivery) -> str:
    return re.search(r"http://testserver(/\S+)", delivery.message.text).group(1)


def test_form_to_ticket_in_two_steps(client, event):
    response = send(client, event, last_name="Verdi", organisation="CNA Toscana", via="cgil")
    page = client.get(response.url).content.decode()
    assert "Controlla la posta" in page
    assert "anna@example.org" in page
    registration = Registration.objects.get()
    assert (registration.state, registration.via, registration.language) == ("pending", "cgil", "it")

    link = link_in(mails("confirm")[0])
    assert "Conferma il tuo posto" in client.get(link).content.decode()
    registration.refresh_from_db()
    assert registration.state == "pending", "opening the link changes nothing: mail scanners open links"

    page = client.post(link, follow=True).content.decode()
    assert "Il tuo posto è riservato" in page
    assert "<path d=" in page
    assert len(mails("ticket")) == 1
    client.post(link)
    assert len(mails("ticket")) == 1


def test_form_to_mail_in_the_outbox_takes_few_queries(client, event, django_assert_num_queries):
    client.get(f"/eventi/{event.slug}/iscrizione/")
    with django_assert_num_queries(16):  # of them four SAVEPOINTs, which stand for BEGIN and COMMIT here
        send(client, event, newsletter="on", photos="on")
    assert len(mails("confirm")) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_been_here", [False, True])
def test_one_registration_takes_at_most_twelve_statements(client, has_been_here):
    """From BEGIN to COMMIT with both; and of the whole POST, session and event included, without them."""
    event = make_event()
    make_registration(event)
    send(client, event)  # caches are warm, as they are all day
    if not has_been_here:
        client.cookies.clear()
    with CaptureQueriesContext(connection) as captured:
        assert send(client, event, email="bea@example.org").status_code == 302
    statements = [query["sql"] for query in captured.captured_queries]
    assert len(one_registration.longest_transaction(statements)) == 11
    assert len([one for one in statements if not one.startswith(("BEGIN", "COMMIT"))]) == 12
    assert not [one for one in statements if one.startswith(("SAVEPOINT", "RELEASE"))]


def test_form_is_drawn_with_at_most_eight_queries_whatever_the_event_asks(client, programme):
    event = make_event(programme)
    path = f"/eventi/{event.slug}/iscrizione/"
    client.get(path)
    asked = []
    for number in (1, 3):
        while event.questions.count() < number:
            event.questions.create(key=f"question-{event.questions.count()}", label="Che cosa speri di trovare?")
            make_registration(event)
            make_event(programme)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        asked.append(len(captured))
    assert asked[0] == asked[1] <= 8


def test_form_shows_places_and_nothing_ticked(client, programme):
    event = make_event(programme, in_person_capacity=3)
    make_registration(event)
    page = client.get(f"/eventi/{event.slug}/iscrizione/?via=cna").content.decode()
    assert "2 posti liberi" in page
    assert "100 posti liberi" in page
    assert 'value="cna"' in page
    assert " checked" not in page


def test_form_in_english_registers_in_english(client, event):
    response = client.post(f"/en/events/{event.slug}/registration/", ANNA)
    assert response.url.startswith("/en/registrations/sent/")
    assert Registration.objects.get().language == "en"
    assert mails("confirm")[0].message.subject.startswith("Confirm your registration: Trial seminar")


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"first_name": ""}, "Scrivi il tuo nome."),
        ({"first_name": "   "}, "Scrivi il tuo nome."),
        ({"first_name": "a" * 81}, "80 caratteri"),
        ({"email": "anna@"}, "Questo non è un indirizzo e-mail completo"),
        ({"email": "a" * 300 + "@example.org"}, "254 caratteri"),
        ({"privacy": None}, "Conferma di aver letto l&#x27;informativa"),
        ({"mode": "by_post"}, "Scegli un&#x27;opzione valida"),
        ({"mode": None}, "Scegli come vuoi partecipare."),
        ({"website": "http://spam.example"}, "Lascia vuoto questo campo"),
        ({"first_name": "An\x00na"}, "caratteri null"),
    ],
)
def test_form_with_wrong_input_says_so_at_the_field(client, event, over, sentence):
    response = send(client, event, **over)
    assert response.status_code == 422
    assert sentence in response.content.decode().replace("’", "&#x27;")
    assert not Registration.objects.exists()
    assert not Delivery.objects.exists()


def test_name_that_looks_like_a_script_is_refused_and_shown_as_text(client, event):
    page = send(client, event, first_name="<script>alert(1)</script>").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert not event.registrations.exists()
    assert not mails("confirm")


def test_page_after_the_form_tells_nobody_who_is_registered(client, event):
    make_registration(event, email="anna@example.org", first_name="Anna")

    def seen(email):
        page = client.get(send(client, event, email=email).url).content.decode()
        return re.sub(r'value="\w{64}"|/[\w-]{22}/|' + re.escape(email), "", page)

    assert seen("anna@example.org") == seen("nobody@example.org")
    assert [one.email for one in mails("already_registered")] == ["anna@example.org"]
    assert Registration.objects.filter(email="anna@example.org").count() == 1


def test_full_event_tells_nobody_who_is_registered(client, programme):
    event = make_event(programme, in_person_capacity=1, has_waiting_list=False)
    make_registration(event, email="anna@example.org")
    for email in ("anna@example.org", "nobody@example.org"):
        response = send(client, event, email=email)
        assert response.status_code == 422
        assert "I posti sono finiti." in response.content.decode()
    assert not Delivery.objects.exists()


def test_form_sent_again_sends_the_link_again_but_floods_nobody(client, event):
    for _ in range(5):
        assert send(client, event).status_code == 302
    assert Registration.objects.count() == 1
    assert 1 <= len(mails("confirm")) <= 2


def test_sent_page_is_only_for_the_browser_that_sent_the_form(client, event):
    address = send(client, event).url
    assert client.get(address).status_code == 200
    client.cookies.clear()
    assert client.get(address).status_code == 404


def test_mistyped_address_is_corrected(client, event):
    address = send(client, event, email="anan@example.org").url
    response = client.post(address, {"correct": "1", "email": "anna@example.org"}, follow=True)
    assert "anna@example.org" in response.content.decode()
    assert Registration.objects.get().email == "anna@example.org"
    assert [one.email for one in mails("confirm")] == ["anan@example.org", "anna@example.org"]


def test_correcting_never_touches_what_another_browser_registered(client, event):
    others = signup.register(
        event=event, first_name="Bea", email="bea@example.org", mode="online", consents={"privacy": True}
    )
    address = send(client, event, email="bea@example.org").url
    client.post(address, {"correct": "1", "email": "anna@example.org"})
    others.refresh_from_db()
    assert (others.email, others.first_name) == ("bea@example.org", "Bea")
    assert Registration.objects.get(email="anna@example.org").first_name == "Anna"


def test_correcting_to_a_registered_address_looks_the_same_and_frees_the_place(client, event):
    make_registration(event, email="bea@example.org")
    address = send(client, event, email="baa@example.org").url
    response = client.post(address, {"correct": "1", "email": "bea@example.org"}, follow=True)
    assert "bea@example.org" in response.content.decode()
    assert Registration.objects.get(email="baa@example.org").state == "cancelled"
    assert len(mails("already_registered")) == 1
    assert places.miscounted(event) == {}


def test_full_event_offers_the_waiting_list(client, programme):
    event = make_event(programme, in_person_capacity=1, online_capacity=None)
    make_registration(event)
    assert "Entra in lista d’attesa" in client.get(f"/eventi/{event.slug}/iscrizione/").content.decode()
    send(client, event)
    page = client.post(link_in(mails("confirm")[0]), follow=True).content.decode()
    assert "Hai il numero 1 nella lista" in page
    assert "numero 1" in mails("waiting")[0].message.subject


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"cancelled_at": timezone.now()}, "Questo evento non si terrà"),
        ({"registration_opens_at": timezone.now() + timedelta(days=1)}, "Le iscrizioni aprono"),
        ({"registration_closes_at": timezone.now() - timedelta(days=1)}, "Le iscrizioni sono chiuse"),
    ],
)
def test_form_of_an_event_that_takes_nobody_says_why(client, programme, over, sentence):
    event = make_event(programme, **over)
    assert sentence in client.get(f"/eventi/{event.slug}/iscrizione/").content.decode()
    assert send(client, event).status_code == 200
    assert not Registration.objects.exists()


def test_form_of_an_unpublished_event_is_not_found(client, programme):
    event = make_event(programme, published_at=None)
    assert client.get(f"/eventi/{event.slug}/iscrizione/").status_code == 404
    assert send(client, event).status_code == 404


def test_confirm_link_that_ran_out_takes_a_place_while_there_is_one(client, event):
    send(client, event)
    expiring.expire(timezone.now() + timedelta(hours=2))
    link = link_in(mails("confirm")[0])
    assert "è scaduto" in client.get(link).content.decode()
    assert "Il tuo posto è riservato" in client.post(link, follow=True).content.decode()


def test_confirm_link_of_a_cancelled_registration_says_what_to_do(client, event):
    send(client, event)
    changing.cancel(registration=Registration.objects.get())
    link = link_in(mails("confirm")[0])
    assert "annullata" in client.get(link).content.decode()
    response = client.post(link)
    assert response.status_code == 409
    assert f"/eventi/{event.slug}/" in response.content.decode()
    assert Registration.objects.get().state == "cancelled"


@pytest.mark.parametrize("page", ["", "conferma/", "annulla/", "online/", "evento.ics"])
def test_unknown_token_is_not_found(client, programme, page):
    assert client.get(f"/iscrizioni/{'x' * 22}/{page}").status_code == 404


def test_one_browser_cannot_take_every_place(client, programme):
    event = make_event(programme, slug="laboratorio-pisa", in_person_capacity=12)
    for number in range(11):
        assert send(client, event, email=f"a{number}@example.org").status_code == 302
    response = send(client, event, email="a12@example.org")
    assert response.status_code == 429
    assert "Molte iscrizioni dalla tua rete" in response.content.decode()
    assert Registration.objects.count() == len(mails("confirm")) == 11


def test_address_corrected_too_often_is_refused(client, event):
    sent = send(client, event).url
    for number in range(5):
        client.post(sent, {"correct": "1", "email": f"b{number}@example.org"})
    response = client.post(sent, {"correct": "1", "email": "c@example.org"})
    assert "troppe volte" in response.content.decode()
    assert Registration.objects.get().email == "b4@example.org"
    assert not Delivery.objects.filter(email="c@example.org").exists()


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"cancelled_at": timezone.now()}, "non si terrà"),
        (
            {"starts_at": timezone.now() - timedelta(days=2), "ends_at": timezone.now() - timedelta(days=1)},
            "Questo evento è finito",
        ),
    ],
)
def test_link_of_an_event_that_is_off_says_so_at_once(client, event, over, words):
    send(client, event)
    type(event).objects.filter(pk=event.pk).update(**over)
    page = client.get(link_in(mails("confirm")[0])).content.decode()
    assert words in page
    assert '<button class="btn btn-primary btn-big"' not in page


@pytest.mark.parametrize("field", ["first_name", "last_name", "organisation"])
@pytest.mark.parametrize("typed", ["su https://x.example", "WWW.x.example", "anna@x.example", "http：//x.example"])
def test_name_that_leads_elsewhere_is_refused_at_its_field(client, event, field, typed):
    response = send(client, event, **{field: typed})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not Registration.objects.exists()
    assert not Delivery.objects.exists()
