"""What anybody sees: home, list, event page; in two languages, with the same few questions to the database."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Material, Session, Speaker
from tests.make import both, make_event, make_programme, make_registration, make_territory, make_venue


def in_days(days: float, hours: float = 4) -> dict:
    start = timezone.now().replace(microsecond=0) + timedelta(days=days)
    return {"starts_at": start, "ends_at": start + timedelta(hours=hours)}


def text(response) -> str:
    """The page's words, whatever the white space between them."""
    return " ".join(response.content.decode().split())


def titles(response) -> list[str]:
    return [event.slug for event in response.context["page"]]


# ── Home ──


def test_home_asks_five_questions_whatever_the_size(client, programme, django_assert_num_queries):
    client.get("/")  # figures are counted once a minute
    for number in (1, 3):
        while programme.events.count() < number:
            territory = make_territory(programme, f"Provincia {programme.events.count()}")
            make_event(programme, territory=territory, venue=make_venue(programme))
        with django_assert_num_queries(5):
            response = client.get("/")
        assert len(response.context["next_events"]) == number
        assert len(response.context["board"].tiles) == number


def test_home_shows_the_next_three_and_no_past_or_cancelled_one(client, programme):
    for day in (9, 3, 5, 7):
        make_event(programme, slug=f"tra-{day}", **in_days(day))
    make_event(programme, slug="passato", **in_days(-2))
    make_event(programme, slug="annullato", cancelled_at=timezone.now(), **in_days(1))
    shown = [event.slug for event in client.get("/").context["next_events"]]
    assert shown == ["tra-3", "tra-5", "tra-7"]


def test_home_says_how_a_province_stands_to_eyes_and_ears(client, programme, pisa):
    make_event(programme, territory=pisa, in_person_taken=34, in_person_capacity=60, online_capacity=None)
    page = text(client.get("/"))
    assert "Pisa. Seminario: 26 posti liberi." in page
    assert "<td>26 posti liberi</td>" in page


def test_home_of_an_empty_site_invites(client, db):
    assert client.get("/").status_code == 200
    make_programme()
    assert "In questo momento non ci sono eventi in programma" in text(client.get("/"))


def test_home_in_english(client, programme):
    make_event(programme)
    page = text(client.get("/en/"))
    assert '<html lang="en">' in page
    assert "Trial seminar" in page
    assert 'href="/" lang="it"' in page


# ── List ──


def test_list_asks_five_questions_whatever_the_size(client, programme, django_assert_num_queries):
    client.get("/eventi/")
    for number in (1, 3):
        while programme.events.count() < number:
            territory = make_territory(programme, f"Provincia {programme.events.count()}")
            make_event(programme, territory=territory, venue=make_venue(programme))
        with django_assert_num_queries(5):
            response = client.get("/eventi/")
        assert len(titles(response)) == number


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["qui-presto", "la-presto", "qui-online"]),
        ("province=pisa", ["qui-presto", "qui-online"]),
        ("kind=lab", ["la-presto"]),
        ("mode=online", ["qui-online"]),
        ("province=pisa&mode=online&kind=seminar", ["qui-online"]),
        ("when=past", ["ieri"]),
        ("when=all", ["ieri", "qui-presto", "la-presto", "qui-online"]),
        ("kind=boh&mode=boh&month=boh&when=boh&page=boh", ["qui-presto", "la-presto", "qui-online"]),
        ("month=2024-13", ["qui-presto", "la-presto", "qui-online"]),
    ],
)
def test_list_narrowed_down(client, programme, pisa, lucca, query, found):
    make_event(programme, slug="qui-presto", territory=pisa, online_capacity=None, **in_days(2))
    make_event(programme, slug="la-presto", territory=lucca, kind="lab", online_capacity=None, **in_days(3))
    make_event(programme, slug="qui-online", territory=pisa, **in_days(4))
    make_event(programme, slug="ieri", territory=lucca, kind="meeting", online_capacity=None, **in_days(-1))
    assert titles(client.get(f"/eventi/?{query}")) == found


def test_list_by_month_goes_by_the_clock_on_the_wall(client, programme):
    """Midnight in Rome on 1 August is still July in UTC."""
    start = timezone.make_aware(timezone.datetime(2031, 8, 1, 0, 30))
    make_event(programme, slug="notte", starts_at=start, ends_at=start + timedelta(hours=2))
    assert titles(client.get("/eventi/?month=2031-08")) == ["notte"]
    assert titles(client.get("/eventi/?month=2031-07")) == []


def test_list_hides_drafts_and_other_programmes(client, programme):
    make_event(programme, published_at=None)
    make_event(make_programme(is_current=False))
    assert titles(client.get("/eventi/")) == []


def test_list_that_finds_nothing_says_what_to_do(client, programme):
    make_event(programme)
    page = text(client.get("/eventi/?kind=final"))
    assert "Nessun evento con questi filtri" in page
    assert "Togli i filtri" in page


def test_list_can_be_followed_as_a_calendar_with_its_filters(client, programme, pisa):
    make_event(programme, territory=pisa)
    assert "webcal://testserver/eventi.ics?province=pisa" in text(client.get("/eventi/?province=pisa&when=all"))


def test_list_of_many_has_pages(client, programme):
    for day in range(1, 23):
        make_event(programme, **in_days(day))
    first = client.get("/eventi/?mode=online")
    assert len(titles(first)) == 20
    assert "?mode=online&amp;page=2" in text(first)
    assert len(titles(client.get("/eventi/?mode=online&page=2"))) == 2


