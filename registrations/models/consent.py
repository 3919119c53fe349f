"""The ledger of consents: each time somebody agreed or took it back is a row, and no row is ever changed.

A row keeps the words as they were shown, their version and fingerprint, how it was said and when. What stands now is
the last row of a purpose. The database refuses every UPDATE by a trigger, on SQLite and PostgreSQL alike; rows go only
with their registration. A migration that rebuilds this table on SQLite must create the trigger again, as
`the_ledger_is_kept` does.
"""

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registrations.models.registration import Registration


class ConsentQuerySet(models.QuerySet):
    def last_acts(self) -> Self:
        """The last row of each registration and purpose: what is true now."""
        later = Consent.objects.filter(
            registration=OuterRef("registration"), purpose=OuterRef("purpose"), pk__gt=OuterRef("pk")
        )
        return self.filter(~Exists(later))

    def standing(self) -> Self:
        """What is agreed to now, by the rows that said so."""
        return self.last_acts().filter(act=Consent.Act.GIVEN)

    def withdrawn(self) -> Self:
        """What was agreed to once and is no longer, by the rows that said so."""
        return self.last_acts().filter(act=Consent.Act.WITHDRAWN)

    def delete(self) -> Any:
        raise models.ProtectedError("A ledger loses no rows but with its registration.", set(self))


class Consent(models.Model):
    """One act: a person agreed to a purpose, or took that back."""

    class Purpose(models.TextChoices):
        PRIVACY = "privacy", _("Privacy notice read")
        NEWSLETTER = "newsletter", _("Newsletter")
        PHOTOS = "photos", _("Photos and videos")

    class Act(models.TextChoices):
        GIVEN = "given", _("agreed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class How(models.TextChoices):
        FORM = "form", _("with the registration form")
        API = "api", _("through another program")
        DOOR = "door", _("at the door")
        DESK = "desk", _("told to the staff, who wrote it down")
        PAGE = "page", _("on the page of the registration")
        HANDOVER = "handover", _("when taking over a colleague’s place")
        GROUP = "group", _("registered together with colleagues")
        ERASURE = "erasure", _("together with the erasure of the data")
        EARLIER = "earlier", _("not noted at that time")

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=12, choices=Purpose)
    act = models.CharField(max_length=10, choices=Act, default=Act.GIVEN)
    text = models.TextField(help_text="The words as they were shown.")
    version = models.CharField(max_length=20, blank=True, help_text="Of the words, see `registrations.consents`.")
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of the words.")
    how = models.CharField(max_length=10, choices=How, default=How.FORM)
    at = models.DateTimeField(default=timezone.now)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="consent_act_is_known", condition=Q(act__in=["given", "withdrawn"])),
        ]

    def __str__(self) -> str:
        return self.get_purpose_display()

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise models.ProtectedError("A ledger loses no rows but with its registration.", {self})

    @property
    def fingerprint(self) -> str:
        """Enough of `sha256` to compare two texts by eye."""
        return self.sha256[:12]
