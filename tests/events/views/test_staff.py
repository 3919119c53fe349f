from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.timezone import localtime

from accounts.services import trail
from events.models import Event, Material, Session, Venue
from registrations.services import attendance, recounting
from tests.make import both, make_event, make_organisation, make_registration, make_scan, make_venue

pytestmark = pytest.mark.django_db
DESK = "/gestione/eventi/"


@pytest.fixture
def event(programme, pisa):
    return make_event(programme, slug="seminario-pisa", territory=pisa)


def filled(event: Event, **over) -> dict:
    """What the browser would send for `event` as it is."""

    def moment(value):
        return localtime(value).strftime("%Y-%m-%dT%H:%M")

    texts = {f"{name}_{i}": "" for name in ("summary", "description", "outcome") for i in (0, 1)}
    return {
        **texts, "title_0": "Seminario di prova", "title_1": "Trial seminar", "territory": event.territory_id,
        "starts_at": moment(event.starts_at), "ends_at": moment(event.ends_at),
        "in_person_capacity": 60, "online_capacity": 100, "has_waiting_list": "on", "offer_hours": 24,
        "registration_opens_at": moment(event.registration_opens_at),
        "registration_closes_at": moment(event.registration_closes_at), "threshold": 75,
    } | over  # fmt: skip


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_a_fixed_number_of_queries(client, cast, programme, pisa, number, django_assert_num_queries):
    for _ in range(number):
        make_event(programme, territory=pisa)
    client.force_login(cast.piero)
    with django_assert_num_queries(7):
        page = client.get(DESK)
    assert page.content.count(b"desk-event") == number


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=prova", 1),
        ("q=niente", 0),
        ("state=draft", 0),
        ("province=pisa", 1),
        ("state=planned&kind=lab", 0),
        ("page=99", 1),
        ("state=nonsense", 1),
    ],
)
def test_list_filters(client, cast, event, query, found):
    client.force_login(cast.carla)
    assert client.get(f"{DESK}?{query}").content.count(b"desk-event") == found


def test_edit_saves_and_is_written_in_the_trail(client, cast, event):
    client.force_login(cast.piero)
    response = client.post(f"{DESK}seminario-pisa/modifica/", filled(event, title_0="Conciliare", threshold=80))
    assert response.status_code == 302
    event.refresh_from_db()
    assert (str(event.title), event.threshold) == ("Conciliare", 80)
    board = client.get(f"{DESK}seminario-pisa/").content.decode()
    assert "Piero" in board.partition("Chi ha fatto cosa")[2]


def test_edit_below_the_places_taken_says_so_at_the_field(client, cast, event):
    Event.objects.update(in_person_taken=5)
    client.force_login(cast.piero)
    page = client.post(f"{DESK}seminario-pisa/modifica/", filled(event, in_person_capacity=3))
    assert page.context["form"].errors.as_data()["in_person_capacity"][0].code == "capacity_below_taken"
    assert Event.objects.get().in_person_capacity == 60


