"""Lists brought in, the mails they owe, reminders, and links taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import Delivery
from registrations.models import Invitation
from registrations.services import RegistrationError, changing, expiring, inviting, retention
from tests.make import make_event, make_registration
from tests.registrations.people import register

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return make_event(access="invitation")


def invite(event, *addresses):
    inviting.invite(event=event, text="\n".join(addresses or ["anna@example.org;Anna;Verdi;CNA;en"]))
    return list(event.invitations.order_by("pk"))


def mails():
    return list(Delivery.objects.filter(message__kind="registrations.invitation").order_by("pk"))


def test_list_brought_in_twice_invites_and_writes_once(event):
    for _ in range(2):
        invite(event)
        inviting.send_owed()
    invitation = Invitation.objects.get()
    assert (invitation.first_name, invitation.organisation, invitation.language) == ("Anna", "CNA", "en")
    (mail,) = mails()
    assert mail.email == "anna@example.org"
    assert mail.message.subject.startswith("You are invited")
    assert f"/en/events/{event.slug}/registration/?invito={invitation.token}" in mail.message.text


def test_looking_at_a_list_writes_nothing(event):
    sifted = inviting.look_at(event=event, text="anna@example.org")
    assert len(sifted.new) == 1
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "over",
    [
        {"published_at": None},
        {"cancelled_at": timezone.now()},
        {"registration_closes_at": timezone.now() - timedelta(hours=1)},
    ],
)
def test_no_mail_leaves_while_one_cannot_register(over):
    event = make_event(access="invitation", **over)
    invite(event)
    assert inviting.send_owed() == 0
    assert not mails()
    type(event).objects.filter(pk=event.pk).update(
        published_at=timezone.now(), cancelled_at=None, registration_closes_at=event.ends_at
    )
    assert inviting.send_owed() == 1


def test_worker_that_died_before_it_wrote_down_sends_no_second_mail(event):
    (invitation,) = invite(event)
    inviting.send_owed()
    Invitation.objects.update(due_at=invitation.due_at, mailed_at=None)
    inviting.send_owed()
    assert len(mails()) == 1


def test_who_has_not_answered_is_reminded_once_a_day(event):
    silent, answered = invite(event, "anna@example.org", "bea@example.org")
    inviting.send_owed()
    register(event, email="bea@example.org", invitation=answered.token)
    assert inviting.remind(event=event) == 0, "not on the same day"
    Invitation.objects.update(mailed_at=timezone.now() - timedelta(hours=25))
    assert inviting.figures(event)["to_remind"] == 1
    for expected in (1, 0):
        assert inviting.remind(event=event) == expected
        inviting.send_owed()
    assert [mail.email for mail in mails()] == ["anna@example.org", "bea@example.org", "anna@example.org"]
    assert mails()[-1].message.subject.startswith("Ci sarai?")


def test_figures_say_who_answered(event):
    one, two, three, four = invite(event, *(f"{name}@example.org" for name in "abcd"))
    inviting.send_owed()
    register(event, email="a@example.org", invitation=one.token)
    register(event, email="other@example.org", invitation=two.token)
    inviting.withdraw(invitation=three)
    assert inviting.figures(event) == {
        "invited": 3, "mailed": 3, "due": 0, "registered": 1, "to_confirm": 1, "unanswered": 1, "to_remind": 0,
    }  # fmt: skip


def test_withdrawn_link_opens_nothing_until_a_new_one_is_made(event):
    (invitation,) = invite(event)
    for _ in range(2):
        inviting.withdraw(invitation=invitation)
    assert inviting.send_owed() == 0
    with pytest.raises(RegistrationError) as refusal:
        register(event, invitation=invitation.token)
    assert refusal.value.code == "invitation_required"
    (again,) = invite(event)
    assert (again.pk, again.withdrawn_at) == (invitation.pk, None)
    assert again.token != invitation.token
    assert inviting.send_owed() == 1
    assert register(event, invitation=again.token).state == "confirmed"


def test_used_invitation_is_not_withdrawn(event):
    (invitation,) = invite(event)
    registration = register(event, invitation=invitation.token)
    with pytest.raises(RegistrationError) as refusal:
        inviting.withdraw(invitation=invitation)
    assert refusal.value.code == "invitation_used"
    invitation.refresh_from_db()
    assert invitation.withdrawn_at is None
    changing.cancel(registration=registration)
    assert inviting.withdraw(invitation=invitation).withdrawn_at


def test_withdrawing_ends_what_was_never_confirmed_by_it(event):
    (invitation,) = invite(event)
    registration = register(event, email="other@example.org", invitation=invitation.token)
    expiring.expire(timezone.now() + timedelta(hours=2))
    inviting.withdraw(invitation=invitation)
    registration.refresh_from_db()
    assert registration.state == "cancelled"


def test_invitations_are_forgotten_a_month_after_the_event(event):
    invite(event)
    retention.forget()
    assert Invitation.objects.exists()
    past = timezone.now() - timedelta(days=31)
    type(event).objects.filter(pk=event.pk).update(starts_at=past - timedelta(hours=4), ends_at=past)
    retention.forget()
    assert not Invitation.objects.exists()


def test_who_is_registered_is_not_invited(event):
    make_registration(
        event, email="anna@example.org", state="pending", email_confirmed_at=None, held_until=timezone.now()
    )
    make_registration(event, email="bea@example.org")
    sifted = inviting.invite(event=event, text="anna@example.org\nbea@example.org\ncleo@example.org")
    assert [row.person["email"] for row in sifted.done] == ["bea@example.org"]
    assert set(event.invitations.values_list("email", flat=True)) == {"anna@example.org", "cleo@example.org"}
