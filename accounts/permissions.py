"""Who may: the one backend that answers `user.has_perm("registrations.check_in", event)`, and the one `visible_to`.

Both read `accounts.roles` through the user's memberships. An object says where it belongs by `programme_id` and
`territory_id`; its QuerySet says by which paths it reaches them.
"""

from typing import Any, Self

from allauth.account.auth_backends import AuthenticationBackend
from django.db import models
from django.db.models import Q

from accounts import roles


class RoleBackend(AuthenticationBackend):
    """allauth says who somebody is; roles say what she may do."""

    def has_perm(self, user: Any, permission: str, obj: Any = None) -> bool:
        """May `user` do this: to `obj` (with `programme_id`, `territory_id`), or, without one, anywhere at all?"""
        if not user.is_authenticated:
            return False
        may = roles.roles_that_may(permission)
        return any(
            membership.role in may and (obj is None or _covers(membership, obj))
            for membership in user.active_memberships
        )


def _covers(membership: Any, obj: Any) -> bool:
    if membership.programme_id != obj.programme_id:
        return False
    return membership.territory_id is None or membership.territory_id == obj.territory_id


class VisibleQuerySet(models.QuerySet):
    """Rows of a programme and a province. Subclasses name the paths and the permission that shows a row.

    Without a territory path the rows belong to the whole programme, and a role in one province does not reach them.
    """

    programme_path = "programme"
    territory_path: str | None = "territory"
    view_permission = ""

    def visible_to(self, user: Any, permission: str | None = None) -> Self:
        """The rows for which `user` holds `permission` (by default the one to see them)."""
        if not user.is_authenticated:
            return self.none()
        may = roles.roles_that_may(permission or self.view_permission)
        allowed = Q(pk__in=[])
        for membership in user.active_memberships:
            if membership.role in may:
                where = Q(**{f"{self.programme_path}_id": membership.programme_id})
                if membership.territory_id is not None:
                    if self.territory_path is None:
                        continue
                    where &= Q(**{f"{self.territory_path}_id": membership.territory_id})
                allowed |= where
        return self.filter(allowed)