def test_edit_that_moves_people_asks_before_it_tells_them(client, cast, event):
    Event.objects.update(in_person_taken=5)
    client.force_login(cast.piero)
    moved = filled(event, ends_at=localtime(event.ends_at + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"))
    page = client.post(f"{DESK}seminario-pisa/modifica/", moved)
    assert "5 persone iscritte" in page.content.decode()
    assert Event.objects.get().sequence == 0
    client.post(f"{DESK}seminario-pisa/modifica/", moved | {"tell_people": "on"})
    assert Event.objects.get().sequence == 1


def as_opened(client, event: Event, **over) -> dict:
    """What the browser would send from the page as it is now, with `over` typed in."""
    page = client.get(f"{DESK}{event.slug}/modifica/")
    return filled(event, **over) | {"seen": page.context["form"].seen_mark}


@pytest.mark.parametrize(
    ("hours", "parts", "told"),
    [
        (43, [10, 34], "L’evento dura 43 h e il programma 4 h: per l’attestato conta il programma, ogni giorno dalla "
         "prima parte all’ultima. Servono 180 minuti."),
        (43, [], "L’evento dura 43 h e non ha ancora un programma: per l’attestato contano anche le notti"),
        (4, [0], None),
    ],
)  # fmt: skip
def test_edit_says_what_counts_of_several_days(client, cast, event, hours, parts, told):
    event.starts_at = datetime(2024, 6, 20, 23, tzinfo=ZoneInfo("Europe/Rome"))
    event.ends_at = event.starts_at + timedelta(hours=hours)
    event.save()
    for part in parts:
        starts_at = event.starts_at + timedelta(hours=part)
        event.sessions.create(starts_at=starts_at, minutes=120, title=both("Parte", "Part"))
    client.force_login(cast.piero)
    page = " ".join(client.get(f"{DESK}seminario-pisa/modifica/").content.decode().split())
    assert (told in page) if told else ("L’evento dura" not in page)


def test_edit_names_the_days_without_agenda(client, cast, event):
    event.starts_at = datetime(2024, 6, 20, 9, tzinfo=ZoneInfo("Europe/Rome"))
    event.ends_at = event.starts_at + timedelta(hours=56)
    event.save()
    event.sessions.create(starts_at=event.starts_at, minutes=120, title=both("Parte", "Part"))
    client.force_login(cast.piero)
    page = " ".join(client.get(f"{DESK}seminario-pisa/modifica/").content.decode().split())
    assert "Senza programma, quindi non conta nulla:</strong> venerdì 21 giugno, sabato 22 giugno." in page


def test_edit_on_two_pages_at_once_keeps_what_each_changed(client, cast, event):
    client.force_login(cast.piero)
    first, second = as_opened(client, event, in_person_capacity=61), as_opened(client, event, online_capacity=90)
    for sent in (first, second):
        assert client.post(f"{DESK}seminario-pisa/modifica/", sent).status_code == 302
    event.refresh_from_db()
    assert (event.in_person_capacity, event.online_capacity, str(event.title)) == (61, 90, "Seminario di prova")


@pytest.mark.parametrize(
    ("name", "theirs", "hers"),
    [
        ("in_person_capacity", {"in_person_capacity": 61}, {"in_person_capacity": 62}),
        ("title", {"title_0": "Altro"}, {"title_0": "Mio"}),
        (
            "starts_at",
            {"starts_at": "2027-03-01T09:00", "ends_at": "2027-03-01T12:00"},
            {"starts_at": "2027-03-02T09:00", "ends_at": "2027-03-02T12:00"},
        ),
        ("audience_role", {"audience_role": "Presidente"}, {"audience_role": "Sindaca"}),
        ("audience_organisations", "one", "another"),
    ],
)
def test_edit_of_what_somebody_else_changed_is_refused_until_sent_again(client, cast, event, name, theirs, hers):
    if name == "audience_organisations":
        theirs, hers = ({name: [make_organisation(event.programme, slug).pk]} for slug in ("uno", "due"))
    Event.objects.update(registration_closes_at=event.starts_at - timedelta(days=1))
    event.refresh_from_db()
    client.force_login(cast.piero)
    first, second = as_opened(client, event, **theirs), as_opened(client, event, threshold=80, **hers)
    assert client.post(f"{DESK}seminario-pisa/modifica/", first).status_code == 302
    page = client.post(f"{DESK}seminario-pisa/modifica/", second)
    assert page.context["form"].errors.as_data()[name][0].code == "stale"
    assert Event.objects.get().threshold == 75
    assert all(page.context["form"].data[key] == str(value) for key, value in hers.items() if key != name)
    again = second | {"seen": page.context["form"].seen_mark}
    assert client.post(f"{DESK}seminario-pisa/modifica/", again).status_code == 302
    assert Event.objects.get().threshold == 80


def test_edit_to_what_somebody_else_wrote_too_is_no_quarrel(client, cast, event):
    client.force_login(cast.piero)
    pages = [as_opened(client, event, in_person_capacity=61) for _ in range(2)]
    assert {client.post(f"{DESK}seminario-pisa/modifica/", sent).status_code for sent in pages} == {302}


def test_edit_with_a_mark_that_is_not_ours_is_an_edit_of_what_stands_there(client, cast, event):
    client.force_login(cast.piero)
    sent = filled(event, in_person_capacity=61, seen="nonsense:xx")
    assert client.post(f"{DESK}seminario-pisa/modifica/", sent).status_code == 302
    assert Event.objects.get().in_person_capacity == 61


def test_edit_cannot_take_an_event_to_another_province(client, cast, event, lucca):
    client.force_login(cast.piero)
    page = client.post(f"{DESK}seminario-pisa/modifica/", filled(event, territory=lucca.pk))
    assert page.context["form"].has_error("territory", "invalid_choice")
    assert client.post(f"{DESK}seminario-pisa/modifica/", filled(event, territory="")).status_code == 200
    assert Event.objects.get().territory_id == event.territory_id


def test_each_language_has_its_own_visible_label(client, cast, event):
    client.force_login(cast.piero)
    page = client.get(f"{DESK}seminario-pisa/modifica/").content.decode()
    assert '<label for="id_title_0">Italiano</label>' in page
    assert '<label for="id_title_1">Inglese</label>' in page


def test_copy_starts_from_another_event(client, cast, event, pisa):
    client.force_login(cast.piero)
    new = {"source": event.pk, "title_0": "Secondo", "territory": pisa.pk, "starts_at": "2027-03-01T09:00",
           "slug": "seminario-pisa-2"}  # fmt: skip
    assert client.post(f"{DESK}nuovo/", new)["Location"] == f"{DESK}seminario-pisa-2/modifica/"
    assert localtime(Event.objects.get(slug="seminario-pisa-2").starts_at).hour == 9
    again = client.post(f"{DESK}nuovo/", new)
    assert again.context["form"].has_error("slug", "unique")


def test_agenda_is_edited_without_javascript(client, cast, event):
    client.force_login(cast.piero)
    data = {"sessions-TOTAL_FORMS": 1, "sessions-INITIAL_FORMS": 0, "sessions-0-starts_at": event.starts_at.isoformat(),
            "sessions-0-minutes": 45, "sessions-0-title_0": "Il welfare"}  # fmt: skip
    assert client.post(f"{DESK}seminario-pisa/sessions/modifica/", data).status_code == 302
    assert str(Session.objects.get().title) == "Il welfare"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (SimpleUploadedFile("virus.exe", b"MZ"), "invalid_extension"),
        (SimpleUploadedFile("grande.pdf", b"%" * 15_000_001), "too_big"),
        ("", "required"),
    ],
)
def test_material_of_a_wrong_type_or_size_is_refused(client, cast, event, file, code):
    client.force_login(cast.piero)
    data = {"materials-TOTAL_FORMS": 1, "materials-INITIAL_FORMS": 0, "materials-0-title_0": "Slide",
            "materials-0-order": 1, "materials-0-file": file}  # fmt: skip
    page = client.post(f"{DESK}seminario-pisa/materials/modifica/", data)
    assert page.context["formset"].forms[0].has_error("file", code)
    assert not Material.objects.exists()


