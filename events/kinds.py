"""The kinds of event. A new kind is one entry here."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class EventKind:
    """What all events of a kind have in common.

    `threshold` is the share of the event's length, in per cent, that a certificate asks for; `has_groups` says that the
    people present sit in groups with a facilitator.
    """

    key: str
    label: Promise
    plural: Promise
    threshold: int = 75
    has_groups: bool = False
    has_certificate: bool = True


KINDS = {
    kind.key: kind
    for kind in [
        EventKind("seminar", _("Seminar"), _("Seminars")),
        EventKind("lab", _("Lab"), _("Labs"), has_groups=True),
        EventKind("final", _("Final event"), _("Final events"), has_certificate=False),
        EventKind("meeting", _("Meeting"), _("Meetings"), has_certificate=False),
    ]
}


def choices() -> list[tuple[str, Promise]]:
    """For fields and forms. A function, so that a new kind needs no migration."""
    return [(kind.key, kind.label) for kind in KINDS.values()]
