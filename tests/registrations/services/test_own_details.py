"""Name, organisation and language, mended by the person herself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import Delivery
from registrations.models import Registration
from registrations.services import RegistrationError, own_details, tickets
from tests.make import make_event, make_registration

pytestmark = pytest.mark.django_db
State = Registration.State


@pytest.fixture
def anna():
    return make_registration(make_event(), first_name="Anna", last_name="Verdi", email="anna@example.org")


def change(registration, **over):
    values = {"first_name": "Anna", "last_name": "Verdi", "organisation": "CNA", "language": "en"}
    values["version"] = own_details.version_of(Registration.objects.get(pk=registration.pk))
    return own_details.change(registration=registration, **values | over)


def refused(code, registration, **over):
    before = Registration.objects.filter(pk=registration.pk).values().get()
    with pytest.raises(RegistrationError) as raised:
        change(registration, **over)
    assert raised.value.code == code
    assert Registration.objects.filter(pk=registration.pk).values().get() == before
    assert not Delivery.objects.exists()
    return raised.value


def test_organisation_and_language_are_changed_without_a_mail(anna):
    changed = change(anna)
    assert (changed.organisation, changed.language) == ("CNA", "en")
    assert not Delivery.objects.exists()


def test_ticket_comes_again_with_another_name_and_the_old_one_stays_good(anna):
    old = tickets.ticket_of(anna)
    for name in ("Anna Maria", "Annamaria"):
        change(anna, first_name=name)
    anna.refresh_from_db()
    assert [mail.name for mail in Delivery.objects.order_by("pk")] == ["Anna Maria Verdi", "Annamaria Verdi"]
    assert tickets.ticket_of(anna) == old


def test_who_waits_changes_her_name_without_a_ticket():
    waiting = make_registration(make_event(), state=State.WAITING)
    assert change(waiting, first_name="Bea").name == "Bea Verdi"
    assert not Delivery.objects.exists()


def test_older_page_is_refused(anna):
    seen = own_details.version_of(anna)
    change(anna, organisation="Arci")
    refused("stale", anna, version=seen)
    refused("stale", anna, version="")


@pytest.mark.parametrize(("field", "typed"), [("first_name", ""), ("last_name", "a@b.it"), ("organisation", "=1+1")])
def test_name_that_is_none_is_refused_at_its_field(anna, field, typed):
    assert set(refused("invalid", anna, **{field: typed}).fields) == {field}


@pytest.mark.parametrize("when", ["deadline", "begun", "cancelled", "unconfirmed"])
def test_after_the_deadline_nothing_is_changed(when):
    now = timezone.now()
    event = make_event()
    anna = make_registration(event)
    if when == "deadline":
        type(event).objects.filter(pk=event.pk).update(changes_close_at=now)
    elif when == "begun":
        type(event).objects.filter(pk=event.pk).update(starts_at=now - timedelta(minutes=1))
    elif when == "cancelled":
        Registration.objects.filter(pk=anna.pk).update(state=State.CANCELLED, cancelled_at=now)
    else:
        Registration.objects.filter(pk=anna.pk).update(state=State.PENDING, held_until=now, email_confirmed_at=None)
    refused("closed", anna)
