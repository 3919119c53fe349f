"""The staff's pages about a series: provinces that get an event, drafts to publish, changes to take over."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localtime

from events.models import Event
from events.services import editing, series
from tests.make import both, make_event, make_territory, make_venue

pytestmark = pytest.mark.django_db
SERIES = "/gestione/eventi/seminario-pisa/serie/"
NEW = f"{SERIES}nuovi/"


@pytest.fixture
def event(programme, pisa):
    return make_event(programme, slug="seminario-pisa", territory=pisa, title=both("Seminario di Pisa", "In Pisa"))


@pytest.fixture
def carla(client, cast):
    client.force_login(cast.carla)
    return client


def day(days: int = 20) -> str:
    return localtime(timezone.now() + timedelta(days=days)).strftime("%Y-%m-%dT09:30")


def sister_of(event, territory):
    wish = series.Wish(territory, timezone.now() + timedelta(days=30), None, f"seminario-{territory.slug}")
    return series.create_sisters(template=event, wishes=[wish])[0]


def test_new_province_is_live_with_one_field_and_three_clicks(carla, event, lucca):
    make_venue(event.programme, territory=lucca, town="Capannori")
    row = carla.get(NEW).context["forms"][0]
    assert row.initial["slug"] == "seminario-lucca"
    sent = {row.add_prefix(name): value for name, value in row.initial.items()} | {"lucca-starts_at": day()}
    assert carla.post(NEW, sent)["Location"] == SERIES
    draft = Event.objects.get(slug="seminario-lucca")
    assert (str(draft.title), draft.venue.town, draft.published_at) == ("Seminario di Lucca", "Capannori", None)
    assert "bozza è pronta" in carla.get(SERIES).content.decode()
    carla.post(f"{SERIES}pubblica/", {"draft": draft.pk})
    carla.logout()
    assert "Seminario di Lucca" in carla.get("/eventi/seminario-lucca/").content.decode()


def test_address_that_is_taken_is_not_proposed(carla, event, lucca):
    make_event(event.programme, slug="seminario-lucca", territory=lucca)
    assert carla.get(NEW).context["forms"][0].initial["slug"] == "seminario-lucca-2"


def test_all_drafts_are_published_at_once_and_no_stranger_event_with_them(carla, event, lucca, programme):
    drafts = [sister_of(event, lucca), sister_of(event, make_territory(programme, "Siena"))]
    other = make_event(programme, published_at=None)
    page = carla.get(SERIES).content.decode()
    assert "Pubblica tutti" in page
    carla.post(f"{SERIES}pubblica/", {"draft": [*(one.pk for one in drafts), other.pk, "x", "9" * 30]})
    assert set(Event.objects.filter(published_at=None)) == {other}


def test_empty_rows_make_nothing_and_wrong_ones_stay_as_typed(carla, event, lucca, programme):
    make_territory(programme, "Siena")
    page = carla.post(NEW, {"lucca-slug": "x", "siena-slug": "y"})
    assert "almeno una provincia" in page.content.decode()
    page = carla.post(NEW, {"lucca-starts_at": day(), "siena-starts_at": day(-3), "siena-slug": "seminario-pisa"})
    forms = {form.prefix: form for form in page.context["forms"]}
    assert forms["siena"].has_error("starts_at", "invalid")
    assert forms["siena"].has_error("slug", "invalid")
    assert not forms["lucca"].errors
    assert f'value="{day()}"' in page.content.decode()
    assert Event.objects.count() == 1


def test_row_with_a_time_that_cannot_be_says_so_at_the_field(carla, event, lucca):
    page = carla.post(NEW, {"lucca-starts_at": "domani", "lucca-slug": "a b", "lucca-venue": "77"})
    form = page.context["forms"][0]
    assert form.has_error("starts_at", "invalid")
    assert form.has_error("venue", "invalid_choice")
    assert form.has_error("slug", "invalid")
    assert Event.objects.count() == 1


def test_organiser_is_shown_only_provinces_of_hers(client, cast, event, lucca):
    client.force_login(cast.piero)
    page = client.get(NEW)
    assert page.context["forms"] == []
    client.post(NEW, {"lucca-starts_at": day(), "lucca-slug": "seminario-lucca"})
    assert Event.objects.count() == 1


def test_board_says_calmly_how_many_can_take_over(carla, event, lucca):
    board = "/gestione/eventi/seminario-pisa/"
    assert "Serie" not in carla.get(board).content.decode()
    sister_of(event, lucca)
    assert "1 altro evento della serie" in carla.get(board).content.decode()
    editing.update_event(event=event, changes={"threshold": 60})
    assert "1 evento della serie può riprendere" in carla.get(board).content.decode()
    assert "1 evento della serie è nato" in carla.get(f"{board}modifica/").content.decode()
    assert "modello di questa serie è cambiato" in carla.get("/gestione/eventi/seminario-lucca/").content.decode()


def test_ticked_changes_are_taken_over_and_shown_as_before_and_after(carla, event, lucca):
    sister = sister_of(event, lucca)
    editing.update_event(event=event, changes={"threshold": 60, "title": both("Incontro di Pisa", "In Pisa")})
    page = carla.get(SERIES).content.decode()
    assert "<del>75</del>" in page
    assert "<ins>60</ins>" in page
    assert "<del>Seminario</del> di Lucca" in page
    assert "<ins>Incontro</ins> di Lucca" in page
    assert page.count("checked") == 2
    told = carla.post(
        SERIES, {"change": [f"{sister.pk}:threshold", "nonsense", "²:title", f"{sister.pk}:slug"]}, follow=True
    )
    assert "1 evento è aggiornato" in told.content.decode()
    sister.refresh_from_db()
    assert (sister.threshold, str(sister.title), sister.slug) == (60, "Seminario di Lucca", "seminario-lucca")


def test_what_was_written_cannot_smuggle_markup(carla, event, lucca):
    sister_of(event, lucca)
    editing.update_event(event=event, changes={"title": both("<script>x</script> di Pisa", "In Pisa")})
    page = carla.get(SERIES).content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_impossible_change_has_no_tick_and_its_reason(carla, event, lucca):
    sister = sister_of(event, lucca)
    Event.objects.filter(pk=sister.pk).update(in_person_taken=5)
    editing.update_event(event=event, changes={"in_person_capacity": 3})
    page = carla.get(SERIES).content.decode()
    assert "5 posti sono già occupati" in page
    assert f'value="{sister.pk}:in_person_capacity"' not in page
    told = carla.post(SERIES, {"change": f"{sister.pk}:in_person_capacity"}, follow=True).content.decode()
    assert "Seminario di Lucca: 5 posti sono già occupati" in told


def test_organiser_takes_over_for_her_own_province_only(client, cast, event, lucca, programme):
    mine, other = sister_of(event, lucca), sister_of(event, make_territory(programme, "Siena"))
    editing.update_event(event=event, changes={"threshold": 60})
    client.force_login(cast.lucia)
    address = "/gestione/eventi/seminario-lucca/serie/"
    page = client.get(address).content.decode()
    assert "Seminario di Siena" not in page
    assert "/gestione/eventi/seminario-pisa/" not in page
    client.post(address, {"change": [f"{mine.pk}:threshold", f"{other.pk}:threshold"]})
    assert set(Event.objects.filter(threshold=60)) == {event, mine}


@pytest.mark.parametrize("number", [1, 3])
def test_pages_ask_a_fixed_number_of_queries(carla, event, programme, number, django_assert_num_queries):
    for name in ["Livorno", "Siena", "Prato"][:number]:
        make_territory(programme, name[::-1])
        sister_of(event, make_territory(programme, name))
    editing.update_event(event=event, changes={"threshold": 60, "online_capacity": 7})
    with django_assert_num_queries(16):
        carla.get(SERIES)
    with django_assert_num_queries(12):
        carla.get(NEW)


def test_sisters_whose_title_says_no_province_are_told_apart(carla, programme, lucca):
    event = make_event(programme, slug="seminario-pisa", title=both("Evento finale", "Final event"))
    sister_of(event, lucca)
    assert "<strong>Evento finale – Lucca</strong>" in carla.get(SERIES).content.decode()


def test_what_is_wrong_in_a_row_is_summed_up_on_top(carla, event, lucca):
    page = carla.post(NEW, {"lucca-starts_at": day(-3)}).content.decode()
    assert '<a href="#id_lucca-starts_at">Lucca, ' in page
    assert page.count("error-summary") == 1
