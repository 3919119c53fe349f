"""Consents as a ledger: agreeing is a row, taking back is a row, none is changed.

Each row keeps the words that were shown, their version, how and when. Called by `signup` when somebody registers, by
`handing_over`, by the person's own page afterwards and by `erasing`. The room above hears of a new registration's
consents when it is confirmed, and of every later change by `consents_changed`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from registrations.consents import OPTIONAL, PURPOSES, Purpose, digest
from registrations.models import Consent, Registration
from registrations.services import RegistrationError
from registrations.signals import consents_changed

Act, How = Consent.Act, Consent.How


@dataclass(frozen=True)
class Agreement:
    """Everything said about one purpose, oldest first."""

    purpose: Purpose
    history: list[Consent]

    @property
    def given(self) -> Consent:
        """The last time it was agreed to, with the words that were shown then."""
        return next(act for act in reversed(self.history) if act.act == Act.GIVEN)

    @property
    def withdrawn(self) -> Consent | None:
        """How it was taken back, if it no longer stands."""
        last = self.history[-1]
        return last if last.act == Act.WITHDRAWN else None


def agreements(registration: Registration) -> list[Agreement]:
    """What was ever agreed to, by purpose, in one query."""
    acts = list(registration.consents.order_by("pk"))
    by_purpose = {key: [act for act in acts if act.purpose == key] for key in PURPOSES}
    return [Agreement(PURPOSES[key], history) for key, history in by_purpose.items() if history]


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


def record(*, registration: Registration, purposes: Iterable[str], how: str = How.FORM, language: str = "") -> None:
    """Write down what was agreed to, in the words of `language`: those of the registration, where none is named."""
    with override(language or registration.language):
        Consent.objects.bulk_create(_given(registration, PURPOSES[key], how) for key in purposes)


@transaction.atomic
def choose(*, registration: Registration, agreed: Mapping[str, bool], how: str = How.PAGE, language: str = "") -> None:
    """Give or withdraw the optional consents afterwards; what is not named, or as it was, adds nothing.

    `language` is the one in which the sentences were read.
    """
    Registration.objects.select_for_update(of=("self",)).get(pk=registration.pk)
    standing = {consent.purpose: consent for consent in registration.consents.standing()}
    changed = [key for key in OPTIONAL if key in agreed and agreed[key] != (key in standing)]
    record(registration=registration, purposes=[key for key in changed if agreed[key]], how=how, language=language)
    Consent.objects.bulk_create(_withdrawn(standing[key], how) for key in changed if not agreed[key])
    if changed:
        consents_changed.send(Registration, registration=registration)


def _given(registration: Registration, purpose: Purpose, how: str) -> Consent:
    text = str(purpose.text)
    return Consent(
        registration=registration,
        purpose=purpose.key,
        act=Act.GIVEN,
        text=text,
        version=purpose.version,
        sha256=digest(text),
        how=how,
        at=timezone.now(),
    )


def _withdrawn(given: Consent, how: str) -> Consent:
    """The words are those that had been agreed to."""
    return Consent(
        registration_id=given.registration_id,
        purpose=given.purpose,
        act=Act.WITHDRAWN,
        text=given.text,
        version=given.version,
        sha256=given.sha256,
        how=how,
        at=timezone.now(),
    )
