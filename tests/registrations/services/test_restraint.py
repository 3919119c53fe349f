from contextlib import suppress

import pytest

from mail.models import Delivery
from registrations.models import Registration
from registrations.services import RegistrationError, changing, expiring, restraint, signup, together
from tests.make import make_event, make_registration

pytestmark = pytest.mark.django_db


def register(event, number=0, **over):
    values = {"first_name": "Anna", "email": f"anna.{number}@example.org", "mode": "in_person", "client": "office"}
    return signup.register(event=event, consents={"privacy": True}, **values | over)


def refused(call, *arguments, **named) -> RegistrationError:
    with pytest.raises(RegistrationError) as error:
        call(*arguments, **named)
    assert (error.value.code, error.value.status) == ("too_many", 429)
    return error.value


def test_one_client_cannot_hold_every_place_of_an_event(programme):
    event = make_event(programme, in_person_capacity=20)
    allowed = restraint.held_by_one(20)
    assert allowed == 15
    for number in range(allowed):
        register(event, number)
    refused(register, event, 99)
    event.refresh_from_db()
    assert (event.in_person_taken, Registration.objects.count(), Delivery.objects.count()) == (allowed,) * 3
    assert register(event, 99, client="somebody else").state == "pending"
    assert register(event, 100, client="").state == "pending"


def test_confirmed_and_expired_holds_make_room_for_the_next_colleague(programme):
    event = make_event(programme, in_person_capacity=10)
    people = [register(event, number) for number in range(10)]
    signup.confirm(registration=people[0])
    changing.cancel(registration=people[1])
    expiring.expire(now=people[-1].held_until)
    assert not Registration.objects.exclude(client="").exists()
    assert register(event, 20).state == "pending"


def test_fifty_colleagues_register_who_open_their_mail(programme):
    event = make_event(programme, in_person_capacity=60)
    for number in range(50):
        registration = register(event, number)
        if number % 2:
            signup.confirm(registration=registration)
    assert Registration.objects.count() == 50


def test_unconfirmed_registrations_of_one_client_end_at_sixty_over_all_events(programme):
    events = [make_event(programme, in_person_capacity=60) for _ in range(3)]
    for number in range(restraint.UNCONFIRMED):
        register(events[number % 3], number)
    refused(register, events[0], 99)
    assert Registration.objects.count() == restraint.UNCONFIRMED


def test_unconfirmed_in_line_count_too(programme):
    event = make_event(programme, in_person_capacity=0, has_waiting_list=True)
    Registration.objects.bulk_create(
        Registration(
            event=event, mode="in_person", state="waiting", first_name="A", email=f"a{number}@example.org", client="x"
        )
        for number in range(restraint.UNCONFIRMED)
    )
    refused(register, event, client="x")


def test_one_address_is_mailed_only_so_often_whatever_the_event(programme):
    events = [make_event(programme) for _ in range(restraint.MAILS.most + 1)]
    for event in events[:-1]:
        register(event, client="client")
    error = refused(register, events[-1], client="client")
    assert "email" in error.fields
    assert Delivery.objects.count() == restraint.MAILS.most
    assert register(events[-1], 1, client="client")


def test_too_many_sounds_alike_for_a_registered_address(programme):
    event = make_event(programme, in_person_capacity=10)
    for number in range(10):
        register(event, number)
    assert str(refused(register, event, 0)) == str(refused(register, event, 99))


def test_sending_again_and_correcting_are_limited(programme):
    event = make_event(programme)
    registration = register(event)
    for number in range(restraint.CORRECTIONS.most):
        signup.correct_email(registration=registration, email=f"b{number}@example.org", client="office")
    refused(signup.correct_email, registration=registration, email="c@example.org", client="office")
    assert not Delivery.objects.filter(email="c@example.org").exists()
    for _ in range(restraint.MAILS.most - 1):
        signup.resend(registration=registration, client="office")
    refused(signup.resend, registration=registration, client="office")
    refused(signup.remind, event=event, email=registration.email, client="office")


def test_requests_of_one_client_are_counted_together(programme):
    event = make_event(programme)
    for number in range(restraint.REQUESTS.most):
        signup.remind(event=event, email=f"nobody.{number}@example.org", client="office")
    refused(register, event)
    assert register(event, client="somebody else")


def test_nobody_alone_keeps_an_address_from_registering():
    for _number in range(restraint.MAILS.most + 5):
        with suppress(restraint.TooManyError):
            restraint.ask(client="rude", email="anna@example.org")
    restraint.ask(client="anna", email="anna@example.org")


def test_all_together_write_to_one_address_only_so_often():
    refused = 0
    for number in range(restraint.MAILS_OF_ALL.most + 3):
        try:
            restraint.ask(client=f"client-{number}", email="anna@example.org")
        except restraint.TooManyError:
            refused += 1
    assert refused == 3


def test_colleagues_who_are_known_count_for_the_limit_like_the_others(programme):
    event = make_event(programme)
    unconfirmed = {"state": "waiting", "email_confirmed_at": None, "queued_at": None, "client": "firm"}
    for number in range(restraint.UNCONFIRMED):
        make_registration(event, email=f"x{number}@example.org", **unconfirmed)
    make_registration(event, email="known@example.org")
    for email in ("known@example.org", "unknown@example.org"):
        with pytest.raises(restraint.TooManyError):
            together.register_all(
                event=event, people=[together.Person("Anna", "", email)], mode="online", organisation="Azienda",
                registered_by="Maria", client="firm",
            )  # fmt: skip
