"""Saved audiences: ticked again without touching what is being written, renamed and thrown away."""

import re

import pytest

from newsletters.models import SavedAudience
from tests.make import make_newsletter, make_programme, make_subscription

pytestmark = pytest.mark.django_db
PAGE = "/gestione/newsletter/destinatari/"
CHOOSE = "/gestione/newsletter/luglio/destinatari/salvati/"


@pytest.fixture
def nora(client, cast, programme):
    make_newsletter(programme, slug="luglio", audience={"language": "it"})
    client.force_login(cast.nora)
    return client


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def ticked(response, value):
    return re.search(rf'value="{value}"[^>]* checked', text_of(response)) is not None


def test_choosing_ticks_the_saved_ones_and_counts_them(nora, programme, pisa):
    make_subscription(programme, territory=pisa, organisation_kind="union")
    saved = SavedAudience.objects.create(
        programme=programme, name="Sindacati", audience={"provinces": ["pisa"], "organisation_kinds": ["union"]}
    )
    response = nora.post(CHOOSE, {"do": "choose", "saved_audience": saved.pk, "topic": "results"})
    assert "Sindacati" in text_of(response)
    assert ticked(response, "pisa")
    assert ticked(response, "union")
    assert "1 persona" in text_of(response)
    assert 'hx-swap-oob="true"' in text_of(response)
    assert '<option value="results" selected' in text_of(response)
    assert programme.newsletters.get().audience == {"language": "it"}


@pytest.mark.parametrize("pk", ["", "0", "x", "9" * 40, "foreign"])
def test_choosing_what_is_not_there_keeps_the_ticks(nora, programme, pisa, pk):
    foreign = SavedAudience.objects.create(programme=make_programme(is_current=False), name="A", audience={})
    response = nora.post(
        CHOOSE, {"do": "choose", "saved_audience": foreign.pk if pk == "foreign" else pk, "provinces": "pisa"}
    )
    assert response.status_code == 200
    assert ticked(response, "pisa")


def test_keeping_saves_what_is_on_the_screen(nora, programme, pisa):
    response = nora.post(
        CHOOSE, {"do": "keep", "provinces": "pisa", "parts": "present", "audience_name": " Chi \t c’era "}
    )
    assert "Chi c’era" in text_of(response)
    assert ticked(response, "pisa")
    saved = SavedAudience.objects.get()
    assert (saved.name, saved.audience) == ("Chi c’era", {"provinces": ["pisa"], "parts": ["present"]})


@pytest.mark.parametrize(
    "data", [{"audience_name": "Vuota"}, {"parts": "present"}, {"parts": "present", "audience_name": "A" * 81}]
)
def test_keeping_nothing_or_without_a_name_is_refused_at_the_field(nora, data):
    response = nora.post(CHOOSE, {"do": "keep", **data})
    assert response.context["form"].errors["audience_name"]
    assert not SavedAudience.objects.exists()


def test_keeping_under_a_name_that_is_taken_is_refused(nora, programme):
    SavedAudience.objects.create(programme=programme, name="Presenti", audience={"parts": ["present"]})
    response = nora.post(CHOOSE, {"do": "keep", "parts": "absent", "audience_name": "Presenti"})
    assert "Presenti" in str(response.context["form"].errors["audience_name"])
    assert SavedAudience.objects.get().audience == {"parts": ["present"]}


def test_deleted_event_stays_ticked_and_finds_nobody(nora, programme):
    make_subscription(programme)
    programme.newsletters.update(audience={"events": ["cancellato"]})
    page = nora.get("/gestione/newsletter/luglio/")
    assert ticked(page, "cancellato")
    assert page.context["reach"].candidates == 0


@pytest.mark.parametrize("number", [1, 3])
def test_page_says_what_each_narrows(nora, programme, pisa, number, django_assert_num_queries):
    for place in range(number):
        audience = {"provinces": ["pisa"], "events": ["gone"], "parts": ["present"], "language": "en"}
        SavedAudience.objects.create(programme=programme, name=f"Numero {place}", audience=audience)
    nora.get(PAGE)
    with django_assert_num_queries(7):
        page = nora.get(PAGE)
    assert text_of(page).count("Pisa") == number


def test_page_renames_and_throws_away_and_newsletters_keep_their_copy(nora, programme):
    saved = SavedAudience.objects.create(programme=programme, name="Vecchio", audience={"language": "it"})
    SavedAudience.objects.create(programme=programme, name="Altro", audience={"language": "it"})
    nora.post(PAGE, {"saved": saved.pk, "do": "rename", "audience_name": "Altro"})
    nora.post(PAGE, {"saved": saved.pk, "do": "rename", "audience_name": " "})
    saved.refresh_from_db()
    assert saved.name == "Vecchio"
    nora.post(PAGE, {"saved": saved.pk, "do": "rename", "audience_name": "Nuovo"})
    saved.refresh_from_db()
    assert saved.name == "Nuovo"
    nora.post(PAGE, {"saved": saved.pk, "do": "delete"})
    assert [one.name for one in SavedAudience.objects.all()] == ["Altro"]
    assert programme.newsletters.get().audience == {"language": "it"}


def test_page_does_not_touch_those_of_another_programme(nora):
    foreign = SavedAudience.objects.create(programme=make_programme(is_current=False), name="A", audience={})
    assert nora.post(PAGE, {"saved": foreign.pk, "do": "delete"}).status_code == 404
    assert SavedAudience.objects.exists()


def test_saving_the_newsletter_keeps_topic_and_audience(nora, programme, pisa):
    newsletter = programme.newsletters.get()
    data = {"subject_it": "Luglio", "body_it": "Ciao", "version": newsletter.version, "topic": "results"}
    nora.post(
        "/gestione/newsletter/luglio/", data | {"provinces": "pisa", "parts": "absent", "organisation_kinds": "union"}
    )
    newsletter.refresh_from_db()
    assert newsletter.topic == "results"
    assert newsletter.audience == {"provinces": ["pisa"], "parts": ["absent"], "organisation_kinds": ["union"]}
