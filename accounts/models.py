"""People who work here: an account (User) and what it may do where (Membership). Participants have no account."""

from typing import Any

from django.contrib.auth import get_backends
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts import roles
from core.addresses import normalise_email
from programmes.models import Programme, Territory


class UserQuerySet(models.QuerySet):
    def facilitators_at(self, place: Any) -> "UserQuerySet":
        """Who may lead a group where `place` belongs."""
        return self.with_role_at("facilitator", place)

    def with_role_at(self, role: str, place: Any) -> "UserQuerySet":
        """Who holds `role` where `place` (an event, or anything with a programme and a territory) belongs."""
        where = Q(memberships__territory=None) | Q(memberships__territory_id=place.territory_id)
        return (
            self.filter(where, memberships__programme_id=place.programme_id, memberships__role=role, is_active=True)
            .distinct()
            .order_by("last_name", "first_name", "pk")
        )


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, email: str, **fields) -> "User":
        """An account without a password: staff log in by a code sent to their address."""
        user = self.model(email=normalise_email(email), **fields)
        user.set_unusable_password()
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    email = models.EmailField(_("e-mail address"), unique=True)
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    organisation = models.CharField(_("organisation"), max_length=160, blank=True)
    language = models.CharField(_("language"), max_length=10, default="it")
    is_active = models.BooleanField(_("active"), default=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["first_name"]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        return self.is_active and any(backend.has_perm(self, permission, obj) for backend in get_backends())

    @cached_property
    def active_memberships(self) -> list["Membership"]:
        """Read once a request; every question about permissions is answered from it."""
        return list(self.memberships.all()) if self.is_active else []


class Membership(models.Model):
    """A role in a programme, in all of it or in one province."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="memberships")
    territory = models.ForeignKey(
        Territory, models.CASCADE, null=True, blank=True, related_name="memberships", verbose_name=_("province")
    )
    role = models.CharField(_("role"), max_length=20, choices=roles.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "programme", "territory", "role"], name="membership_once"),
            models.UniqueConstraint(
                fields=["user", "programme", "role"],
                name="membership_once_whole_programme",
                condition=Q(territory=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"
