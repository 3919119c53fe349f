"""An event as it is announced: when, where, how many places, who may register.

How many places are *taken* stands here too (`in_person_taken`, `online_taken`), because a constraint of the database
must hold it against the capacity; only `registrations.services.places` writes it. Editing goes through
`services.editing`, which never touches those two.
"""

import json
from datetime import date, datetime, timedelta
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from i18nfield.fields import I18nCharField, I18nTextField

from accounts.permissions import VisibleQuerySet
from core.clock import YEARS
from events import addresses, days, kinds
from events.models.places import Mode, Places
from events.models.venue import Venue
from programmes.models import Organisation, Programme, Territory


class EventQuerySet(VisibleQuerySet):
    view_permission = "events.view"

    def public(self) -> Self:
        """What anybody may see: published, of the programme on show. Cancelled ones stay, marked as such."""
        return self.filter(published_at__isnull=False, programme__is_current=True)

    def upcoming(self) -> Self:
        return self.filter(ends_at__gt=timezone.now(), cancelled_at=None).order_by("starts_at", "pk")

    def over(self) -> Self:
        return self.filter(ends_at__lte=timezone.now(), cancelled_at=None)

    def in_province(self, slug: str) -> Self:
        return self.filter(territory__slug=slug)

    def in_mode(self, mode: str) -> Self:
        """Those one can take part in so; a mode that does not exist filters nothing."""
        return self.filter(**{f"{mode}_capacity__isnull": False}) if mode in Mode.values else self

    def in_month(self, month: str) -> Self:
        """Those that begin in a month such as `2024-05`, by the clock on the wall; anything else filters nothing."""
        try:
            first = date.fromisoformat(f"{month}-01")
        except ValueError:
            return self
        if first.year not in YEARS:
            return self
        return self.filter(starts_at__year=first.year, starts_at__month=first.month)

    def in_state(self, state: str) -> Self:
        """Those in a `State`, or "draft": not published yet. Anything else filters nothing."""
        now = timezone.now()
        conditions = {
            "planned": Q(starts_at__gt=now, cancelled_at=None),
            "running": Q(starts_at__lte=now, ends_at__gt=now, cancelled_at=None),
            "over": Q(ends_at__lte=now, cancelled_at=None),
            "cancelled": Q(cancelled_at__isnull=False),
            "draft": Q(published_at=None),
        }
        return self.filter(conditions.get(state, Q()))

    def search(self, words: str) -> Self:
        """Every word must be in the title, the address of the page, the province or the place."""
        found = self
        for word in words.split():
            found = found.filter(
                Q(title__icontains=word)
                | Q(title__icontains=json.dumps(word)[1:-1])  # titles are stored as JSON: “è” is “\u00e8” there
                | Q(slug__icontains=word)
                | Q(territory__name__icontains=word)
                | Q(venue__name__icontains=word)
                | Q(venue__town__icontains=word)
            )
        return found


