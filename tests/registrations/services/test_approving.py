"""Registrations that the staff decide about."""

import pytest

from mail.models import Delivery
from registrations.services import RegistrationError, approving, places, signup
from tests.make import make_event, make_registration
from tests.registrations.people import in_line, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(confirmed):
    event = make_event(needs_approval=True, in_person_capacity=1)
    registration = signup.confirm(registration=register(event))
    assert (registration.state, confirmed) == ("requested", [])
    return registration


def told():
    return list(Delivery.objects.order_by("pk").values_list("message__kind", flat=True))


def test_request_holds_its_place_until_it_is_approved(request_, confirmed):
    (waiting,) = in_line(request_.event)
    for _ in range(2):
        approving.approve(registration=request_)
    waiting.refresh_from_db()
    assert (request_.state, confirmed, waiting.state) == ("confirmed", [request_.pk], "waiting")
    assert told().count("registrations.ticket") == 1
    assert places.miscounted(request_.event) == {}


def test_refused_request_frees_its_place_for_the_next(request_):
    (waiting,) = in_line(request_.event)
    for _ in range(2):
        approving.refuse(registration=request_, because="I posti sono per chi lavora in provincia.")
    waiting.refresh_from_db()
    assert (request_.state, waiting.state) == ("refused", "offered")
    assert told().count("registrations.refused") == 1
    assert places.miscounted(request_.event) == {}


def test_refusing_wants_a_reason(request_):
    with pytest.raises(RegistrationError) as refusal:
        approving.refuse(registration=request_, because="")
    assert (refusal.value.code, list(refusal.value.fields)) == ("no_reason", ["because"])
    request_.refresh_from_db()
    assert request_.state == "requested"


def test_confirmed_registration_is_not_refused():
    registration = make_registration(make_event())
    with pytest.raises(RegistrationError) as refusal:
        approving.refuse(registration=registration, because="ripensamento")
    assert refusal.value.code == "closed"
    registration.refresh_from_db()
    assert registration.state == "confirmed"


def test_refused_registration_is_not_confirmed_by_its_old_link(request_):
    approving.refuse(registration=request_, because="no")
    with pytest.raises(RegistrationError) as refusal:
        signup.confirm(registration=request_)
    assert refusal.value.code == "refused"


def test_request_of_somebody_under_age_needs_approval_at_any_event(confirmed):
    registration = register(make_event())
    registration.is_minor = True
    registration.save()
    assert signup.confirm(registration=registration).state == "requested"
    assert approving.approve(registration=registration).state == "confirmed"
    assert confirmed == [registration.pk]
