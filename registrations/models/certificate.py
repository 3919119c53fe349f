"""That somebody took part: a row with a random code, and the PDF that the worker makes of it."""

from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from i18nfield.fields import I18nCharField

from accounts.permissions import VisibleQuerySet
from core.tokens import grouped, readable_code
from events.models import Event
from registrations.models.belonging import BelongsToEvent
from registrations.models.registration import Registration


def private_storage():
    return storages["private"]


class CertificateQuerySet(VisibleQuerySet):
    programme_path = "registration__event__programme"
    territory_path = "registration__event__territory"
    view_permission = "registrations.view"

    def valid(self):
        return self.filter(revoked_at=None)

    def without_pdf(self):
        """What the worker still owes."""
        return self.valid().filter(pdf="")


CERTIFICATE_CODE_LENGTH = 16
"""Eighty random bits: nobody finds a certificate by trying."""


def new_certificate_code() -> str:
    return readable_code(CERTIFICATE_CODE_LENGTH)


class Certificate(BelongsToEvent, models.Model):
    """That a person took part, for how long, checked by its code. The PDF is made later by the worker.

    What it says of the event is what was true when it was issued: an event that is corrected later changes no paper.
    """

    registration = models.ForeignKey(Registration, models.PROTECT, related_name="certificates")
    code = models.CharField(max_length=20, unique=True, default=new_certificate_code, editable=False)
    name = models.CharField(max_length=170)
    minutes = models.PositiveIntegerField()
    event_title = I18nCharField(max_length=200)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=500, blank=True)
    issued_at = models.DateTimeField(default=timezone.now)
    pdf = models.FileField(storage=private_storage, upload_to="certificates/", blank=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_because = models.CharField(_("why it was revoked"), max_length=200, blank=True)
    copies_mailed = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["issued_at", "pk"]
        indexes = [
            models.Index(fields=["issued_at"], name="certificate_to_make", condition=Q(pdf="", revoked_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["registration"], name="one_valid_certificate", condition=Q(revoked_at=None)
            ),
            models.CheckConstraint(name="certificate_pdf_has_fingerprint", condition=Q(pdf="") | ~Q(sha256="")),
            models.CheckConstraint(
                name="certificate_revoked_for_a_reason", condition=Q(revoked_at=None) | ~Q(revoked_because="")
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def event(self) -> Event:
        return self.registration.event

    @property
    def event_minutes(self) -> int:
        """Of the hours that counted; an event that was moved later has other ones now."""
        if (self.starts_at, self.ends_at) == (self.event.starts_at, self.event.ends_at):
            return self.event.minutes_counted
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None

    @property
    def shown_code(self) -> str:
        return grouped(self.code)

    @property
    def initials(self) -> str:
        """All that the public check page tells of the name."""
        return " ".join(f"{word[0].upper()}." for word in self.name.split())
