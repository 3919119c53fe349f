"""A place goes from one person to a colleague: nobody gets in between, nothing is told to whom it does not concern."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import Delivery
from registrations.models import Group, Handover, Registration
from registrations.services import (
    RegistrationError,
    asking,
    changing,
    checkin,
    door_table,
    handing_over,
    places,
    restraint,
    tickets,
)
from tests.make import make_event, make_question, make_registration, make_scan

pytestmark = pytest.mark.django_db
State = Registration.State
BRUNA = {"first_name": "Bruna", "last_name": "Neri", "email": "bruna@example.org"}
YES = {"privacy": True, "photos": True}


@pytest.fixture
def event(programme):
    return make_event(programme, in_person_capacity=1, online_capacity=None)


@pytest.fixture
def anna(event):
    return make_registration(event, email="anna@example.org", via="cna")


@pytest.fixture
def offer(anna):
    return handing_over.offer(registration=anna, **BRUNA)


def accept(offer, **over):
    values = {"first_name": "Bruna", "last_name": "Neri", "organisation": "CNA", "consents": YES, "language": "en"}
    return handing_over.accept(handover=offer, **values | over)


def kinds():
    return [mail.message.kind.partition(".")[2] for mail in Delivery.objects.select_related("message").order_by("pk")]


def refused(code, call):
    before = list(Registration.objects.order_by("pk").values()), list(Handover.objects.order_by("pk").values()), kinds()
    with pytest.raises(RegistrationError) as raised:
        call()
    assert raised.value.code == code
    assert before == (
        list(Registration.objects.order_by("pk").values()),
        list(Handover.objects.order_by("pk").values()),
        kinds(),
    )
    return raised.value


def test_offer_changes_nothing_but_writes_to_the_colleague(anna, offer):
    anna.refresh_from_db()
    assert (anna.state, anna.ticket_version) == (State.CONFIRMED, 1)
    mail = Delivery.objects.select_related("message").get()
    assert mail.email == "bruna@example.org"
    assert f"/passaggi/{offer.token}/" in mail.message.text
    assert anna.token not in mail.message.text + mail.message.html
    assert anna.code not in mail.message.text.replace("-", "")


def test_accepting_moves_the_place_and_nobody_waiting_gets_in_between(event, anna, offer):
    waiting = make_registration(event, state=State.WAITING, queued_at=timezone.now())
    bruna = accept(offer)
    anna.refresh_from_db(), waiting.refresh_from_db(), event.refresh_from_db()
    assert (bruna.state, bruna.email, bruna.mode, bruna.via) == (
        State.CONFIRMED,
        "bruna@example.org",
        "in_person",
        "cna",
    )
    assert (bruna.name, bruna.organisation, bruna.language) == ("Bruna Neri", "CNA", "en")
    assert anna.state == State.CANCELLED
    assert waiting.state == State.WAITING
    assert event.in_person_taken == 1
    assert places.miscounted(event) == {}
    assert [(one.purpose, one.how) for one in bruna.consents.all()] == [("privacy", "handover"), ("photos", "handover")]
    assert not anna.consents.exists()


def test_both_get_their_mail_with_the_calendar_entry(anna, offer):
    accept(offer)
    assert kinds() == ["handover_offered", "handed_over", "ticket"]
    old, new = Delivery.objects.select_related("message").order_by("pk")[1:]
    assert (old.email, new.email) == ("anna@example.org", "bruna@example.org")
    assert old.message.attachments[0]["type"].endswith("CANCEL")
    assert any(one["type"].endswith("REQUEST") for one in new.message.attachments)


def test_old_ticket_is_refused_as_cancelled_and_the_new_one_opens_the_door(event, anna, offer):
    old = tickets.ticket_of(anna)
    bruna = accept(offer)
    event.starts_at, event.ends_at = timezone.now() + timedelta(minutes=5), timezone.now() + timedelta(hours=4)
    event.save()
    answers = checkin.check_in(
        event=event,
        readings=[
            door_table.Reading(nonce="1", code=old, at=timezone.now(), direction="in"),
            door_table.Reading(nonce="2", code=tickets.ticket_of(bruna), at=timezone.now(), direction="in"),
        ],
        device=None,
    )
    assert [(one.status, one.reason) for one in answers] == [("refused", "cancelled"), ("ok", "")]


def test_seat_at_the_table_goes_along(event, anna, offer):
    Registration.objects.filter(pk=anna.pk).update(
        group=Group.objects.create(event=event, number=3), is_group_pinned=True
    )
    bruna = accept(offer)
    anna.refresh_from_db()
    assert (bruna.group.number, bruna.is_group_pinned) == (3, True)
    assert (anna.group, anna.is_group_pinned) == (None, False)


def test_link_works_once(offer):
    accept(offer)
    refused("over", lambda: accept(offer, first_name="Terza"))
    refused("over", lambda: handing_over.decline(handover=offer))
    refused("over", lambda: handing_over.take_back(registration=offer.registration))


def test_taken_back_offer_cannot_be_accepted_and_its_mail_stays_here(anna, offer):
    for _ in range(2):
        handing_over.take_back(registration=anna)
    assert Delivery.objects.get().state == Delivery.State.EXCLUDED
    refused("over", lambda: accept(offer))
    assert handing_over.offer(registration=anna, **BRUNA).is_open


def test_declining_leaves_the_place_and_tells_the_holder_once(anna, offer):
    for _ in range(2):
        handing_over.decline(handover=offer)
    anna.refresh_from_db()
    assert anna.state == State.CONFIRMED
    assert kinds() == ["handover_offered", "handover_declined"]
    refused("over", lambda: accept(offer))


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"email": "ANNA@example.org"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "bruna@"}, "email"),
        ({"first_name": ""}, "first_name"),
        ({"first_name": "www.example.org"}, "first_name"),
    ],
)
def test_offer_that_cannot_be_understood_is_refused_at_its_field(anna, over, field):
    error = refused("invalid", lambda: handing_over.offer(registration=anna, **BRUNA | over))
    assert set(error.fields) == {field}


def test_second_offer_waits_for_the_first(anna, offer):
    refused("offered", lambda: handing_over.offer(registration=anna, **BRUNA | {"email": "c@example.org"}))


@pytest.mark.parametrize("ending", ["begun", "event_cancelled", "cancelled", "waiting", "inside", "minor"])
def test_place_that_is_not_hers_to_give_is_neither_offered_nor_taken(event, anna, offer, ending):
    now = timezone.now()
    if ending == "begun":
        type(event).objects.filter(pk=event.pk).update(starts_at=now)
    elif ending == "event_cancelled":
        type(event).objects.filter(pk=event.pk).update(cancelled_at=now)
    else:
        changes = {
            "cancelled": {"state": State.CANCELLED, "cancelled_at": now},
            "waiting": {"state": State.WAITING},
            "inside": {"entered_at": now},
            "minor": {"is_minor": True},
        }
        Registration.objects.filter(pk=anna.pk).update(**changes[ending])
    refused("closed", lambda: accept(offer))
    handing_over.take_back(registration=anna)
    refused("closed", lambda: handing_over.offer(registration=anna, **BRUNA))


def test_that_the_colleague_is_registered_is_told_to_her_alone(event, programme):
    big = make_event(programme)
    anna = make_registration(big)
    make_registration(big, email="bruna@example.org")
    offer = handing_over.offer(registration=anna, **BRUNA)
    refused("already_registered", lambda: accept(offer))
    anna.refresh_from_db()
    assert anna.state == State.CONFIRMED
    assert offer.is_open


def test_taking_over_without_the_required_consent_changes_nothing(offer):
    refused("consent_required", lambda: accept(offer, consents={}))
    refused("invalid", lambda: accept(offer, first_name=" "))


@pytest.mark.parametrize("over", [{"needs_approval": True}, {"access": "invitation"}, {"access": "audience"}])
def test_where_the_staff_choose_the_colleague_keeps_the_place_as_a_request(programme, over):
    event = make_event(programme, in_person_capacity=1, **over)
    anna = make_registration(event)
    bruna = accept(handing_over.offer(registration=anna, **BRUNA))
    assert bruna.state == State.REQUESTED
    assert places.miscounted(event) == {}
    assert kinds() == ["handover_offered", "handed_over", "handover_requested"]


def test_invited_colleague_comes_without_being_asked_again(programme):
    event = make_event(programme, access="invitation")
    invitation = event.invitations.create(email="bruna@example.org")
    bruna = accept(handing_over.offer(registration=make_registration(event), **BRUNA))
    invitation.refresh_from_db()
    assert (bruna.state, invitation.registration) == (State.CONFIRMED, bruna)


def test_place_is_handed_on_from_colleague_to_colleague(event, offer):
    bruna = accept(offer)
    carla = accept(handing_over.offer(registration=bruna, first_name="Carla", email="carla@example.org"))
    assert carla.state == State.CONFIRMED
    assert places.miscounted(event) == {}


def test_one_registration_does_not_write_to_the_whole_town(anna):
    for number in range(restraint.HANDOVERS.most):
        handing_over.offer(registration=anna, first_name="B", email=f"b{number}@example.org", client="here")
        handing_over.take_back(registration=anna)
    refused("too_many", lambda: handing_over.offer(registration=anna, client="here", **BRUNA))


def test_scan_before_the_handover_is_of_somebody_inside(event, anna, offer):
    make_scan(anna)
    Registration.objects.filter(pk=anna.pk).update(entered_at=timezone.now())
    refused("closed", lambda: accept(offer))


def test_cancelling_while_the_offer_is_open_gives_the_place_to_who_waits(event, anna, offer):
    changing.cancel(registration=anna)
    refused("closed", lambda: accept(offer))
    assert places.miscounted(event) == {}


def test_colleague_of_14_to_17_keeps_the_place_as_a_request(offer, event):
    successor = accept(offer, told=asking.Told(age="14_17"))
    assert (successor.state, successor.is_minor) == (State.REQUESTED, True)
    assert "handover_requested" in kinds()
    assert "ticket" not in kinds()
    assert places.miscounted(event) == {}


def test_colleague_under_14_takes_no_place_and_the_holder_keeps_hers(offer, anna):
    refused("too_young", lambda: accept(offer, told=asking.Told(age="under_14")))
    anna.refresh_from_db()
    assert anna.state == State.CONFIRMED


def test_colleague_answers_what_the_event_asks(offer, event):
    make_question(event, key="taglia", is_required=True)
    refused("invalid", lambda: accept(offer, told=asking.Told(answers={})))
    assert accept(offer, told=asking.Told(answers={"taglia": "M"})).answers == {"taglia": "M"}
