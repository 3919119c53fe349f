"""Who works here and in which role: giving and taking roles, closing and opening accounts.

Called by the page of people, and for the first coordinator by a command. Three promises: nobody gives, takes or closes
what reaches beyond her own roles; a programme never loses its last coordinator; a closed account is out at once, on
every device. Each function holds the programme's row, so that two coordinators cannot remove each other at the same
moment.
Refusals: `beyond_yours`, `last_coordinator`, `already_has_role`, `invalid`, `closed`.
"""

from types import SimpleNamespace

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, User
from accounts.roles import ROLES
from accounts.services import AccountError
from core.addresses import normalise_email
from programmes.models import Programme, Territory


@transaction.atomic
def give_role(
    *,
    by: User,
    programme: Programme,
    email: str,
    first_name: str,
    last_name: str = "",
    organisation: str = "",
    role: str,
    territory: Territory | None = None,
) -> Membership:
    """Give a role to the person with this address; her account is made when there is none."""
    _hold(programme)
    if role not in ROLES or (territory and territory.programme_id != programme.pk):
        raise AccountError("invalid", _("Please check what you wrote."))
    _must_reach(by, programme.pk, territory.pk if territory else None, role)
    user = _account_of(email, first_name=first_name, last_name=last_name, organisation=organisation)
    if user.memberships.filter(programme=programme, role=role, territory=territory).exists():
        sentence = _("She has this role already.")
        raise AccountError("already_has_role", sentence, {"role": sentence})
    return Membership.objects.create(user=user, programme=programme, role=role, territory=territory)


@transaction.atomic
def appoint_coordinator(*, programme: Programme, email: str, first_name: str, last_name: str = "") -> Membership:
    """The first one, whom nobody inside can appoint: only for the command `coordinator`. Twice is the same as once."""
    _hold(programme)
    user = _account_of(email, first_name=first_name, last_name=last_name)
    return Membership.objects.get_or_create(user=user, programme=programme, role="coordinator", territory=None)[0]


def _account_of(email: str, **names: str) -> User:
    """Who has this address; her account is made when there is none."""
    user = User.objects.filter(email=normalise_email(email)).first()
    if user is None:
        return User.objects.create_user(email, **names)
    if not user.is_active:
        sentence = _("This account is closed: open it again first.")
        raise AccountError("closed", sentence, {"email": sentence})
    return user


@transaction.atomic
def take_role(*, by: User, membership: Membership) -> None:
    """Take a role away. The account stays, without that role."""
    _hold(membership.programme)
    _must_reach(by, membership.programme_id, membership.territory_id, membership.role)
    if membership.user.is_active:
        _must_leave_a_coordinator([membership])
    membership.delete()


@transaction.atomic
def set_active(*, by: User, user: User, is_active: bool) -> User:
    """Close an account, or open it again. Who closes it must reach every role it has."""
    memberships = list(user.memberships.select_related("programme"))
    if not memberships:
        raise AccountError("beyond_yours", _("This is beyond your own role."))
    for membership in memberships:
        _hold(membership.programme)
        _must_reach(by, membership.programme_id, membership.territory_id, membership.role)
    if not is_active and user.is_active:
        _must_leave_a_coordinator(memberships)
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    return user


def _hold(programme: Programme) -> None:
    Programme.objects.select_for_update(of=("self",)).get(pk=programme.pk)


def _must_reach(by: User, programme_id: int, territory_id: int | None, role: str) -> None:
    place = SimpleNamespace(programme_id=programme_id, territory_id=territory_id)
    needed = {"accounts.change", *ROLES[role].permissions}
    if not all(by.has_perm(permission, place) for permission in needed):
        raise AccountError("beyond_yours", _("This is beyond your own role."))


def _must_leave_a_coordinator(leaving: list[Membership]) -> None:
    for membership in leaving:
        if membership.role != "coordinator" or membership.territory_id is not None:
            continue
        staying = Membership.objects.filter(
            programme=membership.programme_id, role="coordinator", territory=None, user__is_active=True
        )
        if not staying.exclude(pk=membership.pk).exists():
            raise AccountError("last_coordinator", _("The programme needs a coordinator: name another one first."))
