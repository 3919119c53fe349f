"""Newsletters and the people who asked for them.

A Subscription keeps the proof that somebody asked. A Newsletter is written, scheduled and, when due, frozen into one
`mail.Mailing` with a Delivery for every candidate, the excluded ones with their reason.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from i18nfield.fields import I18nCharField, I18nTextField

from accounts.models import User
from accounts.permissions import VisibleQuerySet
from core.tokens import link_token
from mail.models import Mailing
from programmes.models import Programme, Territory


class SubscriptionQuerySet(models.QuerySet):
    def active(self):
        return self.filter(state=Subscription.State.ACTIVE)


class Subscription(models.Model):
    class State(models.TextChoices):
        PENDING = "pending", _("To be confirmed")
        ACTIVE = "active", _("Subscribed")
        ENDED = "ended", _("Unsubscribed")

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="subscriptions")
    email = models.EmailField(_("e-mail address"), max_length=254)
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    territory = models.ForeignKey(
        Territory, models.SET_NULL, null=True, blank=True, related_name="subscriptions", verbose_name=_("province")
    )
    language = models.CharField(_("language"), max_length=10, default="it")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    token = models.CharField(max_length=32, unique=True, default=link_token, editable=False)
    consent_text = models.TextField(help_text="The words that were shown.")
    consent_source = models.CharField(max_length=120, help_text="Where they were shown.")
    consent_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "email"], name="one_subscription_a_person"),
            models.CheckConstraint(
                name="subscription_active_is_confirmed",
                condition=~Q(state="active") | Q(confirmed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.email


class NewsletterQuerySet(VisibleQuerySet):
    view_permission = "newsletters.view"
    territory_path = "programme__territories"

    def public(self):
        return self.filter(sent_at__isnull=False, programme__is_current=True).order_by("-sent_at")


class Newsletter(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Scheduled")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        CANCELLED = "cancelled", _("Cancelled")

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="newsletters")
    slug = models.SlugField(max_length=80)
    theme = I18nCharField(_("theme"), max_length=200, blank=True)
    due_on = models.DateField(_("due in the month of"))
    subject = I18nCharField(_("subject"), max_length=150)
    body = I18nTextField(_("text"), blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    audience = models.JSONField(default=dict, blank=True)
    send_at = models.DateTimeField(_("leaves on"), null=True, blank=True)
    scheduled_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    mailing = models.OneToOneField(Mailing, models.PROTECT, null=True, blank=True, related_name="newsletter")
    sent_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = NewsletterQuerySet.as_manager()

    territory_id = None

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["send_at"], name="newsletter_due", condition=Q(state="scheduled"))]
        constraints = [
            models.UniqueConstraint(fields=["programme", "slug"], name="newsletter_slug_once"),
            models.CheckConstraint(
                name="newsletter_scheduled_has_time", condition=~Q(state="scheduled") | Q(send_at__isnull=False)
            ),
            models.CheckConstraint(
                name="newsletter_on_its_way_has_mailing",
                condition=~Q(state__in=["sending", "sent"]) | Q(mailing__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.subject)