def test_cancel_says_first_who_will_be_told(client, cast, event):
    Event.objects.update(online_taken=4)
    client.force_login(cast.piero)
    assert "4 persone iscritte" in client.get(f"{DESK}seminario-pisa/annulla/").content.decode()
    assert not Event.objects.get().cancelled_at
    client.post(f"{DESK}seminario-pisa/annulla/")
    assert Event.objects.get().cancelled_at


def test_publish_and_withdraw(client, cast, event):
    client.force_login(cast.piero)
    client.post(f"{DESK}seminario-pisa/pubblica/", {"to": "withdraw"})
    assert not Event.objects.get().published_at
    client.post(f"{DESK}seminario-pisa/pubblica/", {"to": "publish"})
    assert Event.objects.get().published_at


def test_search_finds_words_with_accents(programme):
    make_event(programme, title=both("Parità e città", "Equality"))
    for words in ("parità", "citt", "Parità città", "equal"):
        assert Event.objects.search(words).count() == 1, words
    assert not Event.objects.search("100%").exists()


@pytest.mark.parametrize(
    ("starts_at", "code"),
    [
        ("0001-01-01T00:00", "far_away"),
        ("9999-12-31T23:59", "far_away"),
        ("2027-03-28T02:30", "no_such_time"),
        ("2027-02-30T09:00", "invalid"),
        ("domani", "invalid"),
    ],
)
def test_time_that_cannot_be_says_so_at_the_field(client, cast, event, starts_at, code):
    client.force_login(cast.piero)
    page = client.post(f"{DESK}seminario-pisa/modifica/", filled(event, starts_at=starts_at))
    assert page.context["form"].has_error("starts_at", code)
    assert Event.objects.get().starts_at == event.starts_at


def test_hour_that_comes_twice_is_the_first(client, cast, event):
    client.force_login(cast.piero)
    moved = filled(event, starts_at="2027-10-31T02:30", ends_at="2027-10-31T09:00")
    client.post(f"{DESK}seminario-pisa/modifica/", moved)
    assert Event.objects.get().starts_at.isoformat() == "2027-10-31T00:30:00+00:00"


