"""The pages for several colleagues: nothing typed is lost, and the answer tells nobody who was registered before."""

import re

import pytest

from mail.models import Delivery
from registrations.models import Registration
from tests.make import make_event, make_registration

pytestmark = pytest.mark.django_db
FORM = "/eventi/seminario-pisa/iscrizione/insieme/"


@pytest.fixture
def event(programme):
    return make_event(programme, slug="seminario-pisa", in_person_capacity=2)


def filled(number, **over):
    lines = {
        f"people-{n}-{name}": value
        for n in range(number)
        for name, value in {"first_name": f"Persona {n}", "last_name": "", "email": f"p{n}@azienda.example"}.items()
    }
    about = {"mode": "in_person", "organisation": "Azienda", "registered_by": "Maria Bianchi", "fit": "all"}
    return about | lines | {"people-TOTAL_FORMS": "3", "people-INITIAL_FORMS": "0"} | over


def test_colleagues_from_the_form_to_the_confirmed_place(client, event):
    assert FORM in client.get("/eventi/seminario-pisa/iscrizione/").content.decode()
    page = client.post(FORM, filled(2), follow=True).content.decode()
    assert "I messaggi sono partiti" in page
    assert "p1@azienda.example" in page
    link = re.search(r"http://testserver(/\S+conferma/)", Delivery.objects.first().message.text).group(1)
    page = client.get(link).content.decode()
    assert "Maria Bianchi (Azienda)" in page
    assert client.post(link).status_code == 422
    assert Registration.objects.filter(state="confirmed").count() == 0
    assert "Il tuo posto è riservato" in client.post(link, {"privacy": "on"}, follow=True).content.decode()
    assert Registration.objects.filter(state="confirmed").count() == 1


def test_more_colleagues_than_places_say_so_and_keep_what_was_typed(client, event):
    page = client.post(FORM, filled(3))
    assert page.status_code == 422
    assert list(page.context["form"].errors) == ["fit"]
    assert "p2@azienda.example" in page.content.decode()
    assert not Registration.objects.exists()
    page = client.post(FORM, filled(3, fit="some"), follow=True).content.decode()
    assert "Teniamo un posto per 2 persone" in page
    assert "1 persona va in lista d’attesa" in page


def test_wrong_line_is_said_at_the_line(client, event):
    page = client.post(FORM, filled(2, **{"people-1-email": "p0@azienda.example"}))
    assert page.context["people"].forms[1].errors.keys() == {"email"}
    assert page.context["people"].forms[1].errors.as_data()["email"][0].code == "invalid"
    assert not Registration.objects.exists()


def test_more_lines_come_without_javascript_and_without_complaint(client, event):
    page = client.post(FORM, filled(1, more="1", **{"people-1-email": "half"}))
    people = page.context["people"]
    assert (len(people.forms), people.is_bound) == (6, False)
    assert 'value="half"' in page.content.decode()
    assert "alert-danger" not in page.content.decode()


def test_answer_is_the_same_whoever_is_registered_already(client, event, programme):
    make_registration(event, email="p0@azienda.example")
    other = make_event(programme, slug="seminario-lucca", in_person_capacity=1)
    seen = [
        client.post(FORM.replace("pisa", name), filled(1), follow=True).content.decode() for name in ("pisa", "lucca")
    ]
    strip = re.compile(r"seminario-(pisa|lucca)|together/\S+|insieme/\S+|nonce-\S+")
    assert strip.sub("", seen[0]) == strip.sub("", seen[1])
    assert other.registrations.count() == 1
    assert event.registrations.count() == 1


def test_receipt_is_for_the_browser_that_sent_the_form(client, event, django_user_model):
    receipt = client.post(FORM, filled(2)).url
    assert client.get(receipt).status_code == 200
    client.cookies.clear()
    assert client.get(receipt).status_code == 404


def test_event_by_invitation_sends_nobody_here(client, programme):
    make_event(programme, slug="seminario-pisa", access="invitation")
    assert FORM not in client.get("/eventi/seminario-pisa/iscrizione/").content.decode()
    assert "invito" in client.get(FORM).content.decode()
    client.post(FORM, filled(1))
    assert not Registration.objects.exists()


def test_number_of_lines_that_is_none_is_answered(client, event):
    for number in ("9" * 5000, "-1", "x"):
        page = client.post(FORM, filled(1, more="1") | {"people-TOTAL_FORMS": number})
        assert page.status_code == 200


def test_lines_that_stay_empty_after_asking_for_more_are_nobody(client, event):
    page = client.post(FORM, filled(1, more="1"))
    assert 'name="people-INITIAL_FORMS" value="0"' in page.content.decode()
    sent = {field.html_name: field.value() or "" for form in page.context["people"] for field in form}
    client.post(FORM, filled(0) | sent | {"people-TOTAL_FORMS": "6"})
    assert Registration.objects.count() == 1
