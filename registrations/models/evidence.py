"""Papers and files that prove what happened: kept as they came, with their fingerprint.

`Evidence` is what somebody brings: the scanned register with its signatures, the attendance file of a platform. A
`Seal` is what the house says itself about an event at a moment: the register with every fact, as XLSX and PDF, whose
chain of hashes shows any later change.
"""

from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.tokens import link_token
from events.models import Event
from registrations.models.belonging import BelongsToEvent, OfEvent

FOLDER = "evidence"


def private_storage():
    return storages["private"]


def evidence_path(_row: models.Model, name: str) -> str:
    """Where a file is kept: what it is called there says nothing about anybody."""
    return f"{FOLDER}/{link_token()}.{name.rpartition('.')[2].lower()[:8]}"


class EvidenceQuerySet(OfEvent):
    view_permission = "registrations.export"

    def standing(self):
        return self.filter(withdrawn_at=None)


class Evidence(BelongsToEvent, models.Model):
    """A file that proves something. It is never deleted: who brought the wrong one withdraws it and says why."""

    class Kind(models.TextChoices):
        SIGNATURES = "signatures", _("Signed register")
        LIST = "list", _("Paper list of the door")
        LOG = "log", _("Attendance file of the platform")

    event = models.ForeignKey(Event, models.PROTECT, related_name="evidence")
    kind = models.CharField(_("what it is"), max_length=10, choices=Kind)
    part = models.CharField(_("part of the event"), max_length=200, blank=True)
    file = models.FileField(_("file"), storage=private_storage, upload_to=evidence_path, max_length=200)
    name = models.CharField(max_length=200, help_text="What the file was called.")
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    options = models.JSONField(default=dict, blank=True, help_text="How a platform's file was read.")
    added_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    withdrawn_because = models.CharField(_("why it was withdrawn"), max_length=200, blank=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "kind", "sha256"], name="evidence_file_once", condition=Q(withdrawn_at=None)
            ),
            models.CheckConstraint(
                name="evidence_withdrawn_for_a_reason", condition=Q(withdrawn_at=None) | ~Q(withdrawn_because="")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SealQuerySet(OfEvent):
    view_permission = "registrations.export"


class Seal(BelongsToEvent, models.Model):
    """The register of an event as it stood at a moment. `head` is the last hash of its `registrations.chain`."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="seals")
    number = models.PositiveIntegerField(help_text="First, second, … register of this event.")
    facts = models.PositiveIntegerField(help_text="Facts, corrections and files in the chain until here.")
    people = models.PositiveIntegerField(default=0)
    until = models.JSONField(
        default=dict, help_text="The last row of each kind that it holds, by number, and its rule."
    )
    sheets = models.JSONField(default=list, help_text="The digests of its sheets.")
    head = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, blank=True, help_text="Head of the register before.")
    xlsx = models.FileField(storage=private_storage, upload_to=evidence_path, max_length=200, editable=False)
    xlsx_sha256 = models.CharField(max_length=64)
    pdf = models.FileField(storage=private_storage, upload_to=evidence_path, max_length=200, editable=False)
    pdf_sha256 = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = SealQuerySet.as_manager()

    class Meta:
        ordering = ["event", "number"]
        constraints = [models.UniqueConstraint(fields=["event", "number"], name="seal_number_once")]

    def __str__(self) -> str:
        return f"{self.event_id}/{self.number}"

    @property
    def is_provisional(self) -> bool:
        """Was the event still running when it was made?"""
        return self.made_at < self.event.ends_at
