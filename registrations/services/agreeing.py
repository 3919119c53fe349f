"""Consents as rows: given with the words that were shown, withdrawn with a time, never deleted.

Called by `signup` when somebody registers and by the person's own page afterwards. Agreeing again after a withdrawal
stores the words and the time of the new agreement. The room above hears of a new registration's
consents when it is confirmed, and of every later change by `consents_changed`.
"""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from registrations.consents import OPTIONAL, PURPOSES
from registrations.models import Consent, Registration
from registrations.services import RegistrationError
from registrations.signals import consents_changed


def check(consents: Mapping[str, bool]) -> list[str]:
    """The purposes agreed to. Raises `consent_required` without a required one, `invalid` for an unknown purpose."""
    unknown = set(consents) - set(PURPOSES)
    if unknown:
        raise RegistrationError("invalid", _("There is no such consent."), {"consents": _("There is no such consent.")})
    for purpose in PURPOSES.values():
        if purpose.is_required and consents.get(purpose.key) is not True:
            sentence = _("Please confirm that you have read the privacy notice.")
            raise RegistrationError("consent_required", sentence, {f"consents.{purpose.key}": sentence})
    return [key for key in PURPOSES if consents.get(key) is True]


def record(*, registration: Registration, purposes: list[str]) -> None:
    """Write down what a new registration agreed to, in the words of its language."""
    with override(registration.language):
        Consent.objects.bulk_create(
            Consent(registration=registration, purpose=key, text=str(PURPOSES[key].text)) for key in purposes
        )


@transaction.atomic
def choose(*, registration: Registration, agreed: Mapping[str, bool]) -> None:
    """Give or withdraw the optional consents afterwards; what is not named, or as it was, stays untouched."""
    known = {consent.purpose: consent for consent in registration.consents.select_for_update()}
    has_changed = False
    for key in OPTIONAL:
        consent = known.get(key)
        is_given = consent is not None and consent.withdrawn_at is None
        if key not in agreed or agreed[key] == is_given:
            continue
        has_changed = True
        if is_given:
            consent.withdrawn_at = timezone.now()
            consent.save(update_fields=["withdrawn_at"])
        elif consent is None:
            record(registration=registration, purposes=[key])
        else:
            with override(registration.language):
                consent.text = str(PURPOSES[key].text)
            consent.given_at, consent.withdrawn_at = timezone.now(), None
            consent.save(update_fields=["text", "given_at", "withdrawn_at"])
    if has_changed:
        consents_changed.send(Registration, registration=registration)