def test_title_is_needed_in_italian(client, cast, event):
    client.force_login(cast.piero)
    page = client.post(f"{DESK}seminario-pisa/modifica/", filled(event, title_0=" "))
    assert page.context["form"].has_error("title", "required")
    client.post(f"{DESK}seminario-pisa/modifica/", filled(event, title_1=""))
    assert str(Event.objects.get().title) == "Seminario di prova"


@pytest.mark.parametrize("slug", ["nuovo", "new"])
def test_address_of_another_page_is_refused(client, cast, event, pisa, slug):
    client.force_login(cast.piero)
    new = {"source": event.pk, "title_0": "Secondo", "territory": pisa.pk, "starts_at": "2027-03-01T09:00",
           "slug": slug}  # fmt: skip
    assert client.post(f"{DESK}nuovo/", new).context["form"].has_error("slug", "reserved")
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("hours", "minutes", "field"), [(-1, 30, "starts_at"), (5, 30, "starts_at"), (3, 61, "minutes")]
)
def test_agenda_stays_within_the_events_hours(client, cast, event, hours, minutes, field):
    client.force_login(cast.piero)
    data = {"sessions-TOTAL_FORMS": 1, "sessions-INITIAL_FORMS": 0, "sessions-0-minutes": minutes,
            "sessions-0-starts_at": (localtime(event.starts_at) + timedelta(hours=hours)).isoformat(),
            "sessions-0-title_0": "Il welfare"}  # fmt: skip
    page = client.post(f"{DESK}seminario-pisa/sessions/modifica/", data)
    assert page.context["formset"].forms[0].has_error(field, "outside")
    assert not Session.objects.exists()


FIRST = {
    "kind": "lab", "title_0": "Il primo", "starts_at": "2027-03-01T09:00", "ends_at": "2027-03-01T13:00",
    "in_person_capacity": 30, "slug": "il-primo",
}  # fmt: skip


def test_first_event_begins_from_an_empty_page(client, cast, pisa):
    client.force_login(cast.piero)
    assert f"{DESK}nuovo/" in client.get("/gestione/").content.decode()
    assert client.post(f"{DESK}nuovo/", FIRST).context["form"].has_error("territory", "required")
    assert client.post(f"{DESK}nuovo/", FIRST | {"territory": pisa.pk}).status_code == 302
    event = Event.objects.get()
    assert (event.slug, event.territory, event.published_at) == ("il-primo", pisa, None)
    assert (event.registration_closes_at, event.online_capacity) == (event.starts_at, None)


def test_empty_page_is_there_beside_other_events(client, cast, event):
    client.force_login(cast.carla)
    assert 'href="?blank=1"' in client.get(f"{DESK}nuovo/").content.decode()
    page = client.post(f"{DESK}nuovo/?blank=1", FIRST | {"ends_at": "2027-03-01T08:00"})
    assert list(page.context["form"].errors) == ["ends_at"]
    assert client.post(f"{DESK}nuovo/?blank=1", FIRST).status_code == 302
    assert Event.objects.get(slug="il-primo").territory is None


def test_desk_says_dates_in_words(client, cast, event):
    Event.objects.update(starts_at="2027-10-22T09:00+02:00", ends_at="2027-10-22T13:00+02:00")
    client.force_login(cast.piero)
    assert "22 ottobre 2027" in client.get("/gestione/").content.decode()


def test_file_that_may_not_be_uploaded_is_refused_in_plain_italian(client, cast, event):
    client.force_login(cast.piero)
    data = {"materials-TOTAL_FORMS": 1, "materials-INITIAL_FORMS": 0, "materials-0-title_0": "Slide",
            "materials-0-order": 1, "materials-0-file": SimpleUploadedFile("a.exe", b"MZ")}  # fmt: skip
    page = client.post(f"{DESK}seminario-pisa/materials/modifica/", data).content.decode()
    assert "Un file «.exe» non si può caricare" in page


def test_end_before_the_start_is_said_at_the_end(client, cast, event):
    client.force_login(cast.piero)
    page = client.post(f"{DESK}seminario-pisa/modifica/", filled(event, ends_at=filled(event)["starts_at"]))
    assert list(page.context["form"].errors) == ["ends_at"]


