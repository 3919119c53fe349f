"""Newsletters and the people who asked for them.

A Subscription is one address of one programme and whether it gets them now; each time it was asked for is a Proof,
which nothing overwrites. A Newsletter is written, scheduled and, when due, frozen into one `mail.Mailing` with a
Delivery for every candidate, the excluded ones with their reason.
"""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from i18nfield.fields import I18nCharField, I18nTextField

from accounts.models import User
from accounts.permissions import VisibleQuerySet
from core.names import only_a_name
from core.tokens import link_token
from mail.models import Mailing
from newsletters.kinds import OrganisationKind, Topic
from newsletters.places import for_a_stranger
from programmes.models import Programme, Territory


class SubscriptionQuerySet(VisibleQuerySet):
    """Readers with their names and addresses; who may only see how many they are asks for "newsletters.view"."""

    view_permission = "newsletters.change"
    territory_path = None

    def active(self):
        return self.filter(state=Subscription.State.ACTIVE)

    def search(self, words: str):
        """Every word must be in the name or in the address."""
        found = self
        for word in words.replace("\0", "").split():
            found = found.filter(
                Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(email__icontains=word)
            )
        return found


class Subscription(models.Model):
    class State(models.TextChoices):
        PENDING = "pending", _("To be confirmed")
        ACTIVE = "active", _("Subscribed")
        ENDED = "ended", _("Unsubscribed")

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="subscriptions")
    email = models.EmailField(_("e-mail address"), max_length=254)
    first_name = models.CharField(_("first name"), max_length=80, blank=True, validators=[only_a_name])
    last_name = models.CharField(_("last name"), max_length=80, blank=True, validators=[only_a_name])
    territory = models.ForeignKey(
        Territory, models.SET_NULL, null=True, blank=True, related_name="subscriptions", verbose_name=_("province")
    )
    language = models.CharField(_("language"), max_length=10, default="it")
    topics = models.JSONField(default=list, blank=True, help_text="Keys of kinds.Topic; empty: all of them.")
    organisation_kind = models.CharField(_("where I work"), max_length=20, blank=True, choices=OrganisationKind)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    token = models.CharField(max_length=32, unique=True, default=link_token, editable=False)
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
            models.CheckConstraint(
                name="subscription_ended_has_time", condition=~Q(state="ended") | Q(ended_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def get_language(self) -> str:
        """Its name, in the language of who looks."""
        return gettext(dict(settings.LANGUAGES).get(self.language, self.language))

    def link(self, page: str) -> str:
        """The whole address of her own `preferences` or `unsubscribe` page, in her language. It stands in every
        newsletter, and newsletters are passed on: it shows and ends a subscription, it never begins one."""
        with translation.override(self.language):
            return settings.SITE_URL + reverse(f"newsletters:{page}", args=[self.token])


class ProofQuerySet(models.QuerySet):
    def standing(self):
        """Given and not taken back: what a subscription rests on."""
        return self.filter(confirmed_at__isnull=False, ended_at=None)

    def unanswered(self):
        """Asked by mail; nobody has pressed the button behind the link."""
        return self.filter(confirmed_at=None, ended_at=None)


class Proof(models.Model):
    """One time that the newsletter was asked for with an address: never changed, only confirmed once and ended once."""

    class Way(models.TextChoices):
        MAIL = "mail", _("the link in a mail")
        ELSEWHERE = "elsewhere", _("proved elsewhere")

    class End(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed on our page")
        ONE_CLICK = "one_click", _("unsubscribed with the mail program’s button")
        WITHDRAWN = "withdrawn", _("taken back on a registration")
        COMPLAINED = "complained", _("reported as unwanted")
        STAFF = "staff", _("by us, on request")

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="proofs")
    text = models.TextField(help_text="The words that were shown.")
    source = models.CharField(max_length=120, help_text="Where they were shown.")
    asked_at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    way = models.CharField(max_length=12, choices=Way, default=Way.MAIL, help_text="How it is confirmed.")
    secret = models.CharField(max_length=64, blank=True, help_text="The fingerprint of the token in the mail.")
    wishes = models.JSONField(default=dict, blank=True, help_text="Name, province, language: hers once confirmed.")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=12, choices=End, blank=True)
    ended_note = models.CharField(max_length=250, blank=True, help_text="Who of us ended it, and how that was asked.")
    asked_from = models.CharField(
        max_length=16, blank=True, help_text="From which network, as core.limits.client_of writes it; so below."
    )
    confirmed_from = models.CharField(max_length=16, blank=True)

    objects = ProofQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["secret"], condition=~Q(secret=""), name="proof_secret_is_one"),
            models.CheckConstraint(name="proof_end_has_reason", condition=Q(ended_at__isnull=True) ^ ~Q(ended_by="")),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.asked_at:%Y-%m-%d}"


