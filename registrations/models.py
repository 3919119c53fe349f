"""A person's part in an event, from the form to the certificate.

The state of a Registration says whether it holds a place; `services.places` keeps the event's counters in step in the
same transaction. Scans are kept for ever as they came (Scan); presence (`is_inside`, `minutes`) is computed from them.
"""

from typing import Any

from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import VisibleQuerySet
from core.addresses import normalise_email
from core.tokens import grouped, link_token, readable_code
from events.models import Event, Mode

CODE_LENGTH = 8


def new_code() -> str:
    return readable_code(CODE_LENGTH)


class OfEvent(VisibleQuerySet):
    """Rows that belong where their event belongs."""

    programme_path = "event__programme"
    territory_path = "event__territory"


class BelongsToEvent:
    """Where a row of an event belongs, for `has_perm`."""

    event: Any

    @property
    def programme_id(self) -> int:
        return self.event.programme_id

    @property
    def territory_id(self) -> int | None:
        return self.event.territory_id


class GroupQuerySet(OfEvent):
    """Who forms groups sees them all; a facilitator sees only those she leads."""

    view_permission = "registrations.view_group"

    def visible_to(self, user, permission: str | None = None):
        if permission is not None:
            return super().visible_to(user, permission)
        led = super().visible_to(user).filter(facilitator_id=user.pk)
        return led | super().visible_to(user, "registrations.form_groups")


