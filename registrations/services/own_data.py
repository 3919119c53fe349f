"""Everything that is held about one registration, for its person to take along (art. 15 and 20 GDPR).

Keys are English and stay as they are, times are ISO 8601 with their zone; what is kept encrypted is readable here. A
test holds `RELATED` to the models: no row about a registration may be forgotten. Not told: our own numbers, and the
secret of her link, which a file that travels should not hold. The newsletter has its own page with its own proof.
"""

import json
from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.utils import timezone

from registrations.models import Registration
from registrations.services import correspondence

FORMAT = "convivio.registration.1"
NOT_TOLD = {"id", "event", "token", "group", "answers", "registration"}
"""Told in other words below, or nobody's data."""


def everything(registration: Registration) -> dict[str, Any]:
    """Ready for `json.dumps`."""
    return {
        "format": FORMAT,
        "made_at": timezone.now().isoformat(),
        "event": _event(registration),
        "registration": _columns(registration),
        "answers": _answers(registration),
        "group": _group(registration),
        **{name: tell(registration) for name, tell in RELATED.items()},
        "mails": _mails(registration),
    }


def _columns(row: Model, *without: str) -> dict[str, Any]:
    """The row's own columns, as JSON."""
    fields = [one for one in row._meta.concrete_fields if one.name not in NOT_TOLD and one.name not in without]
    return {one.name: _plain(one.value_from_object(row)) for one in fields if not one.is_relation}


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | dict | list) else str(value)


def _event(registration: Registration) -> dict[str, Any]:
    event = registration.event
    return {
        "slug": event.slug,
        "title": str(event.title),
        "starts_at": event.starts_at.isoformat(),
        "ends_at": event.ends_at.isoformat(),
        "place": event.venue.full_address if event.venue else None,
    }


def _answers(registration: Registration) -> list[dict[str, Any]]:
    asked = {question.key: str(question.label) for question in registration.event.questions.all()}
    return [{"key": key, "question": asked.get(key), "answer": one} for key, one in registration.answers.items()]


def _group(registration: Registration) -> dict[str, Any] | None:
    group = registration.group
    return group and {"number": group.number, "facilitator": str(group.facilitator) if group.facilitator else None}


def _consents(registration: Registration) -> list[dict[str, Any]]:
    return [_columns(one) for one in registration.consents.order_by("pk")]


def _scans(registration: Registration) -> list[dict[str, Any]]:
    """With what was corrected in them, and why."""
    scans = registration.scans.order_by("at", "pk").prefetch_related("corrections")
    return [
        _columns(one, "nonce") | {"corrections": [_columns(correction) for correction in one.corrections.all()]}
        for one in scans
    ]


def _certificates(registration: Registration) -> list[dict[str, Any]]:
    return [_columns(one, "pdf") for one in registration.certificates.order_by("pk")]


def _needs(registration: Registration) -> dict[str, Any] | None:
    needs = getattr(registration, "needs", None)
    return needs and _columns(needs)


def _monitoring(registration: Registration) -> dict[str, Any] | None:
    record = getattr(registration, "monitoring", None)
    return record and _columns(record) | {"sensitive": json.loads(record.sensitive) if record.sensitive else {}}


def _handovers(registration: Registration) -> list[dict[str, Any]]:
    return [_columns(one) for one in registration.handovers.order_by("pk")]


def _received_by(registration: Registration) -> dict[str, Any] | None:
    offer = getattr(registration, "received_by", None)
    return offer and _columns(offer) | {"from": offer.registration.name}


def _invitations(registration: Registration) -> list[dict[str, Any]]:
    return [_columns(one) for one in registration.invitations.order_by("pk")]


def _mails(registration: Registration) -> list[dict[str, Any]]:
    return [
        {
            "kind": mail.message.kind,
            "to": mail.email or None,
            "subject": mail.message.subject or None,
            "state": mail.state,
            "created_at": mail.created_at.isoformat(),
            "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
        }
        for mail in correspondence.mails_about(registration).select_related("message").order_by("pk")
    ]


RELATED: dict[str, Callable[[Registration], Any]] = {
    "consents": _consents,
    "scans": _scans,
    "certificates": _certificates,
    "needs": _needs,
    "monitoring": _monitoring,
    "handovers": _handovers,
    "received_by": _received_by,
    "invitations": _invitations,
}
"""By the name under which a registration knows those rows."""
