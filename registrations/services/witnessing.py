"""Who outside the database can show that no register was changed: each holds its receipt, sent when it is sealed.

A receipt goes by mail to who sealed the register and to the coordinators of its place, in the transaction of the
register: number, head, fingerprints of both files, nothing about who took part. `recognised` says of which register a
head or fingerprint that somebody kept is; none means that a register was removed or changed. A receipt is owed once a
register and person, and never in the way of the register itself: what fails is logged.
"""

import logging
import re
from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import override

from accounts.models import User
from mail.services import outbox
from registrations import emails
from registrations.models import Seal

log = logging.getLogger(__name__)
KINDS = {"head": "head", "xlsx": "xlsx_sha256", "pdf": "pdf_sha256"}


class Recognised(NamedTuple):
    """`kind` is what the fingerprint is of: `head`, `xlsx` or `pdf`."""

    register: Seal
    kind: str


def tell(register: Seal) -> None:
    try:
        with transaction.atomic():
            for witness in _witnesses(register):
                _owe(register, witness)
    except Exception:
        log.exception("The receipt of register %s could not be written.", register)


def as_typed(words: str) -> str:
    """A head or a SHA-256 as we write it; empty when it is neither. Spaces and breaks do not matter."""
    written = "".join(sign for sign in words.lower() if sign.isalnum())
    return written if re.fullmatch("[0-9a-f]{64}", written) else ""


def recognised(registers: Iterable[Seal], fingerprint: str) -> Recognised | None:
    """The register of which `fingerprint` is the head, or that of a file."""
    for register in registers:
        for kind, column in KINDS.items():
            if getattr(register, column) == fingerprint:
                return Recognised(register, kind)
    return None


def _witnesses(register: Seal) -> list[User]:
    coordinators = User.objects.with_role_at("coordinator", register.event)
    return list({one.pk: one for one in [register.made_by, *coordinators] if one and one.is_active}.values())


def _owe(register: Seal, witness: User) -> None:
    with override(witness.language):
        outbox.enqueue(
            key=f"registrations.sealed:{register.head}:{witness.pk}",
            kind="registrations.sealed",
            to=witness.email,
            name=witness.get_full_name(),
            context=emails.sealed(register),
            language=witness.language,
            reply_to=register.event.programme.contact_email,
        )
