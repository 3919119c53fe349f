"""What happens at the door and in the online room: the phones, every fact about presence as it came, its corrections.

Facts are never changed, refused ones included: the database refuses it. Nothing here deletes them; that somebody did
behind our back is told by the chain of the registers (`services.sealing`). A correction is a fact of its own. What they
say together about a person's presence is computed by `services.attendance`.
"""

from datetime import UTC, datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from events.models import Event, Mode
from registrations.models.belonging import BelongsToEvent, OfEvent
from registrations.models.evidence import Evidence
from registrations.models.registration import Registration

_first, _last = datetime(1901, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)


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
    seen_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When it last asked for anything.")
    unsent = models.PositiveIntegerField(default=0, editable=False, help_text="What it said it had still to send.")

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


class ScanQuerySet(OfEvent):
    view_permission = "registrations.check_in"

    def with_annulments(self):
        """Each with `is_annulled`, for one more condition in the same query."""
        annulments = Correction.objects.filter(scan=OuterRef("pk"), kind=Correction.Kind.ANNULLED)
        return self.annotate(is_annulled=Exists(annulments))

    def to_look_at(self):
        """What somebody has still to decide about: a scan for review, or somebody let in against the table by a phone
        without network, such as twice with one ticket; not who was let in for a reason that a person gave."""
        against_the_table = Q(is_forced=True, note="")
        decided = Correction.objects.filter(scan=OuterRef("pk"))
        return self.filter(Q(status=Scan.Status.REVIEW) | against_the_table).filter(~Exists(decided))

    def sightings(self):
        """Facts that say where a person was: accepted ones, and those that found the person already there."""
        says_where = Q(status=Scan.Status.OK) | Q(reason__in=Scan.SEEN)
        return self.with_annulments().filter(says_where, registration__isnull=False, is_annulled=False)


class Scan(BelongsToEvent, models.Model):
    """One fact about somebody's presence as it came, refused ones too. The nonce makes a repeat harmless.

    `at` is when it happened: `device_at`, the clock of the phone, put right by `clock_offset`; facts are ordered by it.
    `received_at` is the server's clock. Sources other than the door know only `at`.
    """

    class Direction(models.TextChoices):
        IN = "in", _("in")
        OUT = "out", _("out")
        HERE = "here", _("present")

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
        FULL = "full", _("no place left")
        REVOKED = "revoked", _("from a phone that was revoked")
        INVALID = "invalid", _("cannot be read")

    class Source(models.TextChoices):
        """Where a fact comes from."""

        DOOR = "door", _("phone at the door")
        PAPER = "paper", _("paper list")
        HAND = "hand", _("by hand at the desk")
        PAGE = "page", _("page of the online room")
        CODE = "code", _("confirmation code")
        LOG = "log", _("attendance file of the platform")

    SEEN = [Reason.ALREADY_IN, Reason.NOT_IN]
    """Answers to which a person stood at the door: a scan that arrives late may yet make sense of them."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="scans")
    device = models.ForeignKey(Device, models.SET_NULL, null=True, blank=True, related_name="scans")
    registration = models.ForeignKey(Registration, models.CASCADE, null=True, blank=True, related_name="scans")
    nonce = models.CharField(max_length=64)
    code = models.CharField(max_length=250, blank=True, help_text="What was read, where it names nobody of the event.")
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.IN_PERSON)
    direction = models.CharField(max_length=4, choices=Direction)
    source = models.CharField(max_length=5, choices=Source, default=Source.DOOR)
    status = models.CharField(max_length=8, choices=Status)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    is_forced = models.BooleanField(default=False)
    at = models.DateTimeField(help_text="When it happened, by the server's clock as far as that is known.")
    device_at = models.DateTimeField(null=True, blank=True, help_text="When it happened, by the phone's own clock.")
    clock_offset = models.BigIntegerField(default=0, help_text="Milliseconds to add to the phone's clock.")
    received_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, blank=True, related_name="scans")
    note = models.CharField(max_length=200, blank=True, help_text="Why: let in all the same, added by hand.")

    objects = ScanQuerySet.as_manager()
    is_annulled = False
    """Known only of rows that come `with_annulments`."""

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
            models.CheckConstraint(name="scan_by_hand_has_reason", condition=~Q(source="hand") | ~Q(note="")),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.status}"

    @classmethod
    def from_db(cls, db, field_names, values):
        """A moment so far away that no clock of ours can show it is taken for the last that can; the row stays."""
        scan = super().from_db(db, field_names, values)
        for name in {"at", "device_at"} & scan.__dict__.keys():
            if scan.__dict__[name]:
                scan.__dict__[name] = min(max(scan.__dict__[name], _first), _last)
        return scan

    @property
    def says_where(self) -> bool:
        """Would it say where somebody was, if it is known who and nobody took it back?"""
        return self.status == self.Status.OK or self.reason in self.SEEN

    @property
    def is_sighting(self) -> bool:
        """The same as `ScanQuerySet.sightings`, for one row."""
        return self.says_where and self.registration_id is not None and not self.is_annulled


class Correction(models.Model):
    """What somebody decided about a fact that stays as it is: it does not count, or it was looked at."""

    class Kind(models.TextChoices):
        ANNULLED = "annulled", _("taken back")
        SETTLED = "settled", _("looked at")

    scan = models.ForeignKey(Scan, models.CASCADE, related_name="corrections")
    kind = models.CharField(max_length=8, choices=Kind)
    device = models.ForeignKey(Device, models.SET_NULL, null=True, blank=True, related_name="corrections")
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(_("why"), max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now, help_text="When it was decided.")
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["scan", "kind"], name="correction_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.scan_id}"
