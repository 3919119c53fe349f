"""What an event asks, in a browser: with scripts a question appears when it counts, without them it has a hint."""

import pytest
from playwright.sync_api import expect

from registrations.models import Registration
from tests.make import both, make_event, make_question, make_registration

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


@pytest.fixture
def event(programme):
    """A lab that asks how one comes and, of who comes by car, how many seats are free."""
    programme.monitoring = {"lab": "participant"}
    programme.save()
    event = make_event(programme, slug="laboratorio-pisa", kind="lab", asks_dietary_needs=True)
    choices = {"treno": "In treno", "auto": "In auto"}
    by = make_question(event, key="come", label=both("Come arrivi?", ""), choices=choices, is_required=True)
    seats = {"shown_if": by, "shown_if_answer": "auto", "is_required": True}
    make_question(event, key="posti", label=both("Quanti posti liberi?", ""), kind="number", **seats)
    return event


def test_question_appears_when_it_counts(page, event, axe):
    page.goto("/eventi/laboratorio-pisa/iscrizione/")
    seats = page.get_by_label("Quanti posti liberi?")
    expect(seats).to_be_hidden()
    page.get_by_label("In auto").check()
    expect(seats).to_be_visible()
    page.get_by_label("In treno").check()
    expect(seats).to_be_hidden()
    page.get_by_text("Per l’Unione europea: chi partecipa?").click()
    expect(page.get_by_label("Data di nascita")).to_be_visible()
    axe(page)


def test_answers_without_javascript_from_the_form_to_the_personal_page(browser, open_context, event):
    page = open_context(browser, java_script_enabled=False).new_page()
    page.goto("/eventi/laboratorio-pisa/iscrizione/")
    expect(page.get_by_text("Solo se hai risposto «In auto» a «Come arrivi?».")).to_be_visible()
    page.get_by_label("In presenza").check()
    page.get_by_label("Nome", exact=True).fill("Anna")
    page.get_by_label("E-mail").first.fill("anna@example.org")
    page.get_by_label("Ho letto").check()
    page.get_by_label("In auto").check()
    page.get_by_label("Che cosa non mangi?").fill("Uova")
    page.get_by_role("button", name="Iscriviti").click()
    expect(page.get_by_text("Rispondi a questa domanda.").first).to_be_visible()
    expect(page.get_by_label("Che cosa non mangi?")).to_have_value("Uova")
    page.get_by_label("Quanti posti liberi?").fill("2")
    page.get_by_role("button", name="Iscriviti").click()
    expect(page.get_by_role("heading", name="Controlla la posta")).to_be_visible()
    assert Registration.objects.get().answers == {"come": "auto", "posti": 2}


def test_personal_page_is_accessible_and_saves(page, event, axe):
    registration = make_registration(event, answers={"come": "auto", "posti": 2})
    page.goto(f"/iscrizioni/{registration.token}/risposte/")
    expect(page.get_by_label("Quanti posti liberi?")).to_have_value("2")
    axe(page)
    page.get_by_label("In treno").check()
    page.get_by_label("Hai una disabilità?").select_option("Preferisco non rispondere")
    page.get_by_role("button", name="Salva le mie risposte").click()
    expect(page.get_by_text("Le tue risposte sono salvate.")).to_be_visible()
    registration.refresh_from_db()
    assert registration.answers == {"come": "treno"}


@pytest.mark.parametrize("path", ["domande/", "domande/nuova/"])
def test_pages_of_the_questions_are_accessible(desktop_page, event, cast, log_in, axe, path):
    log_in(desktop_page, cast.carla)
    desktop_page.goto(f"/gestione/eventi/laboratorio-pisa/{path}")
    axe(desktop_page)


def test_page_of_the_indicators_is_accessible(desktop_page, event, cast, log_in, axe):
    log_in(desktop_page, cast.carla)
    desktop_page.goto("/gestione/monitoraggio/")
    axe(desktop_page)
