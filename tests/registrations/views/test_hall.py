"""The hall at a glance: who may look, that an unchanged page costs nothing, calm states, nobody's name."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registrations.models import Registration
from registrations.services import attendance, checkin
from tests.make import make_event, make_registration, make_running_event, make_scan

pytestmark = pytest.mark.django_db
PAGE = "/gestione/eventi/seminario-pisa/sala/"
FIGURES = f"{PAGE}cifre/"


@pytest.fixture
def event(programme, pisa):
    return make_running_event(programme, slug="seminario-pisa", territory=pisa)


@pytest.fixture
def organiser(client, cast):
    client.force_login(cast.piero)
    return client


def come(event, **over):
    person = make_registration(event, **over)
    make_scan(person, at=timezone.now() - timedelta(minutes=10))
    return attendance.recompute(person)


def test_page_shows_figures_picture_and_nobodys_name(organiser, event):
    come(event, first_name="Anna", last_name="Verdi", email="verdi@example.org", organisation="Studio Verdi")
    page = organiser.get(PAGE).content.decode()
    assert "<dt>In sala adesso</dt><dd>1" in page
    assert "hall-picture" in page
    assert "Verdi" not in page
    assert "Anna" not in page


def test_who_works_at_the_door_may_look(client, event, cast):
    client.force_login(cast.dora)
    assert client.get(PAGE).status_code == client.get(FIGURES).status_code == 200


@pytest.mark.parametrize(("name", "status"), [("lucia", 404), ("vito", 403), ("nora", 403), ("fabio", 403)])
def test_who_may_not_check_in_here_sees_nothing(client, event, cast, name, status):
    client.force_login(getattr(cast, name))
    assert client.get(PAGE).status_code == client.get(FIGURES).status_code == status


def test_unchanged_figures_are_answered_with_nothing(organiser, event):
    come(event)
    first = organiser.get(FIGURES)
    again = organiser.get(FIGURES, headers={"if-none-match": first["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert "no-store" in first["Cache-Control"]


def test_a_scan_changes_the_figures(organiser, event):
    person = make_registration(event)
    first = organiser.get(FIGURES)
    checkin.check_in_scan(event=event, code=person.code, nonce="n1", at=timezone.now())
    then = organiser.get(FIGURES, headers={"if-none-match": first["ETag"]})
    assert then.status_code == 200
    assert "<dt>In sala adesso</dt><dd>1" in then.content.decode()


def test_who_came_hours_before_is_not_denied(organiser, event):
    type(event).objects.filter(pk=event.pk).update(
        starts_at=timezone.now() + timedelta(hours=8), ends_at=timezone.now() + timedelta(hours=12)
    )
    come(event)
    page = organiser.get(FIGURES).content.decode()
    assert "<dt>In sala adesso</dt><dd>1" in page
    assert "1 ingresso prima di" in page
    assert "Ancora nessun ingresso" not in page


def test_a_place_taken_and_another_view_change_the_figures(organiser, event):
    first = organiser.get(FIGURES)
    assert organiser.get(f"{FIGURES}?view=figures", headers={"if-none-match": first["ETag"]}).status_code == 200
    type(event).objects.filter(pk=event.pk).update(in_person_taken=1)
    assert organiser.get(FIGURES, headers={"if-none-match": first["ETag"]}).status_code == 200


def test_what_one_chose_stays_in_the_address(organiser, event):
    for _ in range(2):
        come(event, organisation="CNA Pisa")
    whole = organiser.get(f"{PAGE}?look=dark").content.decode()
    assert "CNA Pisa" in whole
    assert "hall-dark" in whole
    assert 'href="?view=figures&amp;look=dark"' in whole
    plain = organiser.get(f"{PAGE}?view=figures&look=dark").content.decode()
    assert "CNA Pisa" not in plain
    assert f'data-fresh="{FIGURES}?view=figures"' in plain


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"starts_at": timedelta(days=2)}, "Ancora nessun ingresso"),
        ({"starts_at": -timedelta(days=2)}, "non è stata letta nessuna persona"),
        ({"starts_at": timedelta(hours=1), "cancelled_at": timedelta()}, "Questo evento è stato annullato"),
        ({"starts_at": -timedelta(hours=1), "in_person_capacity": None, "online_capacity": 50}, "Online adesso"),
    ],
)
def test_calm_states(organiser, programme, pisa, over, sentence):
    now = timezone.now()
    over = {key: now + value if isinstance(value, timedelta) else value for key, value in over.items()}
    event = make_event(programme, slug="seminario-pisa", territory=pisa, **over)
    if "in_person_capacity" not in over:
        make_registration(event, state=Registration.State.WAITING)
    page = organiser.get(PAGE).content.decode()
    assert sentence in page


def test_after_the_end_who_was_not_seen_going_out_is_said(organiser, programme, pisa):
    event = make_event(
        programme, slug="seminario-pisa", territory=pisa, starts_at=timezone.now() - timedelta(hours=9),
        ends_at=timezone.now() - timedelta(hours=5),
    )  # fmt: skip
    person = make_registration(event)
    make_scan(person, at=event.starts_at)
    attendance.recompute(person)
    page = organiser.get(PAGE).content.decode()
    assert "Di 1 persona non risulta l’uscita." in page
    assert "<dt>In sala insieme, al massimo</dt><dd>1" in page


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_figures_and_of_no_news(organiser, event, number, django_assert_num_queries):
    for _ in range(number):
        come(event, organisation="CNA")
    with django_assert_num_queries(8):
        first = organiser.get(FIGURES)
    with django_assert_num_queries(5):
        organiser.get(FIGURES, headers={"if-none-match": first["ETag"]})
