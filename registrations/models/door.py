"""What happens at the door: the phones, and every scan as it came.

Scans are kept for ever, refused ones too; what they say about a person's presence is computed from them.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from events.models import Event, Mode
from registrations.models.belonging import BelongsToEvent
from registrations.models.registration import Registration


class Device(models.Model):
    """A phone at the door: paired by a code, known by a token, revoked at once."""

    name = models.CharField(_("name"), max_length=80, blank=True)
    events = models.ManyToManyField(Event, related_name="devices")
    pairing_fingerprint = models.CharField(max_length=64, unique=True, null=True, editable=False)
    pairing_expires_at = models.DateTimeField(editable=False)
    token_fingerprint = models.CharField(max_length=64, unique=True, null=True, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="devices")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    paired_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="device_paired_has_token",
                condition=Q(paired_at=None, token_fingerprint=None)
                | Q(paired_at__isnull=False, token_fingerprint__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.pk)


class ScanQuerySet(models.QuerySet):
    def sightings(self):
        """Scans that say where a person was: accepted ones, and those that found the person already there."""
        return self.filter(
            Q(status=Scan.Status.OK) | Q(reason__in=Scan.SEEN), registration__isnull=False, annulled_at=None
        )


class Scan(BelongsToEvent, models.Model):
    """One act at the door as it came, refused ones too. The nonce makes a repeat harmless.

    Presence in the online room is kept in the same rows, with `mode` online and no device.
    """

    class Direction(models.TextChoices):
        IN = "in", _("in")
        OUT = "out", _("out")

    class Status(models.TextChoices):
        OK = "ok", _("accepted")
        REPEATED = "repeated", _("repeated")
        REFUSED = "refused", _("refused")
        REVIEW = "review", _("to be looked at")

    class Reason(models.TextChoices):
        NONE = "", "–"
        ALREADY_IN = "already_in", _("already inside")
        NOT_IN = "not_in", _("not inside")
        WRONG_EVENT = "wrong_event", _("ticket of another event")
        CANCELLED = "cancelled", _("cancelled")
        WAITING = "waiting", _("on the waiting list")
        UNCONFIRMED = "unconfirmed", _("not confirmed")
        ONLINE_ONLY = "online_only", _("registered online")
        REPLACED = "replaced", _("replaced by a newer ticket")
        UNKNOWN = "unknown", _("unknown ticket")
        CLOSED = "closed", _("check-in closed")

    SEEN = [Reason.ALREADY_IN, Reason.NOT_IN]
    """Answers to which a person stood at the door: a scan that arrives late may yet make sense of them."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="scans")
    device = models.ForeignKey(Device, models.SET_NULL, null=True, blank=True, related_name="scans")
    registration = models.ForeignKey(Registration, models.CASCADE, null=True, blank=True, related_name="scans")
    nonce = models.CharField(max_length=64)
    code = models.CharField(max_length=250, blank=True, help_text="What was read, where it names nobody of the event.")
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.IN_PERSON)
    direction = models.CharField(max_length=3, choices=Direction)
    status = models.CharField(max_length=8, choices=Status)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    is_forced = models.BooleanField(default=False)
    at = models.DateTimeField(help_text="When it happened, by the device's clock.")
    received_at = models.DateTimeField(default=timezone.now)
    annulled_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    objects = ScanQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["registration", "at"], name="scan_history"),
            models.Index(fields=["event", "at"], name="scan_by_event"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["event", "nonce"], name="scan_nonce_once"),
            models.CheckConstraint(
                name="scan_accepted_is_of_somebody",
                condition=~Q(status="ok") | Q(registration__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.status}"

    @property
    def is_sighting(self) -> bool:
        """The same as `ScanQuerySet.sightings`, for one row."""
        accepted = self.status == self.Status.OK or self.reason in self.SEEN
        return accepted and self.registration_id is not None and self.annulled_at is None
