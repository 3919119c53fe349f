from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.services import trail
from events.models import Event
from registrations import desk
from registrations.models import Registration
from registrations.services import attendance, signup, tickets
from tests.make import make_event, make_registration, make_running_event, make_scan
from tests.registrations.people import register

pytestmark = pytest.mark.django_db
LIST = "/gestione/eventi/seminario-pisa/persone/"


@pytest.fixture
def event(programme, pisa):
    return make_event(programme, slug="seminario-pisa", territory=pisa)


@pytest.fixture
def piero(client, cast):
    """Who organises in Pisa, logged in."""
    client.force_login(cast.piero)
    return client


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_a_fixed_number_of_queries(piero, event, number, django_assert_num_queries):
    for _ in range(number):
        make_registration(event)
    with django_assert_num_queries(7):
        page = piero.get(LIST).content
    assert page.count(b'scope="row"') == number


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Bianchi", "Neri", "Verdi"]),
        ("q=ner", ["Neri"]),
        ("q=bianchi@example.org", ["Bianchi"]),
        ("state=waiting", ["Neri"]),
        ("state=cancelled", ["Rossi"]),
        ("state=all", ["Bianchi", "Neri", "Rossi", "Verdi"]),
        ("mode=online", ["Bianchi"]),
        ("presence=yes", ["Verdi"]),
        ("presence=no", ["Bianchi"]),
        ("order=entered&presence=inside", ["Verdi"]),
        ("state=' OR 1=1&order=password&page=x", ["Bianchi", "Neri", "Rossi", "Verdi"]),
    ],
)
def test_list_searches_filters_and_sorts(piero, event, query, names):
    now = timezone.now()
    make_registration(event, last_name="Verdi", entered_at=now, is_inside=True)
    make_registration(event, last_name="Neri", state="waiting")
    make_registration(event, last_name="Bianchi", mode="online", email="bianchi@example.org")
    make_registration(event, last_name="Rossi", state="cancelled", cancelled_at=now)
    page = piero.get(f"{LIST}?{query}")
    assert [one.last_name for one in page.context["page"]] == names


def test_list_finds_a_scanned_ticket(piero, event):
    registration = make_registration(event)
    make_registration(event)
    page = piero.get(LIST, {"q": tickets.ticket_url(registration)})
    assert list(page.context["page"]) == [registration]


def test_list_is_paged(piero, event):
    Registration.objects.bulk_create(
        Registration(event=event, state="waiting", mode="online", first_name="A", last_name=f"{i:03}")
        for i in range(101)
    )
    assert len(piero.get(f"{LIST}?page=2").context["page"]) == 1


def test_person_shows_the_history_and_no_other_events_mails(piero, event):
    registration = make_registration(event)
    page = piero.get(f"{LIST}{registration.pk}/").content.decode()
    assert registration.email in page
    assert "Ancora nessun messaggio" in page


def test_correcting_a_name_keeps_the_ticket(piero, event):
    registration = make_registration(event)
    data = {"first_name": "Ada", "last_name": "Neri", "email": registration.email, "organisation": "CNA"}
    piero.post(f"{LIST}{registration.pk}/", data)
    changed = Registration.objects.get()
    assert (changed.name, changed.organisation) == ("Ada Neri", "CNA")
    assert (changed.token, changed.ticket_version) == (registration.token, 1)


def test_correcting_the_address_replaces_ticket_and_link(piero, event):
    registration = make_registration(event)
    data = {"first_name": "Ada", "last_name": "Neri", "email": "Ada.Neri@example.org", "organisation": ""}
    piero.post(f"{LIST}{registration.pk}/", data)
    changed = Registration.objects.get()
    assert (changed.email, changed.ticket_version, changed.state) == ("ada.neri@example.org", 2, "confirmed")
    assert changed.token != registration.token
    assert piero.get(f"/iscrizioni/{registration.token}/").status_code == 404


def test_correcting_to_an_address_that_is_registered_is_refused_at_the_field(piero, event):
    first, second = make_registration(event), make_registration(event)
    data = {"first_name": "Ada", "last_name": "Neri", "email": first.email, "organisation": ""}
    page = piero.post(f"{LIST}{second.pk}/", data)
    assert page.context["form"].errors.as_data()["email"][0].code == "already_registered"
    second.refresh_from_db()
    assert (second.first_name, second.token) == ("Anna", Registration.objects.get(pk=second.pk).token)


def test_cancelling_gives_the_place_back_and_is_in_the_trail(piero, event):
    registration = make_registration(event)
    piero.post(f"{LIST}{registration.pk}/cancel/")
    event.refresh_from_db()
    assert (event.in_person_taken, Registration.objects.get().state) == (0, "cancelled")
    line = trail.lines(event)[0]
    assert (line.who.split()[0], line.what) == ("Piero", "ha annullato un’iscrizione")


