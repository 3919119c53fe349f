import pytest

from events.models import Question
from tests.make import make_event, make_question, make_registration

pytestmark = pytest.mark.django_db
PAGE = "/gestione/eventi/seminario-pisa/domande/"
NEW = {
    "label_0": "Colore?",
    "label_1": "Colour?",
    "kind": "choice",
    "new_options_0": "Rosso\r\n\r\nBlu",
    "shown_if": "",
}


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
        make_question(event)
    with django_assert_num_queries(6):
        page = piero.get(PAGE).content.decode()
    assert page.count("Non farla più") == number


def test_question_is_added_with_its_choices_in_two_languages(piero, event):
    response = piero.post(f"{PAGE}nuova/", NEW | {"new_options_1": "Red\nBlue", "is_required": "on"})
    assert response.url == PAGE
    question = Question.objects.get()
    assert (question.key, question.is_required) == ("colore", True)
    assert question.options == [
        {"key": "rosso", "label": {"it": "Rosso", "en": "Red"}},
        {"key": "blu", "label": {"it": "Blu", "en": "Blue"}},
    ]


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"label_0": ""}, "label"),
        ({"new_options_0": "Rosso"}, "new_options"),
        ({"new_options_1": "Red"}, "new_options"),
        ({"new_options_0": "x" * 81 + "\ny"}, "new_options"),
        ({"kind": "essay"}, "kind"),
        ({"shown_if": "999:yes"}, "shown_if"),
    ],
)
def test_wrong_question_is_refused_at_its_field_and_stays_typed(piero, event, over, field):
    page = piero.post(f"{PAGE}nuova/", NEW | over)
    assert list(page.context["form"].errors) == [field]
    assert NEW["label_1"] in page.content.decode()
    assert not Question.objects.exists()
    event.refresh_from_db()
    assert event.questions_version == 0


def test_question_is_edited_choice_by_choice(piero, event):
    question = make_question(event, choices={"rosso": "Rosso", "blu": "Blu", "giu": "Giù"})
    page = piero.get(f"{PAGE}{question.pk}/").content.decode()
    assert 'value="Blu"' in page
    data = NEW | {"new_options_0": "Verde", "drop_option_giu": "on"}
    data |= {"option_rosso_0": "Cremisi", "option_blu_0": "Blu", "option_giu_0": "Giù"}
    assert piero.post(f"{PAGE}{question.pk}/", data).url == PAGE
    question.refresh_from_db()
    assert question.offered == [("rosso", "Cremisi"), ("blu", "Blu"), ("verde", "Verde")]
    assert str(question.label) == "Colore?"


def test_condition_is_chosen_among_earlier_answers(piero, event):
    deciding, text = make_question(event, kind="yes_no"), make_question(event)
    page = piero.get(f"{PAGE}{text.pk}/").content.decode()
    assert f'value="{deciding.pk}:yes"' in page
    data = {"label_0": "Con chi?", "kind": "text", "shown_if": f"{deciding.pk}:no"}
    piero.post(f"{PAGE}{text.pk}/", data)
    text.refresh_from_db()
    assert (text.shown_if, text.shown_if_answer) == (deciding, "no")
    assert f'value="{deciding.pk}:no" selected' in piero.get(f"{PAGE}{text.pk}/").content.decode()
    assert "Solo se hai risposto «No»" in piero.get(PAGE).content.decode()


def test_order_and_removal_by_buttons(piero, event):
    first, second = make_question(event), make_question(event)
    make_registration(event, answers={second.key: "x"})
    piero.post(f"{PAGE}{second.pk}/sposta/", {"to": "up"})
    assert list(event.questions.all()) == [second, first]
    piero.post(f"{PAGE}{first.pk}/togli/")
    page = piero.post(f"{PAGE}{second.pk}/togli/", follow=True).content.decode()
    assert "le risposte restano nelle esportazioni" in page
    assert [one.pk for one in Question.objects.all()] == [second.pk]
    assert piero.get(f"{PAGE}{second.pk}/").status_code == 404, "retired"


def test_refusal_is_said_on_the_list(piero, event):
    deciding = make_question(event, kind="yes_no")
    make_question(event, shown_if=deciding, shown_if_answer="yes")
    page = piero.post(f"{PAGE}{deciding.pk}/togli/", follow=True).content.decode()
    assert "prima cambia quella" in page
    assert event.questions.asked().count() == 2


def test_needs_are_turned_on_and_off(piero, event):
    piero.post(PAGE, {"asks_dietary_needs": "on"})
    event.refresh_from_db()
    assert (event.asks_dietary_needs, event.asks_access_needs) == (True, False)


def test_question_of_another_event_is_not_found(piero, event, lucca, programme):
    other = make_question(make_event(programme, territory=lucca))
    for page in ("", "sposta/", "togli/"):
        assert piero.post(f"{PAGE}{other.pk}/{page}", {}).status_code == 404
    assert Question.objects.asked().count() == 1