class Group(BelongsToEvent, models.Model):
    """A table in a lab: some of the people present, with a facilitator."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="groups")
    number = models.PositiveSmallIntegerField()
    facilitator = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="groups_led")

    objects = GroupQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["event", "number"], name="group_number_once")]

    def __str__(self) -> str:
        return str(_("Group %(number)d") % {"number": self.number})


class RegistrationQuerySet(OfEvent):
    view_permission = "registrations.view"

    def holding_places(self):
        return self.filter(state__in=Registration.HOLDING)

    def expected(self):
        return self.filter(state=Registration.State.CONFIRMED)

    def to_be_seated(self, event: Event):
        """Who sits in a group: the people present; as long as nobody has come, those expected.

        Who has a seat and stepped out keeps it. Anybody taking part online sits at no table.
        """
        seated = self.expected().filter(event=event, mode=Mode.IN_PERSON)
        came = seated.filter(entered_at__isnull=False)
        if not came.exists():
            return seated
        return came.filter(Q(is_inside=True) | Q(group__isnull=False))

    def who_attended_enough(self, event: Event):
        """Who reached the threshold of the event."""
        return self.expected().filter(event=event, minutes__gte=event.minutes_needed)

    def search(self, words: str):
        """Every word must be in the name, the address, the organisation or the code."""
        found = self
        for word in words.split():
            found = found.filter(
                Q(first_name__icontains=word)
                | Q(last_name__icontains=word)
                | Q(email__icontains=word)
                | Q(organisation__icontains=word)
                | Q(code__iexact=word.replace("-", ""))
            )
        return found


class Registration(BelongsToEvent, models.Model):
    class State(models.TextChoices):
        PENDING = "pending", _("To be confirmed")
        WAITING = "waiting", _("On the waiting list")
        CONFIRMED = "confirmed", _("Registered")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Not confirmed in time")

    HOLDING = [State.PENDING, State.CONFIRMED]
    """States that take a place of the event."""
    ALIVE = [State.PENDING, State.WAITING, State.CONFIRMED]
    """States of which an address may have one in an event."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="registrations")
    state = models.CharField(_("state"), max_length=10, choices=State)
    mode = models.CharField(_("mode"), max_length=10, choices=Mode)
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True)
    organisation = models.CharField(_("organisation"), max_length=160, blank=True)
    language = models.CharField(max_length=10, default="it")
    via = models.CharField(_("came through"), max_length=40, blank=True)
    is_walk_in = models.BooleanField(_("registered at the door"), default=False)

    token = models.CharField(max_length=32, unique=True, default=link_token, editable=False)
    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    ticket_version = models.PositiveSmallIntegerField(default=1, editable=False)
    calendar_sequence = models.PositiveIntegerField(default=0, editable=False)
    told_sequence = models.PositiveIntegerField(
        default=0, editable=False, help_text="The event's sequence that this person knows of."
    )

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(auto_now=True, editable=False)
    held_until = models.DateTimeField(null=True, blank=True, editable=False)
    email_confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)

    entered_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_inside = models.BooleanField(default=False, editable=False)
    minutes = models.PositiveIntegerField(_("minutes present"), default=0, editable=False)

    group = models.ForeignKey(Group, models.SET_NULL, null=True, blank=True, related_name="members")
    is_group_pinned = models.BooleanField(default=False, editable=False)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ["last_name", "first_name", "pk"]
        indexes = [
            models.Index(fields=["event", "state", "last_name", "first_name"], name="registration_list"),
            models.Index(fields=["event", "changed_at"], name="registration_changes"),
            models.Index(fields=["held_until"], name="registration_to_expire", condition=Q(state="pending")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "email"],
                name="one_registration_a_person",
                condition=Q(state__in=["pending", "waiting", "confirmed"]) & ~Q(email=""),
            ),
            models.CheckConstraint(
                name="registration_pending_is_held_until",
                condition=~Q(state="pending") | Q(held_until__isnull=False),
            ),
            models.CheckConstraint(
                name="registration_cancelled_has_time",
                condition=~Q(state="cancelled") | Q(cancelled_at__isnull=False),
            ),
            models.CheckConstraint(
                name="registration_seated_is_confirmed", condition=Q(group=None) | Q(state="confirmed")
            ),
            models.CheckConstraint(
                name="registration_pinned_has_group", condition=Q(is_group_pinned=False) | Q(group__isnull=False)
            ),
            models.CheckConstraint(
                name="registration_inside_has_entered", condition=Q(is_inside=False) | Q(entered_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self):
        self.email = normalise_email(self.email)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def holds_place(self) -> bool:
        return self.state in self.HOLDING

    @property
    def is_alive(self) -> bool:
        return self.state in self.ALIVE

    @property
    def minutes_needed(self) -> int:
        """Minutes of presence that the certificate asks for."""
        return self.event.minutes_needed

    @property
    def has_reached_threshold(self) -> bool:
        return self.minutes >= self.minutes_needed


class Consent(models.Model):
    """What a person agreed to, with the words that were shown. Withdrawing adds a time, nothing is ever deleted."""

    class Purpose(models.TextChoices):
        PRIVACY = "privacy", _("Privacy notice read")
        NEWSLETTER = "newsletter", _("Newsletter")
        PHOTOS = "photos", _("Photos and videos")

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=12, choices=Purpose)
    text = models.TextField()
    given_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registration", "purpose"], name="consent_once")]

    def __str__(self) -> str:
        return self.get_purpose_display()


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
    """That a person took part, for how long, checked by its code. The PDF is made later by the worker."""

    registration = models.ForeignKey(Registration, models.PROTECT, related_name="certificates")
    code = models.CharField(max_length=20, unique=True, default=new_certificate_code, editable=False)
    name = models.CharField(max_length=170)
    minutes = models.PositiveIntegerField()
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
    def is_valid(self) -> bool:
        return self.revoked_at is None

    @property
    def shown_code(self) -> str:
        return grouped(self.code)

    @property
    def initials(self) -> str:
        """All that the public check page tells of the name."""
        return " ".join(f"{word[0].upper()}." for word in self.name.split())


class IdempotentRequest(models.Model):
    """An answer that was given to a request with an `Idempotency-Key`, to be given again."""

    key = models.CharField(max_length=64, unique=True, help_text="SHA-256 of address and key")
    request_fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.key
