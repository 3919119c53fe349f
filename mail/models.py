"""The outbox: what is to be said (Message), to whom and how far it got (Delivery), and what is sent as one (Mailing).

Beside it: how fast mail may leave and where it has to wait (Route), what came back (Feedback), whom nothing may reach
any more (Suppression), and how the sender's domain was found to stand (SenderCheck).

A Delivery is unique by its `key`, which names the purpose ("registration.ticket:12:1"), and is written in the
transaction of what caused it: asking twice for the same message writes one row. A person's copy is a pure function of
Message and Delivery, so sending again sends the same bytes under the same Message-ID. What is *not* here: why somebody
gets a message (the rooms above know) and how bytes leave (`mail.transports`).
"""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Lower, StrIndex, Substr
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.addresses import normalise_email
from core.tokens import link_token


class Mailing(models.Model):
    """Many deliveries that are started, paused and stopped together: a newsletter on its way."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        CANCELLED = "cancelled", _("Cancelled")

    key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key


class Message(models.Model):
    """What is said, once, in one language. Bodies may hold `%%name%%` places filled from `Delivery.personal`."""

    mailing = models.ForeignKey(Mailing, models.CASCADE, null=True, blank=True, related_name="messages")
    kind = models.CharField(max_length=60, db_index=True, help_text="The e-mail's name, e.g. registrations.ticket")
    language = models.CharField(max_length=10, default="it")
    from_email = models.CharField(max_length=320)
    reply_to = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    places = models.JSONField(
        default=dict,
        blank=True,
        help_text="{place: [field, what stands before it, the word where the field is empty]}, see mail.composing.",
    )
    attachments = models.JSONField(
        default=list, blank=True, help_text="[{name, type, base64 | file, inline_id?, alternative?}]"
    )
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.subject


class DeliveryQuerySet(models.QuerySet):
    def due(self, now=None):
        """What may leave now: pending or with a lease that ran out, not held back, of no mailing or a running one.

        What is told to one address, newsletters aside, leaves in the order it was written: a cancellation never
        overtakes its invitation, however many senders there are. Only what waits for a day of its own does not count.
        """
        now = now or timezone.now()
        stopped = Message.objects.filter(mailing__state__in=[Mailing.State.PAUSED, Mailing.State.CANCELLED])
        return self.filter(
            Q(state=Delivery.State.PENDING) | Q(state=Delivery.State.LEASED, leased_until__lt=now),
            ~Q(message_id__in=stopped.values("pk")),
            Q(priority=Delivery.Priority.BULK) | ~Exists(self.model.objects.open_before(now)),
            is_open=True,
            not_before__lte=now,
        ).order_by("-priority", "pk")

    def open_before(self, now):
        """For a subquery: what was written earlier to the same address, as urgent, and has not left yet."""
        is_waiting = Q(state=Delivery.State.PENDING) & (Q(not_before__lte=now) | Q(attempts__gt=0))
        return self.filter(
            Q(state__in=[Delivery.State.LEASED, Delivery.State.SENDING]) | is_waiting,
            email=OuterRef("email"),
            priority=OuterRef("priority"),
            message__mailing=None,
            pk__lt=OuterRef("pk"),
        )


class Delivery(models.Model):
    """One message to one person."""

    class State(models.TextChoices):
        PENDING = "pending", _("To be sent")
        LEASED = "leased", _("About to be sent")
        SENDING = "sending", _("Being handed over")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Refused")
        UNCERTAIN = "uncertain", _("In doubt")
        EXCLUDED = "excluded", _("Left out")

    class Priority(models.IntegerChoices):
        BULK = 0
        NOTICE = 3  # what the staff write to many: after tickets, before newsletters
        SERVICE = 5
        URGENT = 9

    key = models.CharField(max_length=190, unique=True)
    message = models.ForeignKey(Message, models.CASCADE, related_name="deliveries")
    email = models.CharField(max_length=320)
    domain = models.GeneratedField(
        expression=Lower(Substr("email", StrIndex("email", Value("@")) + 1)),
        output_field=models.CharField(max_length=320),
        db_persist=True,
        help_text="Rates and holds are by it.",
    )
    name = models.CharField(max_length=200, blank=True)
    personal = models.JSONField(default=dict, blank=True)
    priority = models.SmallIntegerField(choices=Priority, default=Priority.SERVICE)
    mail_id = models.CharField(max_length=120, unique=True, help_text="The Message-ID header, the same at every try.")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    is_open = models.GeneratedField(
        expression=Q(state__in=["pending", "leased", "sending"]),
        output_field=models.BooleanField(),
        db_persist=True,
        help_text="How it ends is not known yet. Indexes are by this and never by `state`: see decision 18.",
    )
    is_in_doubt = models.GeneratedField(
        expression=Q(state="uncertain"), output_field=models.BooleanField(), db_persist=True
    )
    reason = models.CharField(max_length=250, blank=True)
    reply = models.CharField(max_length=250, blank=True, help_text="What the relay said when it took the message.")
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    leased_by = models.CharField(max_length=40, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    handed_at = models.DateTimeField(null=True, blank=True, help_text="When the intent to hand it over was written.")
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["-priority", "id"], name="delivery_to_send", condition=Q(is_open=True)),
            models.Index(fields=["id"], name="delivery_in_doubt", condition=Q(is_in_doubt=True)),
            models.Index(fields=["email"], name="delivery_by_email"),
        ]
        constraints = [
            models.CheckConstraint(
                name="delivery_sent_has_time",
                condition=~Q(state="sent") | Q(sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="delivery_lease_has_owner",
                condition=~Q(state__in=["leased", "sending"]) | (Q(leased_until__isnull=False) & ~Q(leased_by="")),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @staticmethod
    def new_mail_id() -> str:
        return f"<{link_token()}@{settings.SITE_HOST}>"


class Suppression(models.Model):
    """An address that nothing but what it asked for itself may reach: it bounced, complained, or asked for silence."""

    class Reason(models.TextChoices):
        BOUNCED = "bounced", _("Mail to it comes back")
        COMPLAINED = "complained", _("Reported as unwanted")
        ASKED = "asked", _("Asked to receive nothing")

    email = models.CharField(max_length=320, unique=True)
    reason = models.CharField(max_length=12, choices=Reason)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.email

    def save(self, *args, **kwargs):
        self.email = normalise_email(self.email)
        super().save(*args, **kwargs)


class Route(models.Model):
    """A relay (`domain` empty), or one recipient domain behind it: its rate, shared by all senders, and its hold.

    The rate is a bucket of tokens: it fills with `per_minute`, and each message that is taken takes one.
    """

    relay = models.CharField(max_length=255, help_text="host:port of the relay, or “files”.")
    domain = models.CharField(max_length=255, blank=True)
    per_minute = models.PositiveIntegerField(_("messages a minute"), null=True, blank=True)
    tokens = models.FloatField(default=0)
    counted_at = models.DateTimeField(default=timezone.now, help_text="When `tokens` was right.")
    held_since = models.DateTimeField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=250, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row: the next hold is longer.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["relay", "domain"], name="route_once"),
            models.CheckConstraint(name="route_rate_is_positive", condition=Q(per_minute=None) | Q(per_minute__gt=0)),
            models.CheckConstraint(
                name="route_hold_has_begin", condition=Q(held_until__isnull=True) | Q(held_since__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.relay} {self.domain}".strip()

    @property
    def is_held(self) -> bool:
        return bool(self.held_until) and self.held_until > timezone.now()


class Feedback(models.Model):
    """Something that came back about an address or one delivery, or that a person decided about it. Never changed."""

    class Kind(models.TextChoices):
        HARD = "hard", _("The address does not exist")
        SOFT = "soft", _("Could not be delivered for now")
        BLOCKED = "blocked", _("Not taken because of us, not of the address")
        COMPLAINT = "complaint", _("Reported as unwanted")
        ARRIVED = "arrived", _("Has arrived")
        SEND_AGAIN = "send_again", _("A person decided: send it again")
        LEAVE = "leave", _("A person decided: do not send it again")
        FREED = "freed", _("A person decided: the address may be written to again")

    class Source(models.TextChoices):
        RELAY = "relay", _("the relay’s answer")
        MAILBOX = "mailbox", _("a mail that came back")
        WEBHOOK = "webhook", _("the provider’s notice")
        PERSON = "person", _("a person")

    delivery = models.ForeignKey(Delivery, models.SET_NULL, null=True, blank=True, related_name="feedback")
    email = models.CharField(max_length=320, db_index=True)
    kind = models.CharField(max_length=10, choices=Kind)
    source = models.CharField(max_length=8, choices=Source)
    status = models.CharField(max_length=12, blank=True, help_text="RFC 3463, such as 5.1.1")
    detail = models.CharField(max_length=250, blank=True)
    by = models.CharField(max_length=150, blank=True, help_text="Who decided.")
    digest = models.CharField(max_length=64, unique=True, help_text="The same notice twice is one row.")
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "feedback"
        ordering = ["-received_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.received_at:%Y-%m-%d}"


class SenderCheck(models.Model):
    """How the sender's domain stood when somebody looked: SPF, DKIM, DMARC, reverse DNS."""

    class State(models.TextChoices):
        """Of one finding."""

        GOOD = "good", _("In order")
        WARNING = "warning", _("To look at")
        MISSING = "missing", _("Missing")
        UNKNOWN = "unknown", _("Not known")

    domain = models.CharField(max_length=255, unique=True)
    findings = models.JSONField(default=list)
    checked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.domain