# ── One event ──


def test_event_asks_five_questions_whatever_the_size(client, programme, pisa, django_assert_num_queries):
    event = make_event(programme, territory=pisa, venue=make_venue(programme), slug="grande")
    client.get("/eventi/grande/")
    for number in (1, 3):
        while event.sessions.count() < number:
            session = Session.objects.create(event=event, starts_at=event.starts_at, minutes=30, title="Parte")
            Speaker.objects.create(event=event, session=session, name="Ada Neri")
            Material.objects.create(event=event, title="Slide", url="https://example.org/")
            make_event(programme, territory=pisa)
        with django_assert_num_queries(5):
            page = text(client.get("/eventi/grande/"))
        assert page.count("Ada Neri") == number


@pytest.mark.parametrize(
    ("facts", "words", "can_register"),
    [
        ({}, "Iscriviti", True),
        ({"in_person_taken": 60, "online_taken": 100}, "Entra in lista d", True),
        ({"in_person_taken": 60, "online_taken": 100, "has_waiting_list": False}, "I posti sono finiti.", False),
        ({"registration_opens_at": timezone.now() + timedelta(days=2)}, "Le iscrizioni aprono", False),
        ({"registration_closes_at": timezone.now() - timedelta(hours=1)}, "Le iscrizioni sono chiuse.", False),
        ({"cancelled_at": timezone.now()}, "Questo evento non si terrà.", False),
        (in_days(-0.05), "In corso", True),
        (in_days(-2), "si è concluso", False),
        ({"is_date_assumed": True}, "Data da confermare.", True),
    ],
    ids=["open", "waiting-list", "full", "not-yet", "closed", "cancelled", "running", "over", "date-to-be-confirmed"],
)
def test_event_says_the_one_thing_to_do(client, programme, facts, words, can_register):
    make_event(programme, slug="questo", **facts)
    page = text(client.get("/eventi/questo/"))
    assert words in page
    assert ('href="/eventi/questo/iscrizione/"' in page) is can_register


def test_event_over_shows_who_came_and_what_came_out(client, programme):
    event = make_event(programme, slug="finito", outcome=both("Undici **bisogni**", "Eleven needs"), **in_days(-2))
    for _number in range(3):
        make_registration(event, entered_at=event.starts_at)
    make_registration(event)
    page = text(client.get("/eventi/finito/"))
    assert "<strong>3</strong> persone presenti" in page
    assert "Undici <strong>bisogni</strong>" in page


def test_event_shows_how_to_get_there_and_no_online_room(client, programme):
    venue = make_venue(
        programme, by_train=both("Dieci minuti a piedi", "Ten minutes"), accessibility=both("Rampa", "Ramp")
    )
    make_event(programme, slug="qui", venue=venue, online_url="https://rooms.example/secret")
    page = text(client.get("/eventi/qui/"))
    assert "Dieci minuti a piedi" in page
    assert "Rampa" in page
    assert "rooms.example" not in page


def test_event_in_english_has_its_own_address(client, programme):
    make_event(programme, slug="questo")
    assert 'hreflang="en" href="http://testserver/en/events/questo/"' in text(client.get("/eventi/questo/"))
    assert "Trial seminar" in text(client.get("/en/events/questo/"))


def test_event_not_published_is_not_there(client, programme):
    make_event(programme, slug="bozza", published_at=None)
    response = client.get("/eventi/bozza/")
    assert response.status_code == 404
    assert "A questo indirizzo non c’è nulla" in text(response)


def test_title_written_as_html_stays_text(client, programme):
    make_event(programme, slug="cattivo", title=both("<script>alert(1)</script>", "x"))
    for address in ("/", "/eventi/", "/eventi/cattivo/"):
        assert "<script>alert" not in client.get(address).content.decode()


@pytest.mark.parametrize("address", ["/", "/eventi/", "/eventi/questo/", "/en/", "/en/events/", "/en/events/questo/"])
def test_pages_only_answer_questions(client, programme, address):
    make_event(programme, slug="questo")
    assert client.get(address).status_code == 200
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405


def test_event_that_is_over_has_no_date_to_confirm_and_no_places_left(client, programme):
    make_event(slug="s", is_date_assumed=True, starts_at=timezone.now() - timedelta(days=3))
    page = client.get("/eventi/s/").content.decode() + client.get("/eventi/?when=past").content.decode()
    assert "confermare" not in page
    assert "places-left" not in page


def test_event_that_no_longer_takes_registrations_says_no_places(client, programme):
    make_event(slug="s", registration_closes_at=timezone.now())
    page = client.get("/eventi/s/").content.decode()
    assert "Le iscrizioni sono chiuse" in page
    assert "places-left" not in page


@pytest.mark.parametrize("value", ["9" * 30, "-1", "9" * 5000, "%00", "0000-01", "9999-12", "2024-05-01", "x" * 300])
@pytest.mark.parametrize("name", ["page", "month", "province", "kind", "mode", "when"])
def test_odd_value_in_the_address_breaks_nothing(client, programme, name, value):
    make_event()
    assert client.get(f"/eventi/?{name}={value}").status_code == 200
    assert client.get(f"/eventi.ics?{name}={value}").status_code == 200


def test_home_without_a_programme_promises_nothing(client, db):
    page = client.get("/").content.decode()
    assert "in preparazione" in page
    for promise in ("Trova l’evento", "Eventi passati", "Unione europea"):
        assert promise not in page
