"""“Send me my links” as a stranger sees it."""

import pytest
from django.urls import reverse

from mail.models import Delivery
from registrations import tasks
from registrations.models import LinkRequest
from tests.make import make_event, make_registration

pytestmark = pytest.mark.django_db


def answer_to(client, **typed):
    response = client.post(reverse("registrations:lost"), typed, follow=True)
    return response.status_code, response.content.decode().replace(typed["email"], "")


def test_answer_is_the_same_for_every_address(client, programme, django_capture_on_commit_callbacks):
    make_registration(make_event(programme), email="anna@example.org")
    with django_capture_on_commit_callbacks() as callbacks:
        known = answer_to(client, email="Anna@example.org")
        unknown = answer_to(client, email="bea@example.org")
    assert len(callbacks) == 2
    assert known[0] == unknown[0] == 200
    assert strip(known[1]) == strip(unknown[1])
    assert "l’e-mail con i link è in arrivo" in known[1]
    tasks.send_links()
    assert [mail.email for mail in Delivery.objects.all()] == ["anna@example.org"]


def strip(page):
    """Without the token of the form, which differs each time."""
    return [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line]


@pytest.mark.parametrize("typed", [{"email": "anna"}, {"email": ""}, {"email": "a@example.org", "website": "x"}])
def test_what_is_no_address_is_said_at_its_field(client, programme, typed):
    status, page = answer_to(client, **typed)
    assert status == 422
    assert "error-summary" in page
    assert not LinkRequest.objects.exists()


def test_too_many_are_refused(client, programme):
    statuses = [answer_to(client, email="anna@example.org")[0] for _ in range(11)]
    assert statuses[-1] == 429
    assert set(statuses[:-1]) == {200}


@pytest.mark.parametrize("name", ["events:home", "registrations:verify-form"])
def test_every_public_page_leads_there(client, programme, name):
    assert reverse("registrations:lost") in client.get(reverse(name)).content.decode()


def test_english_page_has_its_own_address(client, programme):
    assert client.get("/en/registrations/").status_code == 200
    assert client.get("/iscrizioni/").status_code == 200
