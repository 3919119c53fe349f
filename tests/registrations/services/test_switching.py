import pytest

from mail.models import Delivery
from registrations import kinds
from registrations.services import RegistrationError, certificates, changing, notices, signup, switching
from tests.make import make_certificate, make_event, make_registration

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(programme):
    return make_event(programme)


def told() -> list[str]:
    return [
        kind.removeprefix("registrations.")
        for kind in Delivery.objects.order_by("pk").values_list("message__kind", flat=True)
    ]


def test_only_what_is_not_the_usual_is_kept(event):
    usual = {kind.key: {"on": kind.is_usual} for kind in kinds.KINDS.values()}
    choices = usual | {"ticket": {"on": False}, "day_before": {"on": True, "minutes": 2880}, "missed": {"on": True}}
    switching.choose(event=event, choices=choices)
    event.refresh_from_db()
    assert event.mails == {"ticket": {"on": False}, "day_before": {"minutes": 2880}, "missed": {"on": True}}
    switching.choose(event=event, choices={"ticket": {"on": True}, "day_before": {"minutes": kinds.DAY}})
    event.refresh_from_db()
    assert event.mails == {"missed": {"on": True}}


@pytest.mark.parametrize(
    ("choices", "code", "field"),
    [
        ({"confirm": {"on": False}}, "needed", "on_confirm"),
        ({"place_offered": {"on": False}}, "needed", "on_place_offered"),
        ({"ticket": {"on": False}, "day_before": {"minutes": 4}}, "invalid", "minutes_day_before"),
        ({"thanks": {"minutes": kinds.LONGEST + 1}}, "invalid", "minutes_thanks"),
        ({"thanks": {"minutes": -1}}, "invalid", "minutes_thanks"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(event, choices, code, field):
    with pytest.raises(RegistrationError) as refusal:
        switching.choose(event=event, choices=choices)
    assert refusal.value.code == code
    assert list(refusal.value.fields) == [field]
    event.refresh_from_db()
    assert event.mails == {}


def test_a_mail_that_is_off_does_not_leave_and_what_is_asked_for_does(event):
    switching.choose(event=event, choices={key: {"on": False} for key in ("ticket", "cancelled", "event_moved")})
    person = {"first_name": "Anna", "email": "anna@example.org", "mode": "in_person", "consents": {"privacy": True}}
    registration = signup.register(event=event, **person)
    signup.confirm(registration=registration)
    assert told() == ["confirm"]
    notices.send_ticket_again(registration)
    assert told() == ["confirm", "ticket"]
    changing.cancel(registration=registration)
    assert told() == ["confirm", "ticket"]


def test_who_is_not_told_of_a_move_is_not_looked_for_again(event):
    registration = make_registration(event)
    event.mails, event.sequence = {"event_moved": {"on": False}}, 1
    event.save()
    assert notices.tell_changes_of_events() == 1
    assert notices.tell_changes_of_events() == 0
    registration.refresh_from_db()
    assert (told(), registration.told_sequence) == ([], 1)


def test_a_mail_that_is_not_in_the_table_always_leaves(event):
    event.mails = {"unheard_of": {"on": False}}
    assert kinds.is_on(event, "unheard_of")


def test_those_that_are_needed_are_on_whatever_the_row_says(event):
    event.mails = {"confirm": {"on": False}, "place_offered": {"on": False}}
    assert kinds.is_on(event, "confirm")
    assert kinds.is_on(event, "place_offered")
    assert [kind.key for kind in kinds.KINDS.values() if kind.needed_because] == [
        "invitation", "confirm", "place_offered", "already_registered", "handover_offered", "event_cancelled",
    ]  # fmt: skip


def test_certificate_that_is_switched_off_is_made_and_mailed_only_when_asked_for(programme):
    event = make_event(programme, mails={"certificate": {"on": False}})
    certificate = make_certificate(make_registration(event, minutes=230))
    certificate = certificates.make_pdf(certificate=certificate)
    assert (bool(certificate.pdf), told()) == (True, [])
    certificates.resend(certificate=certificate)
    assert told() == ["certificate"]
