"""“Send me my links”: the same for every address, one mail for who is registered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mail.models import Delivery
from registrations.models import LinkRequest, Registration
from registrations.services import RegistrationError, lost_links, restraint
from tests.make import make_event, make_registration

pytestmark = pytest.mark.django_db
State = Registration.State


def ask(email="anna@example.org", **over):
    lost_links.ask(email=email, **over)


def later(seconds):
    past = timezone.now() - timedelta(seconds=seconds)
    LinkRequest.objects.update(asked_at=past)


def test_one_mail_lists_all_living_registrations_in_her_language(programme):
    soon, then = make_event(programme), make_event(programme, starts_at=timezone.now() + timedelta(days=30))
    mine = {"email": "anna@example.org", "language": "en"}
    alive = [
        make_registration(soon, **mine),
        make_registration(then, state=State.WAITING, **mine),
    ]
    gone = make_registration(make_event(programme), state=State.CANCELLED, cancelled_at=timezone.now(), **mine)
    other = make_registration(soon)
    ask("Anna@Example.org")
    lost_links.answer_owed()
    mail = Delivery.objects.select_related("message").get()
    assert mail.email == "anna@example.org"
    for registration in alive:
        assert f"/en/registrations/{registration.token}/" in mail.message.text
    assert gone.token not in mail.message.text
    assert other.token not in mail.message.text


def test_unknown_address_is_written_nothing_and_forgotten(programme):
    make_registration(make_event(programme))
    ask()
    lost_links.answer_owed()
    assert not Delivery.objects.exists()
    later(121)
    lost_links.answer_owed()
    assert not LinkRequest.objects.exists()


def test_asking_is_the_same_work_whether_the_address_is_known_or_not(programme, django_assert_num_queries):
    make_registration(make_event(programme), email="anna@example.org")
    for email in ("anna@example.org", "nobody@example.org"):
        with django_assert_num_queries(7):
            ask(email)


def test_not_again_within_two_minutes(programme):
    make_registration(make_event(programme), email="anna@example.org")
    for seconds, mails in [(0, 1), (100, 1), (121, 2)]:
        later(seconds)
        ask()
        lost_links.answer_owed()
        lost_links.answer_owed()
        assert Delivery.objects.count() == mails, seconds


def test_lost_message_to_the_worker_is_made_good_by_the_timetable(programme):
    make_registration(make_event(programme), email="anna@example.org")
    ask()
    later(600)
    lost_links.answer_owed()
    assert Delivery.objects.count() == 1


def test_limits_are_those_of_every_form(programme):
    for _ in range(restraint.MAILS.most):
        ask(client="here")
    with pytest.raises(RegistrationError) as raised:
        ask(client="here")
    assert raised.value.code == "too_many"
    assert LinkRequest.objects.count() == 1
