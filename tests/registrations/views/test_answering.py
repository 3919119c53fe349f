"""Questions, needs and the funder's block: in the form and, later, on the personal page."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from events.models import Event
from events.services import questioning
from registrations.models import MonitoringRecord, Needs, Registration
from registrations.services import asking
from tests.make import both, make_event, make_question, make_registration

pytestmark = pytest.mark.django_db
ANNA = {"mode": "in_person", "first_name": "Anna", "email": "anna@example.org", "privacy": "on"}


@pytest.fixture
def event(programme):
    programme.monitoring = {"lab": "participant", "seminar": "organisation"}
    programme.save()
    return make_event(programme, slug="laboratorio-pisa", kind="lab", asks_dietary_needs=True)


def send(client, event, **over):
    return client.post(f"/eventi/{event.slug}/iscrizione/", ANNA | over)


def page_of(registration) -> str:
    return f"/iscrizioni/{registration.token}/risposte/"


def test_form_asks_what_the_event_asks(client, event):
    colour = make_question(event, choices={"blu": "Blu", "rosso": "Rosso"}, is_required=True)
    make_question(event, label=both("Perché?", "Why?"), shown_if=colour, shown_if_answer="blu")
    make_question(event, label=both("Di una volta", "Once"), retired_at=timezone.now())
    page = client.get(f"/eventi/{event.slug}/iscrizione/").content.decode()
    assert f'data-shown-if="answers.{colour.key}" data-shown-if-answer="blu"' in page
    assert "Solo se hai risposto «Blu»" in page
    assert "Di una volta" not in page
    assert "Che cosa non mangi?" in page
    assert "Di che cosa hai bisogno per partecipare?" in page
    assert "sette giorni dopo lo cancelliamo" in page
    assert "js/questions.js" in page


def test_words_of_a_question_are_shown_as_text(client, event):
    evil = both("<b>Quanto</b>?", "")
    choices = {"a": "<i>A</i>", "b": "B"}
    deciding = make_question(event, label=evil, help=evil, choices=choices, is_required=True)
    make_question(event, help=evil, shown_if=deciding, shown_if_answer="a", choices=choices, kind="choices")
    for page in (send(client, event), client.get(page_of(make_registration(event, answers={deciding.key: "a"})))):
        assert "<b>Quanto" not in page.content.decode()
        assert "<i>A" not in page.content.decode()
        assert page.content.decode().count("&lt;b&gt;Quanto&lt;/b&gt;?") >= 3


def test_form_asks_nothing_sensitive_of_an_address_that_is_not_proven(client, event):
    page = client.get(f"/eventi/{event.slug}/iscrizione/").content.decode()
    assert "monitoring.employment" in page
    assert "monitoring.disability" not in page
    send(client, event, **{"monitoring.disability": "yes", "monitoring.sex": "female"})
    assert asking.monitoring_of(Registration.objects.get()) == {"sex": "female"}


def test_form_of_an_event_that_asks_nothing_is_as_before(client, programme):
    event = make_event(programme, asks_access_needs=False)
    page = client.get(f"/eventi/{event.slug}/iscrizione/").content.decode()
    for word in ("answers.", "needs.", "monitoring.", "questions.js", "Unione europea conta"):
        assert word not in page


def test_everything_that_was_told_is_kept_where_it_belongs(client, event):
    colours = make_question(event, choices={"blu": "Blu", "rosso": "Rosso"}, kind="choices")
    response = send(
        client, event,
        **{
            f"answers.{colours.key}": ["blu", "rosso"], "needs.access": "Carrozzina", "needs.dietary": "",
            "monitoring.sex": "not_said", "monitoring.birth_date": "", "monitoring.birth_date.not_said": "on",
            "questions_version": event.questions_version,
        },
    )  # fmt: skip
    assert response.status_code == 302
    registration = Registration.objects.get()
    assert registration.answers == {colours.key: ["blu", "rosso"]}
    assert asking.needs_of(registration) == {"access": "Carrozzina", "dietary": ""}
    assert asking.monitoring_of(registration) == {"sex": "not_said", "birth_date": "not_said"}
    kept = str(dict(client.session))
    assert "Carrozzina" not in kept
    assert "not_said" not in kept


@pytest.mark.parametrize("number", [1, 3])
def test_form_takes_a_fixed_number_of_queries(client, event, number, django_assert_num_queries):
    for _ in range(number):
        make_question(event)
    with django_assert_num_queries(3):
        client.get(f"/eventi/{event.slug}/iscrizione/")


def test_missing_answer_is_said_at_its_field_beside_the_other_errors(client, event):
    question = make_question(event, is_required=True)
    response = send(client, event, first_name="", **{"needs.access": "Carrozzina"})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"first_name", f"answers.{question.key}"}
    page = response.content.decode()
    assert f'href="#id_answers.{question.key}"' in page
    assert "Carrozzina" in page
    assert not Registration.objects.exists()


def test_questions_that_changed_are_shown_again_and_nothing_typed_is_lost(client, event):
    kept, gone = make_question(event), make_question(event)
    version = event.questions_version
    questioning.remove(question=gone)
    typed = {f"answers.{kept.key}": "Quello che penso", f"answers.{gone.key}": "x", "questions_version": version}
    response = send(client, event, last_name="Verdi", **typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert response.context["form"].errors.as_data()["__all__"][0].code == "questions_changed"
    assert "Quello che penso" in page
    assert 'value="Verdi"' in page
    assert f'name="questions_version" value="{version + 1}"' in page
    assert not Registration.objects.exists()
    assert send(client, event, **typed | {"questions_version": version + 1}).status_code == 302


def test_robot_that_sends_any_version_is_not_answered_with_an_error(client, event):
    for version in ("x", "-1", "9" * 30, "²"):
        assert send(client, event, questions_version=version, email=f"a{len(version)}@example.org").status_code == 302


def test_answers_are_changed_on_the_personal_page(client, event):
    yes = make_question(event, kind="yes_no")
    registration = make_registration(event, answers={yes.key: True})
    Needs.objects.create(registration=registration, access="Carrozzina")
    manage = client.get(f"/iscrizioni/{registration.token}/").content.decode()
    assert page_of(registration) in manage
    page = client.get(page_of(registration)).content.decode()
    assert 'value="yes" selected' in page
    assert "Carrozzina" in page
    assert "monitoring.disability" in page
    seen_at = asking.seen(registration)
    told = {
        f"answers.{yes.key}": "no",
        "needs.dietary": "Uova",
        "monitoring.disability": "not_said",
        "seen_at": seen_at,
    }
    page = client.post(page_of(registration), told, follow=True).content.decode()
    assert "Le tue risposte sono salvate." in page
    registration.refresh_from_db()
    assert registration.answers == {yes.key: False}
    assert asking.needs_of(registration) == {"access": "", "dietary": "Uova"}
    assert asking.monitoring_of(registration) == {"disability": "not_said"}


def test_choice_that_is_offered_no_more_is_still_hers_to_keep(client, event):
    colour = make_question(event, choices={"blu": "Blu", "rosso": "Rosso", "verde": "Verde"})
    registration = make_registration(event, answers={colour.key: "blu"})
    questioning.change(question=colour, options=questioning.choices(colour.options[1:], []))
    page = client.get(page_of(registration)).content.decode()
    assert 'value="blu" selected' in page
    client.post(page_of(registration), {f"answers.{colour.key}": "blu", "needs.access": "Carrozzina"})
    registration.refresh_from_db()
    assert registration.answers == {colour.key: "blu"}
    assert asking.has_access_needs(registration)


@pytest.mark.parametrize("number", [1, 3])
def test_personal_page_takes_a_fixed_number_of_queries(client, event, number, django_assert_num_queries):
    asked = [make_question(event) for _ in range(number)]
    registration = make_registration(event, answers={one.key: "x" for one in asked})
    with django_assert_num_queries(5):
        client.get(page_of(registration))


def test_who_has_not_proven_the_address_is_asked_nothing(client, event):
    held_until = timezone.now() + timedelta(hours=1)
    registration = make_registration(event, state="pending", email_confirmed_at=None, held_until=held_until)
    assert client.get(page_of(registration)).status_code == 302
    client.post(page_of(registration), {"monitoring.disability": "yes"})
    assert not MonitoringRecord.objects.exists()


def test_second_tab_is_told_and_loses_nothing(client, event):
    question = make_question(event)
    registration = make_registration(event)
    seen_at = asking.seen(registration)
    client.post(page_of(registration), {f"answers.{question.key}": "Prima", "seen_at": seen_at})
    response = client.post(page_of(registration), {f"answers.{question.key}": "Seconda", "seen_at": seen_at})
    page = response.content.decode()
    assert response.status_code == 409
    assert "Seconda" in page
    assert "Prima" in page
    registration.refresh_from_db()
    assert registration.answers == {question.key: "Prima"}
    again = {f"answers.{question.key}": "Seconda", "seen_at": response.context["seen_at"]}
    client.post(page_of(registration), again)
    registration.refresh_from_db()
    assert registration.answers == {question.key: "Seconda"}


def test_wrong_answer_does_not_make_an_old_page_new(client, event):
    number = make_question(event, kind="number")
    registration = make_registration(event)
    seen_at = asking.seen(registration)
    asking.change(registration=registration, answers={number.key: 1})
    response = client.post(page_of(registration), {f"answers.{number.key}": "tre", "seen_at": seen_at})
    assert (response.status_code, response.context["seen_at"]) == (422, seen_at)


def test_answers_can_be_read_but_not_changed_when_it_is_too_late(client, event):
    question = make_question(event)
    registration = make_registration(event, answers={question.key: "Detto"})
    Event.objects.filter(pk=event.pk).update(changes_close_at=timezone.now() - timedelta(minutes=1))
    page = client.get(page_of(registration)).content.decode()
    assert "non si possono più cambiare" in page
    assert "Detto" in page
    response = client.post(page_of(registration), {f"answers.{question.key}": "Altro"})
    assert response.status_code == 409
    registration.refresh_from_db()
    assert registration.answers == {question.key: "Detto"}


def test_cancelled_registration_has_no_answers_to_change(client, event):
    registration = make_registration(event, state="cancelled", cancelled_at=timezone.now())
    assert client.get(page_of(registration)).url == f"/iscrizioni/{registration.token}/"
    client.post(page_of(registration), {"needs.access": "x"})
    assert not Needs.objects.exists()


def test_who_has_told_the_funder_is_not_asked_again(client, event):
    registration = make_registration(event)
    invitation = "vorrebbe sapere a chi arrivano"
    assert invitation in client.get(f"/iscrizioni/{registration.token}/").content.decode()
    MonitoringRecord.objects.create(registration=registration, profile="participant", values={"sex": "not_said"})
    assert invitation not in client.get(f"/iscrizioni/{registration.token}/").content.decode()


def test_staff_read_answers_and_only_who_organises_reads_needs(client, cast, pisa, event):
    Event.objects.filter(pk=event.pk).update(territory=pisa)
    question = make_question(event)
    registration = make_registration(event, answers={question.key: "Detto"})
    Needs.objects.create(registration=registration, access="Carrozzina", dietary="Celiachia")
    address = f"/gestione/eventi/{event.slug}/persone/{registration.pk}/"
    for who, may in [("piero", True), ("carla", True), ("dora", False), ("vito", False), ("lucia", False)]:
        client.force_login(getattr(cast, who))
        page = client.get(address).content.decode()
        assert all((word in page) == may for word in ("Detto", "Carrozzina", "Celiachia")), who
        export = client.get(reverse("registrations:export", args=[event.slug]), {"list": "needs", "format": "csv"})
        assert export.status_code in ({200} if may else {403, 404}), who
