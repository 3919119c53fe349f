"""Consents are a ledger: what was said stays, what stands now is its last line."""

import pytest
from django.db import IntegrityError, models, transaction
from django.utils.translation import override

from registrations.consents import PURPOSES, digest
from registrations.models import Consent
from registrations.services import agreeing
from tests.make import make_consent, make_event, make_registration

pytestmark = pytest.mark.django_db

WORDS = {
    ("privacy", "2024-01"): ("31f241b2667f", "e845f8afe750"),
    ("newsletter", "2024-01"): ("fe9332324664", "a5df6a1ccdf7"),
    ("photos", "2024-01"): ("1c662314bab9", "eb530e429b77"),
}
"""The first signs of the fingerprints in Italian and English, by version. Never change a line, only add."""


def acts(registration):
    return [(one.purpose, one.act) for one in registration.consents.all()]


def test_consent_given_withdrawn_and_given_again_is_three_rows():
    registration = make_registration(make_event())
    for yes in (True, True, False, False, True):
        agreeing.choose(registration=registration, agreed={"photos": yes})
    assert acts(registration) == [("photos", "given"), ("photos", "withdrawn"), ("photos", "given")]
    assert [one.purpose for one in registration.consents.standing()] == ["photos"]
    assert not registration.consents.withdrawn().exists()
    (agreement,) = agreeing.agreements(registration)
    assert agreement.withdrawn is None
    assert agreement.given == registration.consents.last()


def test_consent_keeps_the_words_that_were_shown_with_version_and_fingerprint():
    registration = make_registration(make_event(), language="it")
    agreeing.choose(registration=registration, agreed={"photos": True}, language="en")
    given = registration.consents.get()
    assert given.text.startswith("I agree that photos")
    assert (given.version, given.how) == (PURPOSES["photos"].version, "page")
    assert given.sha256 == digest(given.text)
    agreeing.choose(registration=registration, agreed={"photos": False})
    withdrawn = registration.consents.last()
    assert (withdrawn.act, withdrawn.text, withdrawn.sha256) == ("withdrawn", given.text, given.sha256)
    assert withdrawn.at > given.at


def test_privacy_notice_cannot_be_withdrawn_here():
    registration = make_registration(make_event())
    agreeing.record(registration=registration, purposes=["privacy"])
    agreeing.choose(registration=registration, agreed={"privacy": False})
    assert acts(registration) == [("privacy", "given")]


def test_consent_never_given_is_not_withdrawn():
    registration = make_registration(make_event())
    agreeing.choose(registration=registration, agreed={"photos": False})
    assert not registration.consents.exists()


def test_what_stands_is_told_by_registration_and_purpose():
    event = make_event()
    anna, bea = make_registration(event), make_registration(event)
    make_consent(anna, "photos")
    make_consent(bea, "photos")
    make_consent(anna, "photos", act="withdrawn")
    make_consent(anna, "newsletter")
    assert [(one.registration, one.purpose) for one in Consent.objects.standing()] == [
        (bea, "photos"),
        (anna, "newsletter"),
    ]
    assert [one.registration for one in Consent.objects.withdrawn()] == [anna]


@pytest.mark.parametrize("change", [{"text": "Altro"}, {"act": "withdrawn"}, {"version": "2030-01"}])
def test_row_of_the_ledger_is_never_changed(change):
    row = make_consent(make_registration(make_event()))
    with pytest.raises(IntegrityError, match="consent_is_never_changed"), transaction.atomic():
        Consent.objects.filter(pk=row.pk).update(**change)
    for name, value in change.items():
        setattr(row, name, value)
    with pytest.raises(IntegrityError, match="consent_is_never_changed"), transaction.atomic():
        row.save()
    row.refresh_from_db()
    assert (row.text, row.act, row.version) == ("Sì.", "given", "2024-01")


def test_row_of_the_ledger_goes_only_with_its_registration():
    registration = make_registration(make_event())
    row = make_consent(registration)
    for delete in (row.delete, Consent.objects.all().delete, registration.consents.all().delete):
        with pytest.raises(models.ProtectedError):
            delete()
    assert Consent.objects.get() == row
    registration.delete()
    assert not Consent.objects.exists()


def test_act_that_does_not_exist_is_refused_by_the_database():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_consent(make_registration(make_event()), act="perhaps")


@pytest.mark.parametrize("key", PURPOSES)
def test_changed_words_ask_for_a_new_version(key):
    purpose = PURPOSES[key]
    shown = []
    for language in ("it", "en"):
        with override(language):
            shown.append(digest(str(purpose.text))[:12])
    assert WORDS.get((key, purpose.version)) == tuple(shown), "new words need a new version, and a line in this table"
