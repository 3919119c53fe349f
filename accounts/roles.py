"""The one table of roles. A role is a row: its name and what it may do.

Permissions are "room.verb". A member of staff holds a role in a programme, and perhaps in one province of it only; the
backend in `permissions.py` and every `visible_to` read this table and nothing else.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LOOK = {"events.view"}
DOOR = {*LOOK, "registrations.check_in"}


@dataclass(frozen=True)
class Role:
    key: str
    label: Promise
    description: Promise
    permissions: frozenset[str]


ROLES = {
    role.key: role
    for role in [
        Role(
            "coordinator",
            _("Coordinator"),
            _("Runs the programme: everything, in every province."),
            frozenset(
                DOOR
                | {
                    "accounts.view", "accounts.change", "programmes.change", "events.change",
                    "registrations.view", "registrations.change", "registrations.export",
                    "registrations.form_groups", "registrations.view_group", "registrations.issue_certificates",
                    "registrations.view_monitoring", "registrations.rule",
                    "newsletters.view", "newsletters.change", "newsletters.send", "newsletters.rule",
                    "mail.view", "mail.decide",
                }
            ),
        ),
        Role(
            "organiser",
            _("Province organiser"),
            _("Prepares and runs the events of a province."),
            frozenset(
                DOOR
                | {
                    "events.change", "registrations.view", "registrations.change", "registrations.export",
                    "registrations.form_groups", "registrations.view_group", "registrations.issue_certificates",
                }
            ),
        ),
        Role("door", _("Door staff"), _("Checks people in."), frozenset(DOOR)),
        Role(
            "facilitator",
            _("Facilitator"),
            _("Leads a group in a lab and sees its people."),
            frozenset(LOOK | {"registrations.view_group"}),
        ),
        Role(
            "communications",
            _("Communications"),
            _("Writes and schedules the newsletters."),
            frozenset(
                LOOK | {"newsletters.view", "newsletters.change", "newsletters.send", "mail.view", "mail.decide"}
            ),
        ),
        Role("viewer", _("Viewer"), _("Sees events and figures, no names."), frozenset(LOOK)),
    ]
}  # fmt: skip

PERMISSIONS = frozenset().union(*(role.permissions for role in ROLES.values()))


def choices() -> list[tuple[str, Promise]]:
    """For fields and forms. A function, so that a new role needs no migration."""
    return [(role.key, role.label) for role in ROLES.values()]


def roles_that_may(permission: str) -> list[str]:
    """Keys of the roles that hold `permission`. A permission that no role holds is a typing error."""
    if permission not in PERMISSIONS:
        raise ValueError(f"No role holds the permission {permission!r}.")
    return [role.key for role in ROLES.values() if permission in role.permissions]