class Event(models.Model):
    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        RUNNING = "running", _("Running now")
        OVER = "over", _("Over")
        CANCELLED = "cancelled", pgettext_lazy("event", "Cancelled")

    class RegistrationState(models.TextChoices):
        NOT_YET = "not_yet", _("Registration not open yet")
        OPEN = "open", _("Registration open")
        FULL = "full", _("Full")
        CLOSED = "closed", _("Registration closed")

    class Access(models.TextChoices):
        OPEN = "open", _("Everybody")
        INVITATION = "invitation", _("Who was invited")
        AUDIENCE = "audience", _("Members of an organisation or role")

    class MissingExit(models.TextChoices):
        """How long somebody counts as present who came in and was not seen going out."""

        END = "end", _("Until the end of the event")
        SESSION = "session", _("Until the end of the part of the agenda in which she was last seen")
        NOTHING = "nothing", _("Not at all: that stay does not count")

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="events")
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="events", verbose_name=_("province")
    )
    slug = models.SlugField(
        _("address of the page"),
        unique=True,
        validators=[addresses.check_free],
        error_messages={"unique": _("There is an event with this address already: choose another.")},
    )
    kind = models.CharField(_("kind"), max_length=20, choices=kinds.choices)
    title = I18nCharField(_("title"), max_length=200)
    summary = I18nTextField(_("in two lines"), blank=True)
    description = I18nTextField(_("description"), blank=True)
    outcome = I18nTextField(_("what came out of it"), blank=True)
    organiser = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="events", verbose_name=_("organising partner")
    )
    venue = models.ForeignKey(
        Venue, models.PROTECT, null=True, blank=True, related_name="events", verbose_name=_("venue")
    )
    online_url = models.URLField(_("address of the online room"), blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    is_date_assumed = models.BooleanField(_("date to be confirmed"), default=False)
    in_person_capacity = models.PositiveIntegerField(
        _("places in person"), null=True, blank=True, help_text=_("Leave empty if one cannot take part in person.")
    )
    online_capacity = models.PositiveIntegerField(
        _("places online"), null=True, blank=True, help_text=_("Leave empty if one cannot take part online.")
    )
    total_capacity = models.PositiveIntegerField(
        _("places in all"),
        null=True,
        blank=True,
        help_text=_("Only if both modes share one total; leave empty if each has places of its own."),
    )
    in_person_taken = models.PositiveIntegerField(default=0, editable=False)
    online_taken = models.PositiveIntegerField(default=0, editable=False)
    registration_opens_at = models.DateTimeField(_("registration opens"))
    registration_closes_at = models.DateTimeField(_("registration closes"))
    changes_close_at = models.DateTimeField(
        _("answers and mode can be changed until"),
        null=True,
        blank=True,
        help_text=_("Leave empty: until it begins. One can always cancel until it begins."),
    )
    access = models.CharField(_("who may register"), max_length=10, choices=Access, default=Access.OPEN)
    audience_organisations = models.ManyToManyField(
        Organisation, blank=True, related_name="reserved_events", verbose_name=_("members of")
    )
    audience_role = models.CharField(
        _("with the role"), max_length=80, blank=True, help_text=_("As in the list of members; empty: any role.")
    )
    needs_approval = models.BooleanField(_("the staff approve each registration"), default=False)
    has_waiting_list = models.BooleanField(_("waiting list when full"), default=True)
    offer_hours = models.PositiveSmallIntegerField(
        _("hours to accept a place that became free"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(336)],
        help_text=_("Fewer as the event nears: never more than a quarter of the time that is left."),
    )
    asks_dietary_needs = models.BooleanField(_("ask for dietary needs"), default=False)
    asks_access_needs = models.BooleanField(_("ask what somebody needs in order to take part"), default=True)
    questions_version = models.PositiveIntegerField(
        _("questions"),
        default=0,
        editable=False,
        help_text="Grows with every change of the questions, so that an old form is noticed.",
    )
    survey_url = models.URLField(_("address of the survey"), blank=True)
    mails = models.JSONField(
        _("mails"),
        default=dict,
        blank=True,
        editable=False,
        help_text="{kind: {on, minutes}} where it differs from the usual.",
    )
    template = models.ForeignKey(
        "self",
        models.SET_NULL,
        verbose_name=_("template"),
        null=True,
        blank=True,
        editable=False,
        related_name="sisters",
    )
    template_values = models.JSONField(
        _("what came from the template"),
        default=dict,
        blank=True,
        editable=False,
        help_text="{name: value} as they last came from the template.",
    )
    threshold = models.PositiveSmallIntegerField(
        _("share of the time needed for the certificate, in per cent"),
        default=75,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    missing_exit = models.CharField(
        _("who came in and was not seen going out counts"), max_length=8, choices=MissingExit, default=MissingExit.END
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    recount_owed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when presence has to be counted anew."
    )
    sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["programme", "starts_at"], name="event_by_date")]
        constraints = [
            models.CheckConstraint(name="event_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="event_in_person_not_oversold",
                condition=Q(in_person_taken__lte=Coalesce("in_person_capacity", 0)),
            ),
            models.CheckConstraint(
                name="event_online_not_oversold",
                condition=Q(online_taken__lte=Coalesce("online_capacity", 0)),
            ),
            models.CheckConstraint(
                name="event_total_not_oversold",
                condition=Q(total_capacity=None) | Q(total_capacity__gte=F("in_person_taken") + F("online_taken")),
            ),
            models.CheckConstraint(
                name="event_has_a_mode",
                condition=Q(in_person_capacity__isnull=False) | Q(online_capacity__isnull=False),
            ),
            models.CheckConstraint(
                name="event_threshold_is_a_share", condition=Q(threshold__gte=1, threshold__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return str(self.title)

    def get_absolute_url(self) -> str:
        return reverse("events:detail", args=[self.slug])

    @property
    def kind_facts(self) -> kinds.EventKind:
        return kinds.KINDS[self.kind]

    @property
    def duration(self) -> timedelta:
        return self.ends_at - self.starts_at

    @property
    def duration_minutes(self) -> int:
        return int(self.duration.total_seconds() // 60)

    @property
    def hours(self) -> list[days.Hours]:
        """From when to when presence counts: of each day, where it has several (`events.days`)."""
        return days.hours_of(self)

    @property
    def has_several_days(self) -> bool:
        return bool(days.of(self))

    @property
    def days_without_agenda(self) -> list[days.Day]:
        """Where there are several: those on which nobody said from when to when it is."""
        return [day for day in days.of(self) if not day.sessions]

    @property
    def minutes_counted(self) -> int:
        """Of which it consists; no night is among them where the agenda says the hours of its days."""
        return int(sum((end - start for start, end in self.hours), timedelta()).total_seconds() // 60)

    @property
    def minutes_needed(self) -> int:
        """Minutes of presence that the certificate asks for."""
        return -(-self.minutes_counted * self.threshold // 100)

    @property
    def state(self) -> State:
        now = timezone.now()
        if self.cancelled_at:
            return self.State.CANCELLED
        if now >= self.ends_at:
            return self.State.OVER
        return self.State.RUNNING if now >= self.starts_at else self.State.PLANNED

    @property
    def may_still_move(self) -> bool:
        """Is the date a proposal that somebody has still to confirm?"""
        return self.is_date_assumed and self.state == self.State.PLANNED

    @property
    def registration_state(self) -> RegistrationState:
        """What somebody who wants to register now is told. A full event with a waiting list still takes names."""
        now = timezone.now()
        if self.cancelled_at or not self.published_at or now >= min(self.registration_closes_at, self.ends_at):
            return self.RegistrationState.CLOSED
        if now < self.registration_opens_at:
            return self.RegistrationState.NOT_YET
        if all(places.left == 0 for places in self.places.values()):
            return self.RegistrationState.FULL
        return self.RegistrationState.OPEN

    @property
    def takes_registrations(self) -> bool:
        """Is the form open: with places left, or for the waiting list?"""
        state = self.registration_state
        return state == self.RegistrationState.OPEN or (state == self.RegistrationState.FULL and self.has_waiting_list)

    @property
    def places(self) -> dict[str, Places]:
        """The modes one can take part in, each with its places."""
        offered = {
            Mode.IN_PERSON: (self.in_person_capacity, self.in_person_taken),
            Mode.ONLINE: (self.online_capacity, self.online_taken),
        }
        in_all = self.total_left
        return {
            mode.value: Places(mode, capacity, taken, in_all)
            for mode, (capacity, taken) in offered.items()
            if capacity is not None
        }

    @property
    def total_left(self) -> int | None:
        """Places left of the one total that both modes share; None where each has places of its own."""
        if self.total_capacity is None:
            return None
        return max(self.total_capacity - self.in_person_taken - self.online_taken, 0)

    @property
    def places_left(self) -> int:
        """In whatever mode."""
        left = sum(places.left for places in self.places.values())
        return left if self.total_left is None else min(left, self.total_left)

    @property
    def takes_changes(self) -> bool:
        """May people still change their answers and how they take part?"""
        until = min(self.changes_close_at or self.starts_at, self.starts_at)
        return self.state == self.State.PLANNED and timezone.now() < until

    @cached_property
    def local_start(self) -> datetime:
        return timezone.localtime(self.starts_at)

    @property
    def uid(self) -> str:
        """Stable for the life of the event, whatever moves (RFC 5545 section 3.8.4.7)."""
        return f"event-{self.pk}"
