"""Ways to a place that begin with somebody else: an invitation by the staff, a place that a colleague hands over."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.names import only_a_name
from core.tokens import link_token
from events.models import Event
from registrations.models.belonging import BelongsToEvent, OfEvent
from registrations.models.registration import Registration


class InvitationQuerySet(OfEvent):
    view_permission = "registrations.view"


class Invitation(BelongsToEvent, models.Model):
    """Somebody whom the staff ask to an event, with a link of her own. It is used once."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"), max_length=254)
    first_name = models.CharField(_("first name"), max_length=80, blank=True, validators=[only_a_name])
    last_name = models.CharField(_("last name"), max_length=80, blank=True, validators=[only_a_name])
    organisation = models.CharField(_("organisation"), max_length=160, blank=True, validators=[only_a_name])
    language = models.CharField(max_length=10, default="it")
    token = models.CharField(max_length=32, unique=True, default=link_token, editable=False)
    registration = models.ForeignKey(
        Registration, models.SET_NULL, null=True, blank=True, editable=False, related_name="invitations"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    due_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when a mail with her link is owed; empty when none is."
    )
    mailed_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When the last one was written.")
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["last_name", "first_name", "pk"]
        indexes = [
            models.Index(fields=["due_at"], name="invitation_to_mail", condition=Q(due_at__isnull=False)),
        ]
        constraints = [models.UniqueConstraint(fields=["event", "email"], name="one_invitation_an_address")]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def was_answered(self) -> bool:
        """Somebody registered by it and did not let the time to confirm run out."""
        return self.registration is not None and self.registration.state != Registration.State.EXPIRED


class HandoverQuerySet(models.QuerySet):
    def open(self):
        """Offered, and nobody has said anything yet."""
        return self.filter(accepted_at=None, ended_at=None)


class Handover(models.Model):
    """A place that its holder passes on to a colleague, who has it only when she takes it.

    Until then the holder keeps place and ticket, and may take the offer back.
    """

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="handovers")
    successor = models.OneToOneField(
        Registration, models.SET_NULL, null=True, blank=True, editable=False, related_name="received_by"
    )
    email = models.EmailField(_("e-mail address"), max_length=254)
    first_name = models.CharField(_("first name"), max_length=80, validators=[only_a_name])
    last_name = models.CharField(_("last name"), max_length=80, blank=True, validators=[only_a_name])
    token = models.CharField(max_length=32, unique=True, default=link_token, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Taken back, declined, or no longer possible."
    )

    objects = HandoverQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration"], name="one_open_handover", condition=Q(accepted_at=None, ended_at=None)
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.ended_at is None