def test_venue_is_added_and_changed_at_the_desk(client, cast, pisa):
    client.force_login(cast.piero)
    place = {"name": "Sala Verde", "address": "Via Roma 1", "town": "Pisa"}
    assert client.post("/gestione/luoghi/nuovo/", place).context["form"].has_error("territory", "required")
    assert client.post("/gestione/luoghi/nuovo/", place | {"territory": pisa.pk}).status_code == 302
    venue = Venue.objects.get()
    assert venue.slug.startswith("sala-verde-")
    client.post(f"/gestione/luoghi/{venue.pk}/", place | {"territory": pisa.pk, "address": "Via Roma 2"})
    assert Venue.objects.get().address == "Via Roma 2"
    assert "Sala Verde" in client.get("/gestione/luoghi/").content.decode()


def test_edit_says_who_may_register(client, cast, event):
    cna = make_organisation(event.programme)
    client.force_login(cast.piero)
    page = client.get(f"{DESK}seminario-pisa/modifica/").content.decode()
    assert "Chi può iscriversi" in page
    assert "Unione europea" not in page.partition("audience_organisations")[2].partition("</fieldset>")[0]
    response = client.post(f"{DESK}seminario-pisa/modifica/", filled(event, access="audience"))
    assert list(response.context["form"].errors) == ["audience_organisations"]
    data = filled(event, access="audience", audience_organisations=[cna.pk], audience_role="presidente")
    assert client.post(f"{DESK}seminario-pisa/modifica/", data).status_code == 302
    event.refresh_from_db()
    assert (event.access, event.audience_role) == ("audience", "presidente")
    assert list(event.audience_organisations.all()) == [cna]


def test_day_in_the_past_is_said_at_the_field(client, cast, event):
    client.force_login(cast.piero)
    page = client.post(
        f"{DESK}seminario-pisa/modifica/", filled(event, starts_at="2020-05-14T09:00", ends_at="2020-05-14T13:00")
    )
    assert list(page.context["form"].errors) == ["starts_at"]
    assert 'value="2020-05-14T09:00"' in page.content.decode()


def test_venue_where_people_go_asks_before_it_tells_them(client, cast, programme, pisa):
    client.force_login(cast.piero)
    place = {"name": "Sala Verde", "address": "Via Roma 1", "town": "Pisa"}
    venue = make_venue(programme, territory=pisa, **place)
    event = make_event(programme, territory=pisa, venue=venue)
    make_registration(event)
    moved = place | {"territory": pisa.pk, "address": "Via Roma 2"}
    response = client.post(f"/gestione/luoghi/{venue.pk}/", moved)
    assert response.context["form"].has_error("tell_people", "unconfirmed")
    assert "1 persona iscritta" in response.content.decode()
    venue.refresh_from_db()
    event.refresh_from_db()
    assert (venue.address, event.sequence) == ("Via Roma 1", 0)
    assert client.post(f"/gestione/luoghi/{venue.pk}/", moved | {"tell_people": "on"}).status_code == 302
    event.refresh_from_db()
    assert event.sequence == 1
    directions = moved | {"by_train_0": "A piedi dalla stazione"}
    assert client.post(f"/gestione/luoghi/{venue.pk}/", directions).status_code == 302
    event.refresh_from_db()
    assert event.sequence == 1


def test_new_event_says_once_and_plainly_what_to_mend(client, cast, event):
    client.force_login(cast.piero)
    page = client.post(f"{DESK}nuovo/?blank=1", {"in_person_capacity": -1}).content.decode()
    assert page.count("error-summary") == 1
    assert "Scrivi un numero da 0 in su." in page


def test_cancelled_event_is_called_so_in_its_own_gender():
    assert Event.State.CANCELLED.label == "Annullato"


def test_the_rule_for_a_missing_exit_is_chosen_on_the_page_and_counts_everybody_anew(client, cast, programme, pisa):
    starts_at = timezone.now() - timedelta(hours=5)
    event = make_event(programme, slug="seminario-pisa", territory=pisa, starts_at=starts_at)
    anna = make_registration(event)
    make_scan(anna, at=starts_at)
    attendance.recompute(anna)
    client.force_login(cast.piero)
    page = client.get(f"{DESK}seminario-pisa/modifica/").content.decode()
    assert page.count('type="radio" name="missing_exit"') == 3
    assert "ricontati" in page
    sent = as_opened(client, event, missing_exit="nothing")
    assert client.post(f"{DESK}seminario-pisa/modifica/", sent).status_code == 302
    assert recounting.count_owed(event.pk) == 1
    event.refresh_from_db()
    anna.refresh_from_db()
    assert (event.missing_exit, anna.minutes) == ("nothing", 0)
    line = str(trail.lines(event)[0].what)
    assert line.endswith("“Fino alla fine dell’evento” → “Una permanenza senza uscita non conta”")