def test_changing_the_mode_when_the_other_is_full_is_refused(piero, event):
    registration = make_registration(event)
    event.online_capacity = 0
    event.save()
    page = piero.post(f"{LIST}{registration.pk}/mode/", {"mode": "online"}, follow=True)
    assert "posti" in page.content.decode()
    assert Registration.objects.get().mode == "in_person"


def test_resending_writes_to_the_outbox(piero, event):
    registration = make_registration(event)
    piero.post(f"{LIST}{registration.pk}/resend/")
    assert "Ancora nessun messaggio" not in piero.get(f"{LIST}{registration.pk}/").content.decode()


def test_an_action_that_does_not_exist_is_not_found(piero, event):
    assert piero.post(f"{LIST}{make_registration(event).pk}/delete/").status_code == 404


def by_hand(**over) -> dict:
    return {"first_name": "Ada", "last_name": "Neri", "email": "", "organisation": "", "mode": "in_person",
            "privacy": "on"} | over  # fmt: skip


def test_by_hand_without_an_address_is_registered_at_once(piero, event):
    piero.post(f"{LIST}nuova/", by_hand())
    assert (Registration.objects.get().state, Registration.objects.get().is_walk_in) == ("confirmed", True)


def test_by_hand_with_an_address_gets_the_link(piero, event):
    piero.post(f"{LIST}nuova/", by_hand(email="ada@example.org", mode="online"))
    registration = Registration.objects.get()
    assert (registration.state, registration.mode, registration.via) == ("pending", "online", "desk")


@pytest.mark.parametrize(
    ("over", "field", "code"),
    [
        ({"privacy": ""}, "privacy", "required"),
        ({"mode": "online"}, "email", "required"),
        ({"email": "no"}, "email", "invalid"),
        ({"mode": "by_post"}, "mode", "invalid_choice"),
        ({"first_name": "A" * 81}, "first_name", "max_length"),
    ],
)
def test_by_hand_with_bad_input_is_refused_at_the_field(piero, event, over, field, code):
    page = piero.post(f"{LIST}nuova/", by_hand(**over))
    assert page.context["form"].has_error(field, code)
    assert not Registration.objects.exists()


def test_by_hand_when_full_says_so(piero, event):
    event.in_person_capacity = 0
    event.save()
    page = piero.post(f"{LIST}nuova/", by_hand())
    assert page.context["form"].has_error("mode", "full")


def test_export_takes_what_the_list_shows_and_is_in_the_trail(piero, event):
    make_registration(event, last_name="Neri")
    make_registration(event, last_name="Bianchi", mode="online")
    response = piero.get(f"{LIST}esporta/?format=csv&mode=online")
    content = b"".join(response).decode()
    assert "Bianchi" in content
    assert "Neri" not in content
    assert trail.lines(event)[0].what == "ha esportato l’elenco delle persone (Persone, 1 persona)"
    assert "seminario-pisa-persone.csv" in response["Content-Disposition"]
    assert piero.get(f"{LIST}esporta/").headers["Content-Type"].startswith("application/vnd.openxml")
    assert piero.get(f"{LIST}esporta/?list=passwords").status_code == 404


def test_old_address_of_the_signature_sheet_leads_to_the_paper(piero, event):
    response = piero.get(f"{LIST}firme/")
    assert (response.status_code, response["Location"]) == (302, "/gestione/eventi/seminario-pisa/carta/")
    assert piero.get("/gestione/eventi/altro/persone/firme/").status_code == 404


def test_home_says_today_first(piero, event):
    now = timezone.now()
    type(event).objects.update(starts_at=now - timedelta(minutes=5), ends_at=now + timedelta(minutes=5))
    make_registration(event, entered_at=now)
    make_registration(event)
    text = " ".join(piero.get("/gestione/").content.decode().split())
    assert "Oggi · Pisa" in text
    assert "<strong>2</strong> persone iscritte, <strong>1</strong> è arrivata" in text


@pytest.mark.parametrize("number", [1, 3])
def test_home_asks_a_fixed_number_of_queries(piero, programme, pisa, number, django_assert_num_queries):
    for _ in range(number):
        make_registration(make_event(programme, territory=pisa))
        make_event(programme, territory=pisa, starts_at=timezone.now() - timedelta(hours=1))
        make_registration(make_event(programme, territory=pisa), state="waiting")
    with django_assert_num_queries(12):
        piero.get("/gestione/")


