"""The form by invitation, for an audience, with an age; and that nobody learns who is registered or belongs."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import Delivery
from registrations.models import Invitation, Registration
from registrations.services import places
from tests.make import make_event, make_organisation, make_registration

pytestmark = pytest.mark.django_db
ANNA = {"mode": "in_person", "first_name": "Anna", "email": "anna@example.org", "privacy": "on"}


@pytest.fixture
def event(programme):
    return make_event(programme, slug="seminario-pisa", access="invitation")


@pytest.fixture
def invitation(event):
    return Invitation.objects.create(
        event=event, email="anna@example.org", first_name="Anna", last_name="Verdi", organisation="CNA"
    )


@pytest.fixture
def for_cna(programme):
    event = make_event(programme, slug="riservato", access="audience")
    event.audience_organisations.add(make_organisation(programme, "CNA Toscana", email_domains="cna.it"))
    return event


def form(event, token=""):
    return f"/eventi/{event.slug}/iscrizione/" + (f"?invito={token}" if token else "")


def send(client, event, **over):
    return client.post(form(event), ANNA | over)


def kinds() -> list[str]:
    return [
        kind.removeprefix("registrations.")
        for kind in Delivery.objects.order_by("pk").values_list("message__kind", flat=True)
    ]


def test_invitation_to_ticket_in_one_step(client, event, invitation):
    response = client.get(form(event, invitation.token))
    page = response.content.decode()
    for known in ("Anna", "Verdi", "anna@example.org", "CNA", invitation.token):
        assert f'value="{known}"' in page
    assert response["Referrer-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]
    assert not Registration.objects.exists()
    response = send(client, event, invitation=invitation.token)
    registration = Registration.objects.get()
    assert response.url == f"/iscrizioni/{registration.token}/"
    assert "Il tuo posto è riservato" in client.get(response.url).content.decode()
    assert kinds() == ["ticket"]


def test_what_an_invitation_fills_in_is_shown_to_nobody_else(client, programme):
    event = make_event(programme)
    token = Invitation.objects.create(event=event, email="anna@example.org", first_name="Annalisa").token
    assert "Annalisa" in client.get(form(event, token)).content.decode()
    assert "Annalisa" not in client.get(form(event)).content.decode()


@pytest.mark.parametrize("kind", ["none", "unknown", "withdrawn", "other event"])
def test_link_that_is_no_invitation_says_so_and_names_nobody(client, programme, event, invitation, kind):
    token = {"none": "", "unknown": "x" * 22}.get(kind, invitation.token)
    if kind == "withdrawn":
        Invitation.objects.update(withdrawn_at=timezone.now())
    if kind == "other event":
        event = make_event(programme, access="invitation")
    for response in (client.get(form(event, token)), send(client, event, invitation=token)):
        page = response.content.decode()
        assert 'data-code="invitation_required"' in page
        assert "Anna" not in page
        assert "<form" not in page.partition('id="main"')[2].partition("</main>")[0] or "first_name" not in page
    assert response.status_code == 409
    assert not Registration.objects.exists()
    assert not Delivery.objects.exists()


def test_used_link_leads_to_the_mail_of_her_registration(client, event, invitation):
    send(client, event, invitation=invitation.token, email="bea@example.org")
    client.cookies.clear()
    again = send(client, event, invitation=invitation.token)
    assert again.status_code == 409
    page = client.get(form(event, invitation.token)).content.decode()
    assert 'data-code="invitation_used"' in page
    assert "bea@example.org" not in page
    Delivery.objects.all().delete()
    page = client.post(form(event), {"invitation": invitation.token, "send_link": "1"}, follow=True).content.decode()
    assert "La mail è in viaggio" in page
    assert [one.email for one in Delivery.objects.all()] == ["bea@example.org"]


def test_sending_the_link_again_needs_a_used_invitation(client, event, invitation):
    make_registration(event, email="anna@example.org")
    client.post(form(event), {"invitation": "x" * 22, "send_link": "1"})
    client.post(form(event), {"send_link": "1"})
    assert not Delivery.objects.exists()


def test_closed_event_says_when_it_closed_whatever_the_link(client, event, invitation):
    type(event).objects.update(registration_closes_at=timezone.now() - timedelta(days=1))
    page = client.get(form(event, invitation.token)).content.decode()
    assert "Le iscrizioni sono chiuse" in page
    assert "Erano aperte fino a" in page
    assert not send(client, event, invitation=invitation.token).has_header("Location")
    assert not Registration.objects.exists()


def seen(client, event, email):
    response = send(client, event, email=email)
    page = client.get(response.url).content.decode()
    return response.status_code, re.sub(
        r'value="\w{64}"|/[\w-]{22}/|\d{1,2}:\d\d|' + re.escape(email.lower()), "", page
    )


def test_form_answers_alike_whether_or_not_one_belongs(client, for_cna):
    make_registration(for_cna, email="there@cna.it")
    assert seen(client, for_cna, "new@cna.it") == seen(client, for_cna, "x@example.org")
    assert seen(client, for_cna, "there@cna.it") == seen(client, for_cna, "y@example.org")
    assert kinds() == ["confirm", "audience_only", "already_registered", "audience_only"]
    assert not Registration.objects.filter(email__endswith="example.org").exists()
    assert places.miscounted(for_cna) == {}


def test_full_event_tells_nobody_who_belongs(client, for_cna):
    type(for_cna).objects.update(in_person_capacity=0, has_waiting_list=False)
    answers = {send(client, for_cna, email=email).status_code for email in ("new@cna.it", "x@example.org")}
    assert answers == {422}
    assert not Delivery.objects.exists()


def test_address_that_does_not_belong_is_corrected_to_one_that_does_and_back(client, for_cna):
    address = send(client, for_cna, email="anna@example.org").url
    client.post(address, {"correct": "1", "email": "anna@cna.it"})
    assert Registration.objects.get().email == "anna@cna.it"
    response = client.post(address, {"correct": "1", "email": "other@example.org"}, follow=True)
    assert "other@example.org" in response.content.decode()
    assert Registration.objects.get().state == "cancelled"
    assert kinds() == ["audience_only", "confirm", "audience_only"]
    assert places.miscounted(for_cna) == {}


def test_event_and_form_say_for_whom_it_is(client, for_cna, event, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        page = client.get(f"/eventi/{for_cna.slug}/").content.decode()
    assert "Per chi fa parte di CNA Toscana." in page
    with django_assert_max_num_queries(8):
        assert "Per chi fa parte di CNA Toscana." in client.get(form(for_cna)).content.decode()
    page = client.get(f"/eventi/{event.slug}/").content.decode()
    assert "Per chi ha ricevuto un invito" in page
    assert form(event) not in page


def test_form_says_beforehand_that_somebody_looks_at_it(client, programme):
    event = make_event(programme, needs_approval=True)
    assert "Lo staff guarda ogni iscrizione" in client.get(form(event)).content.decode()


def test_child_is_refused_kindly_and_nothing_kept(client, programme):
    event = make_event(programme)
    response = send(client, event, age="under_14")
    assert response.status_code == 422
    assert response.context["form"].has_error("age", "too_young")
    assert 'value="anna@example.org"' in response.content.decode()
    assert not Registration.objects.exists()
    assert not client.session.get("sent_registrations")


@pytest.mark.parametrize(("age", "is_minor"), [("", False), ("adult", False), ("14_17", True)])
def test_only_whether_somebody_is_under_age_is_kept(client, programme, age, is_minor):
    send(client, make_event(programme), age=age)
    assert Registration.objects.get().is_minor is is_minor


STATES = ["pending", "waiting", "offered", "requested", "confirmed"]
ENDED = ["cancelled", "expired", "refused"]


def make_known(event, state):
    over = {"held_until": timezone.now() + timedelta(hours=1)} if state in {"pending", "offered"} else {}
    if state == "cancelled":
        over["cancelled_at"] = timezone.now()
    if state == "pending":
        over["email_confirmed_at"] = None
    return make_registration(event, email="anna@example.org", state=state, **over)


@pytest.mark.parametrize("state", [*STATES, *ENDED])
def test_nobody_learns_from_the_form_in_which_state_an_address_is(client, programme, state):
    event = make_event(programme)
    make_known(event, state)
    assert seen(client, event, "Anna@Example.org") == seen(client, event, "nobody@example.org")
    living = Registration.objects.filter(email="anna@example.org", state__in=Registration.ALIVE)
    assert living.count() == 1
    assert {one.email for one in Delivery.objects.all()} == {"anna@example.org", "nobody@example.org"}


@pytest.mark.parametrize("state", STATES)
def test_correcting_to_an_address_of_any_state_looks_alike(client, programme, state):
    event = make_event(programme)
    make_known(event, state)

    def corrected(first, email):
        address = send(client, event, email=first).url
        response = client.post(address, {"correct": "1", "email": email}, follow=True)
        return re.sub(r'value="\w{64}"|/[\w-]{22}/|\d{1,2}:\d\d|' + re.escape(email), "", response.content.decode())

    assert corrected("a@example.org", "anna@example.org") == corrected("b@example.org", "nobody@example.org")
    assert kinds().count("already_registered") + kinds().count("confirm") == 4


def test_dots_and_plus_are_other_addresses(client, programme):
    event = make_event(programme)
    for email in ("anna@example.org", "a.nna@example.org", "anna+1@example.org", "ANNA@EXAMPLE.ORG"):
        assert send(client, event, email=email).status_code == 302
    assert Registration.objects.count() == 3


def test_used_link_of_somebody_not_approved_promises_no_mail(client, event, invitation):
    invitation.registration = make_registration(event, state="refused")
    invitation.save()
    page = client.get(form(event, invitation.token)).content.decode()
    assert 'data-code="invitation_used"' in page
    assert "send_link" not in page
