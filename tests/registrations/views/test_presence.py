"""What somebody has to look at, and a person's presence put right on her page."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.services import trail
from registrations.models import Correction, Registration, Scan
from registrations.services import attendance, correcting_presence
from tests.make import both, make_device, make_event, make_registration, make_scan

pytestmark = pytest.mark.django_db
PAGE = "/gestione/eventi/seminario-pisa/da-guardare/"


@pytest.fixture
def event(programme, pisa):
    """Over since an hour; two parts of two hours."""
    starts_at = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=5)
    event = make_event(programme, slug="seminario-pisa", territory=pisa, starts_at=starts_at)
    for half in (0, 2):
        event.sessions.create(
            starts_at=starts_at + timedelta(hours=half), minutes=120, title=both(f"Parte {half}", f"Part {half}")
        )
    return event


@pytest.fixture
def anna(event):
    return make_registration(event, first_name="Anna", last_name="Verdi")


@pytest.fixture
def piero(client, cast):
    client.force_login(cast.piero)
    return client


def entry(event, **over):
    at = timezone.localtime(event.starts_at + timedelta(minutes=30))
    values = {"direction": "in", "mode": "in_person", "at": at.strftime("%Y-%m-%dT%H:%M"), "reason": "Firma sul foglio"}
    return {f"entry-{name}": value for name, value in (values | over).items()}


def page_of(registration, more=""):
    return f"/gestione/eventi/seminario-pisa/persone/{registration.pk}/{more}"


def shown(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def two_days(event):
    """From Thursday at nine to Friday at one, in Rome; three hours of agenda on each."""
    start = datetime(2024, 6, 20, 9, tzinfo=ZoneInfo("Europe/Rome"))
    event.sessions.all().delete()
    event.starts_at, event.ends_at = start, start + timedelta(hours=28)
    event.save()
    for hours in (0, 25):
        event.sessions.create(starts_at=start + timedelta(hours=hours), minutes=180, title=both("Parte", "Part"))
    return event


def test_presence_at_several_days_names_them(piero, two_days, anna):
    make_scan(anna, at=two_days.starts_at)
    make_scan(anna, at=two_days.starts_at + timedelta(hours=25))
    attendance.recompute(anna)
    page = shown(piero.get(page_of(anna)))
    assert "giovedì 20 giugno 2024, dalle 9:00 alle 13:00 di venerdì 21 giugno</small></h2>" in page
    assert re.findall(r'class="presence-clock"[^>]*>([^<]*)<', page) == [
        "gio 9:00",
        "14:00",
        "19:00",
        "ven 0:00",
        "5:00",
        "10:00",
    ]
    assert "<strong>360 minuti</strong>" in page
    assert "<td>gio 20, 9:00–12:00</td>" in page
    assert "<td>20 giugno, 9:00</td> <td>uscita non rilevata; conta fino alle 12:00</td>" in page
    assert "mai la notte" in page


@pytest.mark.parametrize("number", [1, 3])
def test_to_look_at_asks_a_fixed_number_of_queries(piero, event, number, django_assert_num_queries):
    door = make_device(event)[0]
    for _ in range(number):
        make_scan(make_registration(event), at=event.starts_at, is_forced=True, reason="already_in", device=door)
    with django_assert_num_queries(9):
        content = shown(piero.get(PAGE))
    assert content.count('aria-labelledby="doubt-') == number


def test_to_look_at_is_paged(piero, event, anna):
    for minute in range(27):
        make_scan(anna, at=event.starts_at + timedelta(minutes=minute), is_forced=True, reason="replaced")
    first, second = shown(piero.get(PAGE)), shown(piero.get(f"{PAGE}?page=2"))
    assert (first.count('aria-labelledby="doubt-'), second.count('aria-labelledby="doubt-')) == (25, 2)


def test_the_desk_counts_and_leads_there(piero, event, anna):
    scan = make_scan(anna, at=event.starts_at, is_forced=True, reason="replaced")
    make_scan(anna, at=event.starts_at)
    assert f'{PAGE}">Seminario di prova</a>: 1 lettura' in shown(piero.get("/gestione/"))
    assert PAGE in shown(piero.get("/gestione/eventi/seminario-pisa/"))
    correcting_presence.settle(scan=scan, by=None)
    assert PAGE not in shown(piero.get("/gestione/"))
    assert PAGE not in shown(piero.get("/gestione/eventi/seminario-pisa/"))


def test_fine_as_it_is(piero, cast, event, anna):
    scan = make_scan(anna, at=event.starts_at, is_forced=True, reason="replaced")
    response = piero.post(f"{PAGE}{scan.pk}/settle/", follow=True)
    assert "Niente da sistemare" in shown(response)
    assert (scan.corrections.get().kind, scan.corrections.get().by) == ("settled", cast.piero)
    assert str(trail.lines(event)[0].what) == f"ha controllato una lettura alla porta ({anna.code})"


def test_taken_back_from_the_list_with_a_reason_and_not_without(piero, event, anna):
    scan = make_scan(anna, at=event.starts_at, is_forced=True, reason="already_in")
    attendance.recompute(anna)
    refused = shown(piero.post(f"{PAGE}{scan.pk}/annul/", {"reason": " "}, follow=True))
    anna.refresh_from_db()
    assert ("Scrivi il motivo" in refused, anna.minutes) == (True, 240)
    assert not Correction.objects.exists()
    piero.post(f"{PAGE}{scan.pk}/annul/", {"reason": "Era la sorella"})
    anna.refresh_from_db()
    assert (anna.minutes, scan.corrections.get().reason) == (0, "Era la sorella")


def test_let_in_though_cancelled_is_registered_above_the_places(piero, event):
    event.in_person_capacity = 0
    event.save()
    gone = make_registration(event, state=Registration.State.CANCELLED, cancelled_at=timezone.now())
    scan = make_scan(gone, at=event.starts_at, is_forced=True, reason="cancelled")
    attendance.recompute(gone)
    assert "posti sono finiti" in shown(piero.get(PAGE))
    piero.post(f"{PAGE}{scan.pk}/register/", {"reason": "Era già in sala"})
    gone.refresh_from_db()
    assert (gone.state, gone.is_extra, gone.extra_because) == ("confirmed", True, "Era già in sala")


def test_a_decision_that_does_not_exist_is_not_found(piero, event, anna):
    scan = make_scan(anna, at=event.starts_at, is_forced=True, reason="replaced")
    assert piero.post(f"{PAGE}{scan.pk}/delete/", {"reason": "x"}).status_code == 404
    assert piero.get(f"{PAGE}{scan.pk}/settle/").status_code == 405


def test_nobody_decides_about_another_provinces_scans(cast, event, anna):
    scan = make_scan(anna, at=event.starts_at, is_forced=True, reason="replaced")
    client = Client()
    for who in (cast.lucia, cast.dora):
        client.force_login(who)
        assert client.post(f"{PAGE}{scan.pk}/annul/", {"reason": "x"}).status_code in {403, 404}
    assert not Correction.objects.exists()


def test_what_a_revoked_phone_left_is_settled_with_one_reason(piero, event, anna):
    phone, other = make_device(event, name="Ingresso")[0], make_device(event)[0]
    for n in range(30):
        known = {"registration": anna} if n else {}
        Scan.objects.create(
            event=event, nonce=f"r{n}", direction="out" if n % 2 else "in", at=event.starts_at, status="review",
            reason="revoked" if n % 3 else "invalid", device=phone, **known,
        )  # fmt: skip
    twice = make_scan(anna, at=event.starts_at, is_forced=True, reason="already_in", device=phone)
    elsewhere = Scan.objects.create(
        event=event, nonce="x", direction="in", at=event.starts_at, status="review", reason="invalid", device=other
    )
    page = shown(piero.get(PAGE))
    assert "Ingresso: chiudi tutte le 30 letture" in page
    assert "Un telefono revocato segnala l’uscita di Anna Verdi" in page
    address = f"{PAGE}telefono/{phone.pk}/"
    assert "Scrivi il motivo" in shown(piero.post(address, {"reason": " "}, follow=True))
    assert not Correction.objects.exists()
    assert "Guardate: 30 letture" in shown(piero.post(address, {"reason": "Prove di ieri"}, follow=True))
    assert set(Correction.objects.values_list("kind", "reason")) == {("settled", "Prove di ieri")}
    assert set(Scan.objects.to_look_at()) == {twice, elsewhere}
    piero.post(address, {"reason": "Di nuovo"})
    assert Correction.objects.count() == 30


def test_taking_back_says_which_of_two_entries(piero, event, anna):
    first, second = make_device(event, name="Porta nord")[0], make_device(event, name="Porta sud")[0]
    make_scan(anna, at=event.starts_at, device=first)
    make_scan(anna, at=event.starts_at, is_forced=True, reason="already_in", device=second)
    time = timezone.localtime(event.starts_at).strftime("%-H:%M")
    page = shown(piero.get(PAGE))
    assert "Togli quella di Porta sud</summary>" in page
    assert ">Lascia tutte e due<" in page
    make_scan(anna, at=event.starts_at, is_forced=True, reason="already_in", device=first)
    page = shown(piero.get(PAGE))
    assert "Togli dal conto: entrata, Porta nord, " in page, "of one door, the time tells which"
    assert f"{time}</summary>" in page


@pytest.mark.parametrize(
    ("over", "does", "does_not"),
    [
        ({"status": "review", "reason": "revoked"}, ">Non conta<", ">Conta<"),
        ({"is_forced": True, "reason": "not_in", "direction": "out"}, ">Conta<", ">Non conta<"),
        ({"status": "review", "reason": "closed"}, ">Non conta<", ">Conta: scrivi perché<"),
    ],
)
def test_button_says_whether_it_counts(piero, event, anna, over, does, does_not):
    make_scan(anna, at=event.starts_at, **over)
    for page in (shown(piero.get(PAGE)), shown(piero.get(page_of(anna)))):
        assert does in page
        assert does_not not in page
    assert "Va bene così" not in page


@pytest.fixture
def unknown(event):
    return Scan.objects.create(
        event=event, nonce="u", code="ZZZZ-9999", direction="in", at=event.starts_at, status="review", reason="unknown"
    )


def test_unknown_ticket_is_searched_and_given_to_whom_it_was(piero, event, anna, unknown):
    whose = f"{PAGE}{unknown.pk}/di-chi/"
    assert "ZZZZ-9999" in shown(piero.get(PAGE))
    assert 'type="radio"' not in shown(piero.get(whose))
    assert "Anna Verdi" in shown(piero.get(whose, {"q": "verdi"}))
    response = piero.post(f"{whose}?q=verdi", {"person": anna.pk, "reason": "L'ha detto lei"}, follow=True)
    anna.refresh_from_db()
    assert ("Scritto: era Anna Verdi" in shown(response), anna.minutes) == (True, 240)


@pytest.mark.parametrize("given", [{"reason": "Era lei"}, {"person": "mine"}, {"person": "0", "reason": "Era lei"}])
def test_whose_it_was_needs_a_person_and_a_reason(piero, event, anna, unknown, given):
    data = given | ({"person": anna.pk} if given.get("person") == "mine" else {})
    response = piero.post(f"{PAGE}{unknown.pk}/di-chi/?q=verdi", data)
    assert (response.status_code, Correction.objects.count(), Scan.objects.count()) == (422, 0, 1)


def test_persons_page_shows_stays_parts_facts_and_corrections(piero, cast, event, anna):
    door = make_device(event, name="Ingresso")[0]
    at = event.starts_at
    make_scan(anna, at=at, device=door, device_at=at - timedelta(minutes=7), clock_offset=420_000)
    wrong = make_scan(anna, at=at + timedelta(minutes=60), direction="out", device=door)
    correcting_presence.annul(scan=wrong, reason="Era la sorella", by=cast.piero)
    correcting_presence.add(
        registration=anna,
        mode="in_person",
        direction="out",
        at=at + timedelta(minutes=150),
        reason="Vista",
        by=cast.piero,
    )
    content = shown(piero.get(page_of(anna)))
    assert "<strong>150 minuti</strong>" in content
    assert "120 su 120" in content
    assert "30 su 120" in content
    assert content.count("<s>") == 1
    assert "da Piero" in content
    assert "Era la sorella" in content
    assert "orologio del telefono segnava" in content
    assert "telefono all’ingresso: Ingresso" in content
    assert "conta fino alla fine dell" in content
    assert content.count(">Togli dal conto<") == 2 * 2  # both that count: the summary and its button


@pytest.mark.parametrize("number", [1, 3])
def test_persons_page_asks_a_fixed_number_of_queries_for_her_facts(
    piero, cast, event, anna, number, django_assert_num_queries
):
    door = make_device(event)[0]
    for minute in range(number):
        scan = make_scan(anna, at=event.starts_at + timedelta(minutes=minute), device=door)
        if minute:
            correcting_presence.annul(scan=scan, reason="Doppio", by=cast.piero)
    correcting_presence.annul(scan=make_scan(anna), reason="Doppio", by=cast.piero)
    with django_assert_num_queries(14):
        piero.get(page_of(anna))


def test_while_the_event_runs_minutes_count_as_far_as_it_has_come(piero, programme, pisa):
    starts_at = timezone.now() - timedelta(minutes=60, seconds=5)
    event = make_event(programme, slug="seminario-pisa", territory=pisa, starts_at=starts_at, missing_exit="nothing")
    anna = make_registration(event)
    make_scan(anna, at=starts_at)
    attendance.recompute(anna)
    content = shown(piero.get(page_of(anna)))
    assert "<strong>60 minuti</strong>" in content
    assert "se l’uscita venisse letta adesso" in content
    assert "quella permanenza non conta" in content


def test_entrance_by_hand(piero, cast, event, anna):
    response = piero.post(page_of(anna, "presenza/"), entry(event))
    anna.refresh_from_db()
    assert (response.status_code, response["Location"][-9:], anna.minutes) == (302, "#presence", 210)
    assert (anna.scans.get().by, anna.scans.get().note) == (cast.piero, "Firma sul foglio")
    assert str(trail.lines(event)[0].what) == f"ha corretto la presenza di una persona ({anna.code})"


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"reason": ""}, "Scrivi il motivo"),
        ({"at": "2030-01-01T09:00"}, "Deve ancora venire"),
        ({"at": "ieri"}, "entry-at"),
        ({"direction": "sideways"}, "entry-direction"),
    ],
)
def test_refused_entrance_stays_in_the_form_with_its_sentence(piero, event, anna, over, sentence):
    content = shown(piero.post(page_of(anna, "presenza/"), entry(event, **over)))
    assert sentence in content
    assert "has-error" in content
    assert re.search(rf'<(input|select)[^>]*name="entry-{next(iter(over))}"[^>]*autofocus', content)
    assert '<details class="presence-add" open>' in content
    assert over.get("reason") == "" or "Firma sul foglio" in content
    assert not Scan.objects.exists()


def test_taking_back_leads_back_to_the_person(piero, event, anna):
    scan = make_scan(anna, at=event.starts_at)
    response = piero.post(f"{PAGE}{scan.pk}/annul/", {"reason": "Era la sorella", "person": "1"})
    assert response["Location"] == page_of(anna) + "#presence"


@pytest.mark.parametrize(
    ("rule", "words"),
    [("end", "fino alla fine dell"), ("session", "della parte di programma"), ("nothing", "non conta")],
)
def test_the_rule_is_written_where_minutes_are(piero, event, anna, rule, words):
    event.missing_exit = rule
    event.save()
    Registration.objects.filter(pk=anna.pk).update(minutes=10)
    assert words in shown(piero.get("/gestione/eventi/seminario-pisa/attestati/"))
    event.starts_at, event.ends_at = timezone.now() + timedelta(hours=1), timezone.now() + timedelta(hours=5)
    event.save()
    assert words in shown(Client().get(f"/iscrizioni/{anna.token}/"))