def test_search_finds_people_events_and_tickets_from_any_page(piero, event):
    registration = make_registration(event, last_name="Neri")
    for words in ("neri", registration.code, tickets.ticket_of(registration)):
        assert f"{LIST}{registration.pk}/" in piero.get("/gestione/cerca/", {"q": words}).content.decode()
    assert "/gestione/eventi/seminario-pisa/" in piero.get("/gestione/cerca/", {"q": "seminario"}).content.decode()


def test_search_stays_in_ones_own_province(client, cast, event):
    registration = make_registration(event, last_name="Neri")
    client.force_login(cast.lucia)
    for words in ("neri", "seminario", tickets.ticket_of(registration)):
        assert "Non ho trovato nulla" in client.get("/gestione/cerca/", {"q": words}).content.decode()


def test_unconfirmed_people_are_not_counted_in_line(piero, event):
    make_registration(event, last_name="Neri", state="waiting")
    make_registration(event, last_name="Gialli", state="waiting", email_confirmed_at=None)
    assert [one.last_name for one in piero.get(f"{LIST}?state=waiting").context["page"]] == ["Neri"]
    page = piero.get(f"{LIST}?state=pending")
    assert [one.last_name for one in page.context["page"]] == ["Gialli"]
    assert "Da confermare</span>" in page.content.decode()
    assert "1 persona in lista d" in piero.get("/gestione/").content.decode()
    (figures,) = [one for one in desk.people(piero.get(LIST).wsgi_request, event)[1]["figures"] if one["waiting"]]
    assert (figures["waiting"], figures["pending"], figures["waiting_to_confirm"]) == (1, 0, 1)
    assert "Senza posto, da confermare" in piero.get("/gestione/eventi/seminario-pisa/").content.decode()


def test_people_still_to_confirm_are_nothing_to_decide(piero, event):
    make_registration(event, state="waiting", email_confirmed_at=None)
    assert "lista d’attesa" not in piero.get("/gestione/").content.decode()


def test_minutes_while_the_event_runs_are_those_until_now(piero, programme, pisa):
    event = make_running_event(programme, slug="laboratorio-pisa", territory=pisa)
    registration = make_registration(event)
    make_scan(registration, at=timezone.now() - timedelta(minutes=5, seconds=10))
    attendance.recompute(registration)
    assert registration.minutes > 180
    page = piero.get(f"/gestione/eventi/{event.slug}/persone/{registration.pk}/").content.decode()
    assert "5 minuti" in page
    export = b"".join(piero.get(f"/gestione/eventi/{event.slug}/persone/esporta/?list=presence&format=csv"))
    assert b";5;no" in export


def test_person_who_asks_is_approved_or_not_with_a_reason(piero, event):
    Event.objects.update(needs_approval=True)
    anna, bea = (signup.confirm(registration=register(event, email=f"{name}@example.org")) for name in ("anna", "bea"))
    assert "Da approvare" in piero.get(f"{LIST}{anna.pk}/").content.decode()
    assert "2 persone da approvare" in piero.get("/gestione/").content.decode()
    piero.post(f"{LIST}{anna.pk}/approve/")
    piero.post(f"{LIST}{bea.pk}/refuse/", {"because": ""})
    anna.refresh_from_db()
    bea.refresh_from_db()
    assert (anna.state, bea.state) == ("confirmed", "requested")
    piero.post(f"{LIST}{bea.pk}/refuse/", {"because": "Solo per chi lavora a Pisa"})
    bea.refresh_from_db()
    assert (bea.state, bea.refused_because) == ("refused", "Solo per chi lavora a Pisa")
    assert [line.what for line in trail.lines(event, 3)[:2]] == [
        "non ha approvato un’iscrizione",
        "ha approvato un’iscrizione",
    ]


def test_waiting_list_is_shown_in_its_order_and_somebody_put_first(piero, event):
    Event.objects.update(in_person_capacity=1)
    make_registration(event, last_name="Alfa")
    people = [
        make_registration(event, last_name=name, state="waiting", queued_at=timezone.now() - timedelta(hours=hours))
        for name, hours in (("Zeta", 3), ("Beta", 2), ("Gamma", 1))
    ]

    def order():
        page = piero.get(LIST, {"state": "waiting"}).context["page"]
        return [one.last_name for one in page]

    assert order() == ["Zeta", "Beta", "Gamma"]
    assert "Numero 3 in lista" in piero.get(f"{LIST}{people[2].pk}/").content.decode()
    piero.post(f"{LIST}{people[2].pk}/promote/", {"because": "Interprete del gruppo"})
    assert order() == ["Gamma", "Zeta", "Beta"]
    assert "Passa avanti: Interprete del gruppo" in piero.get(f"{LIST}{people[2].pk}/").content.decode()
