import pytest

from registrations.services import agreeing
from tests.make import make_event, make_registration

pytestmark = pytest.mark.django_db


def test_consent_is_given_withdrawn_and_given_again_as_one_row():
    registration = make_registration(make_event())
    agreeing.choose(registration=registration, agreed={"photos": True})
    first = registration.consents.get()
    assert first.withdrawn_at is None
    agreeing.choose(registration=registration, agreed={"photos": False})
    assert registration.consents.get().withdrawn_at
    agreeing.choose(registration=registration, agreed={"photos": True})
    again = registration.consents.get()
    assert again.withdrawn_at is None
    assert again.given_at > first.given_at


def test_privacy_notice_cannot_be_withdrawn_here():
    registration = make_registration(make_event())
    agreeing.record(registration=registration, purposes=["privacy"])
    agreeing.choose(registration=registration, agreed={"privacy": False})
    assert registration.consents.get().withdrawn_at is None


def test_consent_never_given_is_not_withdrawn():
    registration = make_registration(make_event())
    agreeing.choose(registration=registration, agreed={"photos": False})
    assert not registration.consents.exists()