class NewsletterQuerySet(VisibleQuerySet):
    """Newsletters belong to the whole programme: a role in one province of it does not reach them."""

    view_permission = "newsletters.view"
    territory_path = None

    def public(self):
        """What anybody may read: what has left, of the programme on show."""
        return self.filter(sent_at__isnull=False, programme__is_current=True).order_by("-sent_at", "-pk")

    def locked(self, pk: int) -> "Newsletter":
        """The row once nobody else holds it. Its mailing is read after that: joined, PostgreSQL would show it as it was
        before the wait."""
        return self.select_for_update().get(pk=pk)

    def with_numbers(self):
        """Each with how many copies were `handed_over` and how many `refused`."""
        copies = "mailing__messages__deliveries"
        return self.annotate(
            handed_over=Count(copies, filter=Q(**{f"{copies}__state": "sent"})),
            refused=Count(copies, filter=Q(**{f"{copies}__state": "failed"})),
        )


class Newsletter(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        CHECKED = "checked", _("Checked")
        APPROVED = "approved", _("Approved")
        SCHEDULED = "scheduled", _("Scheduled")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        CANCELLED = "cancelled", _("Cancelled")

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="newsletters")
    slug = models.SlugField(max_length=80, unique=True)
    theme = I18nCharField(_("theme"), max_length=200, blank=True)
    due_on = models.DateField(_("due in the month of"))
    subject = I18nCharField(_("subject"), max_length=150)
    body = I18nTextField(_("text"), blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    topic = models.CharField(_("topic"), max_length=20, blank=True, choices=Topic)
    embeds_images = models.BooleanField(_("images travel inside the mail"), default=False)
    audience = models.JSONField(default=dict, blank=True)
    findings = models.JSONField(default=list, blank=True, help_text="What the checklist found when it was checked.")
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    send_at = models.DateTimeField(_("leaves on"), null=True, blank=True)
    scheduled_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    mailing = models.OneToOneField(Mailing, models.PROTECT, null=True, blank=True, related_name="newsletter")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When it began to leave.")
    candidates = models.PositiveIntegerField(
        null=True, blank=True, help_text="How many people were frozen with it, those left out too."
    )
    corrections = models.JSONField(
        default=list, blank=True, help_text="[{at, since, note}]: what was put right for those who had not got it yet."
    )
    version = models.PositiveIntegerField(
        default=1, help_text="Counts the edits, so that two people cannot overwrite each other."
    )
    changed_at = models.DateTimeField(auto_now=True)

    EDITABLE = [State.DRAFT, State.CHECKED, State.APPROVED, State.SCHEDULED]
    """States in which nothing has left yet."""

    objects = NewsletterQuerySet.as_manager()

    territory_id = None

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["send_at"], name="newsletter_due", condition=Q(state="scheduled"))]
        constraints = [
            models.CheckConstraint(
                name="newsletter_scheduled_has_time", condition=~Q(state="scheduled") | Q(send_at__isnull=False)
            ),
            models.CheckConstraint(
                name="newsletter_on_its_way_has_mailing",
                condition=~Q(state__in=["sending", "sent"]) | Q(mailing__isnull=False, sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="newsletter_approved_was_checked",
                condition=~Q(state="approved") | Q(approved_at__isnull=False, checked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """Its subject in the current language as somebody reads it whom we do not know: for pages and lists."""
        return for_a_stranger(str(self.subject))

    def get_absolute_url(self) -> str:
        return reverse("newsletters:detail", args=[self.slug])

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE

    @property
    def is_on_its_way(self) -> bool:
        return self.state == self.State.SENDING

    @property
    def is_paused(self) -> bool:
        return self.is_on_its_way and self.mailing.state == Mailing.State.PAUSED

    @property
    def is_overdue(self) -> bool:
        """So late, after an outage, that a person is asked first whether it may still leave."""
        if self.state != self.State.SCHEDULED:
            return False
        return timezone.now() - self.send_at > timedelta(hours=self.programme.newsletters_ask_after_hours)

    @property
    def is_about_to_leave(self) -> bool:
        """Its time has come, and the worker takes it up in these seconds."""
        return self.state == self.State.SCHEDULED and self.send_at <= timezone.now() and not self.is_overdue

    @property
    def needs_approval(self) -> bool:
        """Whether a second person still has to say yes before it may be scheduled."""
        return self.programme.newsletters_need_approval and self.approved_at is None

    @property
    def correction_waits(self) -> bool:
        """Whether it was corrected on its way in words to which a second person still has to say yes."""
        return bool(self.mailing_id and self.corrections) and self.needs_approval

    @property
    def waits_since(self) -> datetime | None:
        """The moment of the first correction to which nobody has said yes yet: what is newer is not public."""
        return datetime.fromisoformat(self.corrections[-1]["since"]) if self.correction_waits else None

    @property
    def zone(self) -> ZoneInfo:
        """The clock by which it is scheduled."""
        return ZoneInfo(self.programme.time_zone)

    @property
    def zone_label(self) -> str:
        """How that clock is named beside a time: everybody here says "Italian time"."""
        return gettext("Italian time") if self.zone.key == "Europe/Rome" else self.zone.key

    @property
    def stages(self) -> list[tuple[str, str]]:
        """The way it goes, for the stages above the editor."""
        way = [self.State.DRAFT, self.State.CHECKED, self.State.SCHEDULED, self.State.SENDING, self.State.SENT]
        if self.programme.newsletters_need_approval or self.approved_at:
            way.insert(2, self.State.APPROVED)
        if self.state == self.State.CANCELLED:
            way[-1] = self.State.CANCELLED
        return [(state.value, self._stage_label(state)) for state in way]

    def _stage_label(self, state: State) -> str:
        if state == self.state and self.correction_waits:
            return gettext("Stopped: correction to be approved")
        return gettext("Paused") if state == self.State.SENDING and self.is_paused else state.label


class Version(models.Model):
    """A newsletter's words, audience, topic and way of its images, as somebody saved them."""

    newsletter = models.ForeignKey(Newsletter, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    subject = I18nCharField(max_length=150)
    body = I18nTextField(blank=True)
    audience = models.JSONField(default=dict, blank=True)
    topic = models.CharField(max_length=20, blank=True, choices=Topic)
    embeds_images = models.BooleanField(default=False)
    saved_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["newsletter", "number"], name="version_once")]

    def __str__(self) -> str:
        return f"{self.newsletter_id} v{self.number}"

    @property
    def title(self) -> str:
        return for_a_stranger(str(self.subject))


class PictureQuerySet(VisibleQuerySet):
    view_permission = "newsletters.view"
    territory_path = None


class Picture(models.Model):
    """An image for newsletters, with the words for whoever does not see it."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="pictures")
    file = models.ImageField(_("image"), upload_to="newsletters/", width_field="width", height_field="height")
    alternative = models.CharField(_("what the image shows"), max_length=250)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    uploaded_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)

    objects = PictureQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [models.CheckConstraint(name="picture_has_words", condition=~Q(alternative=""))]

    def __str__(self) -> str:
        return self.alternative

    @property
    def in_brackets(self) -> str:
        """The words as Markdown takes them between square brackets."""
        return re.sub(r"([\\\[\]`*_<>&!])", r"\\\1", self.alternative)


class SavedAudienceQuerySet(VisibleQuerySet):
    view_permission = "newsletters.view"
    territory_path = None


class SavedAudience(models.Model):
    """An audience under a name, to be chosen again."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="audiences")
    name = models.CharField(_("name"), max_length=80)
    audience = models.JSONField(default=dict)

    objects = SavedAudienceQuerySet.as_manager()

    territory_id = None

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["programme", "name"], name="audience_name_once")]

    def __str__(self) -> str:
        return self.name


class VisitCount(models.Model):
    """How often a page of the site was opened from a newsletter on a day. Nobody is told apart from anybody else."""

    newsletter = models.ForeignKey(Newsletter, models.CASCADE, related_name="visits")
    day = models.DateField()
    page = models.CharField(max_length=200)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["newsletter", "day", "page"], name="visits_of_a_page_and_day")]

    def __str__(self) -> str:
        return f"{self.page} {self.day:%Y-%m-%d}: {self.number}"
