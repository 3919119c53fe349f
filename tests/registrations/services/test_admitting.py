"""Who may register: by invitation, of an audience, of which age."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import Delivery
from programmes.models import Member
from registrations.models import Handover, Invitation, Registration
from registrations.services import RegistrationError, admitting, approving, changing, expiring, places, signup
from tests.make import make_event, make_organisation, make_registration
from tests.registrations.people import register
from tests.threads import all_at_once


@pytest.fixture
def by_invitation(db):
    return make_event(access="invitation", in_person_capacity=2)


@pytest.fixture
def invitation(by_invitation):
    return Invitation.objects.create(event=by_invitation, email="anna@example.org", first_name="Anna")


@pytest.fixture
def cna(programme):
    return make_organisation(programme, "CNA Toscana", email_domains="cna.it, ecipar.it")


@pytest.fixture
def for_cna(programme, cna):
    event = make_event(programme, access="audience")
    event.audience_organisations.add(cna)
    return event


def refused(event, **over) -> str:
    before = Registration.objects.count()
    with pytest.raises(RegistrationError) as refusal:
        register(event, **over)
    assert Registration.objects.count() == before
    assert places.miscounted(event) == {}
    return refusal.value.code


def told() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("message__kind", flat=True))


def test_link_to_the_invited_address_proves_it(invitation, by_invitation, confirmed):
    registration = register(by_invitation, email="ANNA@example.org", invitation=invitation.token)
    assert registration.state == "confirmed"
    assert registration.email_confirmed_at
    assert (registration.held_until, registration.client) == (None, "")
    assert told() == ["registrations.ticket"]
    assert confirmed == [registration.pk]


def test_another_address_confirms_as_usual_and_uses_the_invitation_up(invitation, by_invitation):
    registration = register(by_invitation, email="bea@example.org", invitation=invitation.token)
    assert registration.state == "pending"
    assert told() == ["registrations.confirm"]
    assert refused(by_invitation, invitation=invitation.token) == "invitation_used"


def test_invitation_needs_its_own_event(invitation, by_invitation):
    other = make_event(by_invitation.programme, access="invitation")
    assert refused(other, invitation=invitation.token) == "invitation_required"
    assert refused(by_invitation) == "invitation_required"
    assert refused(by_invitation, invitation="x" * 22) == "invitation_required"


def test_stranger_without_a_link_learns_nothing_of_who_is_registered(by_invitation):
    make_registration(by_invitation, email="anna@example.org")
    assert refused(by_invitation, email="anna@example.org") == refused(by_invitation, email="bea@example.org")


def test_invitation_opens_any_event_and_a_dead_link_closes_none(programme, for_cna):
    open_event = make_event(programme)
    for event in (open_event, for_cna):
        token = Invitation.objects.create(event=event, email="anna@example.org").token
        assert register(event, invitation=token).state == "confirmed"
    assert register(open_event, email="bea@example.org", invitation="x" * 22).state == "pending"


def test_invited_person_waits_in_line_when_it_is_full(invitation, by_invitation):
    for number in range(2):
        make_registration(by_invitation, email=f"{number}@example.org")
    registration = register(by_invitation, invitation=invitation.token)
    assert (registration.state, registration.is_in_line) == ("waiting", True)
    assert told() == ["registrations.waiting"]


def test_invited_person_of_17_is_looked_at_by_the_staff(invitation, by_invitation):
    registration = register(by_invitation, invitation=invitation.token, age="14_17")
    assert registration.state == "requested"


def test_who_cancelled_may_come_back_by_her_invitation(invitation, by_invitation):
    changing.cancel(registration=register(by_invitation, invitation=invitation.token))
    assert register(by_invitation, invitation=invitation.token).state == "confirmed"
    assert refused(by_invitation, email="bea@example.org", invitation=invitation.token) == "invitation_used"


def test_who_was_not_approved_or_handed_her_place_on_has_used_her_invitation(invitation, by_invitation):
    registration = register(by_invitation, invitation=invitation.token, age="14_17")
    approving.refuse(registration=registration, because="no")
    assert refused(by_invitation, invitation=invitation.token) == "invitation_used"
    Registration.objects.update(state="cancelled")
    Handover.objects.create(
        registration=registration, email="b@example.org", first_name="B", accepted_at=timezone.now()
    )
    assert refused(by_invitation, invitation=invitation.token) == "invitation_used"


def test_invitation_taken_up_anew_is_not_taken_up_by_the_old_link_too(invitation, by_invitation):
    late = register(by_invitation, email="bea@example.org", invitation=invitation.token)
    expiring.expire(timezone.now() + timedelta(hours=2))
    assert register(by_invitation, invitation=invitation.token).state == "confirmed"
    with pytest.raises(RegistrationError) as refusal:
        signup.confirm(registration=late)
    assert refusal.value.code == "cancelled"
    assert Registration.objects.filter(state="confirmed").count() == 1
    assert places.miscounted(by_invitation) == {}


@pytest.mark.django_db(transaction=True)
def test_one_invitation_in_many_windows_gives_one_registration():
    event = make_event(access="invitation")
    token = Invitation.objects.create(event=event, email="anna@example.org").token

    def press(number):
        try:
            return register(event, email=f"a{number % 4}@example.org", invitation=token).state
        except RegistrationError as error:
            return error.code

    answers = all_at_once(press, 12)
    assert sorted(answers) == ["invitation_used"] * 11 + ["pending"]
    assert Registration.objects.count() == 1
    assert places.miscounted(event) == {}


@pytest.mark.parametrize(
    ("email", "may"),
    [
        ("anna@cna.it", True),
        ("anna@pisa.cna.it", True),
        ("anna@ecipar.it", True),
        ("anna@notcna.it", False),
        ("anna@cna.it.example.org", False),
        ("member@example.org", True),
        ("other@example.org", False),
    ],
)
def test_audience_is_who_is_on_the_list_or_writes_from_the_organisation(programme, cna, for_cna, email, may):
    Member.objects.create(programme=programme, organisation=cna, email="member@example.org")
    Member.objects.create(programme=programme, role="tutor", email="other@example.org")
    if may:
        assert register(for_cna, email=email).state == "pending"
    else:
        assert refused(for_cna, email=email) == "audience_only"


def test_role_is_asked_of_the_list_alone(programme, cna, for_cna):
    for_cna.audience_role = "Presidente"
    for_cna.save()
    Member.objects.create(programme=programme, organisation=cna, email="a@example.org", role="presidente")
    Member.objects.create(programme=programme, organisation=cna, email="b@example.org", role="tutor")
    Member.objects.create(programme=programme, email="c@example.org", role="presidente")
    assert register(for_cna, email="a@example.org").state == "pending"
    for email in ("b@example.org", "c@example.org", "d@cna.it"):
        assert refused(for_cna, email=email) == "audience_only"


def test_who_does_not_belong_is_told_by_mail_once_in_two_minutes(for_cna):
    for _ in range(3):
        signup.remind(event=for_cna, email="x@example.org")
    signup.remind(event=for_cna, email="x@cna.it")
    mails = Delivery.objects.filter(message__kind="registrations.audience_only")
    assert 1 <= mails.count() <= 2
    assert {one.email for one in mails} == {"x@example.org"}
    text = mails[0].message.text
    assert "Per chi fa parte di CNA Toscana." in text
    assert for_cna.programme.contact_email in text


def test_address_is_not_corrected_to_one_that_does_not_belong(for_cna):
    registration = register(for_cna, email="anna@cna.it")
    with pytest.raises(RegistrationError) as refusal:
        signup.correct_email(registration=registration, email="anna@example.org")
    assert refusal.value.code == "audience_only"
    registration.refresh_from_db()
    assert registration.email == "anna@cna.it"
    assert signup.correct_email(registration=registration, email="anna2@cna.it").email == "anna2@cna.it"


def test_staff_register_whom_they_like(for_cna, by_invitation):
    for event in (for_cna, by_invitation):
        assert register(event, is_admitted=True).state == "pending"


def test_child_is_refused_and_nothing_kept(db):
    event = make_event()
    assert refused(event, age="under_14", email="nonsense") == "too_young"
    assert not Delivery.objects.exists()


def test_age_that_is_none_is_refused(db):
    assert refused(make_event(), age="12") == "invalid"


def test_young_person_is_routed_to_the_staff(db):
    registration = register(make_event(), age="14_17")
    assert registration.is_minor
    assert signup.confirm(registration=registration).state == "requested"
    assert not register(make_event(), age="adult").is_minor


def test_registering_at_an_open_event_asks_nothing_more(db, django_assert_max_num_queries):
    event = make_event()
    with django_assert_max_num_queries(0):
        assert admitting.find_invitation(event, "") is None
        admitting.must_belong(event, "anna@example.org")
