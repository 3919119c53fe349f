"""A person in an event and the group she sits in.

The state of a Registration says whether it holds a place; `services.places` keeps the event's counters in step in the
same transaction. Presence (`entered_at`, `is_inside`, `minutes`) is computed from the scans by `services.attendance`.
"""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Coalesce, Lower, NullIf, Replace
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.addresses import normalise_email
from core.names import only_a_name
from core.tokens import link_token, readable_code
from events.models import Event, Mode
from registrations.models.belonging import BelongsToEvent, OfEvent

CODE_LENGTH = 8
ERASURE_WITHIN = timedelta(days=30)


def new_code() -> str:
    return readable_code(CODE_LENGTH)


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


_AS_IN_THE_ALPHABET = {" ": "", "'": "", "’": "", **dict(zip("àèéìòùÀÈÉÌÒÙ", "aeeiouaeeiou", strict=True))}
"""What every database folds alike: apostrophes and spaces part no words, the accents of Italian are none."""


def _folded(name: str | Func) -> Func:
    folded = Coalesce(name, Value(""))
    for sign, plain in _AS_IN_THE_ALPHABET.items():
        folded = Replace(folded, Value(sign), Value(plain))
    return Lower(folded)


BY_NAME = [_folded(Coalesce(NullIf("last_name", Value("")), "first_name")), _folded("first_name"), "pk"]
"""The order of every list of people, by surname; who has none stands under her first name, as on paper."""


class RegistrationQuerySet(OfEvent):
    view_permission = "registrations.view"

    def holding_places(self):
        return self.filter(state__in=Registration.HOLDING, is_extra=False)

    def in_line(self):
        """Who counts on the waiting list. In which order: `services.places.in_line`."""
        return self.filter(state=Registration.State.WAITING, queued_at__isnull=False)

    def expected(self):
        return self.filter(state=Registration.State.CONFIRMED)

    def by_name(self):
        return self.order_by(*BY_NAME)

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

    def erasure_open(self):
        """Who has asked for the erasure of her data and has no answer yet."""
        return self.filter(erasure_asked_at__isnull=False, erased_at=None, erasure_refused_at=None)

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
        OFFERED = "offered", _("A place is offered")
        REQUESTED = "requested", _("To be approved")
        CONFIRMED = "confirmed", _("Registered")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Not confirmed in time")
        REFUSED = "refused", _("Not approved")

    HOLDING = [State.PENDING, State.OFFERED, State.REQUESTED, State.CONFIRMED]
    """States that take a place of the event."""
    ALIVE = [*HOLDING, State.WAITING]
    """States of which an address may have one in an event."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="registrations")
    state = models.CharField(_("state"), max_length=10, choices=State)
    mode = models.CharField(_("mode"), max_length=10, choices=Mode)
    first_name = models.CharField(_("first name"), max_length=80, validators=[only_a_name])
    last_name = models.CharField(_("last name"), max_length=80, blank=True, validators=[only_a_name])
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True)
    organisation = models.CharField(_("organisation"), max_length=160, blank=True, validators=[only_a_name])
    language = models.CharField(max_length=10, default="it")
    via = models.CharField(_("came through"), max_length=40, blank=True)
    is_walk_in = models.BooleanField(_("registered at the door"), default=False)
    is_extra = models.BooleanField(
        default=False, editable=False, help_text="Let in above the places: she holds none of them."
    )
    extra_because = models.CharField(_("why above the places"), max_length=200, blank=True, editable=False)
    registered_by = models.CharField(_("registered by"), max_length=170, blank=True, validators=[only_a_name])
    has_yet_to_agree = models.BooleanField(
        default=False, editable=False, help_text="A colleague registered her: she agrees when she confirms."
    )
    is_minor = models.BooleanField(_("14 to 17 years old"), default=False)
    answers = models.JSONField(_("answers"), default=dict, blank=True, help_text="{key of the question: answer}")

    token = models.CharField(max_length=32, unique=True, default=link_token, editable=False)
    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    ticket_version = models.PositiveSmallIntegerField(default=1, editable=False)
    calendar_sequence = models.PositiveIntegerField(default=0, editable=False)
    told_sequence = models.PositiveIntegerField(
        default=0, editable=False, help_text="The event's sequence that this person knows of."
    )

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(auto_now=True, editable=False)
    held_until = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The deadline to confirm, or to accept what is offered."
    )
    queued_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when she counts on the waiting list."
    )
    promoted_at = models.DateTimeField(null=True, blank=True, editable=False)
    promoted_because = models.CharField(_("why she goes first"), max_length=200, blank=True)
    accepts_other_mode = models.BooleanField(_("takes a place in the other mode, too"), default=False)
    wished_mode = models.CharField(
        max_length=10, blank=True, editable=False, help_text="What she waits for, while the other mode is offered."
    )
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)
    refused_because = models.CharField(_("why it was not approved"), max_length=300, blank=True)
    client = models.CharField(
        max_length=16, blank=True, editable=False, help_text="Where it came from (core.limits), until it is confirmed."
    )
    email_confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    erasure_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    erasure_refused_at = models.DateTimeField(null=True, blank=True, editable=False)
    erasure_refused_because = models.CharField(_("why her data are kept"), max_length=500, blank=True, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    entered_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_inside = models.BooleanField(default=False, editable=False)
    inside_since = models.DateTimeField(null=True, blank=True, editable=False)
    inside_door = models.CharField(max_length=80, blank=True, editable=False, help_text="By which she came in.")
    online_until = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Until when she counts as present in the online room."
    )
    minutes = models.PositiveIntegerField(_("minutes present"), default=0, editable=False)

    group = models.ForeignKey(Group, models.SET_NULL, null=True, blank=True, related_name="members")
    is_group_pinned = models.BooleanField(default=False, editable=False)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ["last_name", "first_name", "pk"]
        indexes = [
            models.Index(fields=["event", "state", "last_name", "first_name"], name="registration_list"),
            models.Index(fields=["event", "changed_at"], name="registration_changes"),
            models.Index(
                fields=["held_until"],
                name="registration_to_expire",
                condition=Q(state__in=["pending", "waiting", "offered"]),
            ),
            models.Index(
                fields=["event", "queued_at"],
                name="registration_line",
                condition=Q(state="waiting", queued_at__isnull=False),
            ),
            models.Index(
                fields=["erasure_asked_at"],
                name="registration_erasure",
                condition=Q(erasure_asked_at__isnull=False),
            ),
            models.Index(fields=["email"], name="registration_by_email", condition=~Q(email="")),
            models.Index(fields=["client"], name="registration_by_client", condition=~Q(client="")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "email"],
                name="one_registration_a_person",
                condition=Q(state__in=["pending", "offered", "requested", "confirmed", "waiting"]) & ~Q(email=""),
            ),
            models.CheckConstraint(
                name="registration_pending_is_held_until",
                condition=~Q(state__in=["pending", "offered"]) | Q(held_until__isnull=False),
            ),
            models.CheckConstraint(
                name="registration_promoted_for_a_reason",
                condition=Q(promoted_at=None) | ~Q(promoted_because=""),
            ),
            models.CheckConstraint(
                name="registration_cancelled_has_time",
                condition=~Q(state="cancelled") | Q(cancelled_at__isnull=False),
            ),
            models.CheckConstraint(
                name="registration_extra_for_a_reason", condition=Q(is_extra=False) | ~Q(extra_because="")
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
        written = f"{self.first_name} {self.last_name}".strip()
        return written or (str(_("data erased")) if self.erased_at else "")

    @property
    def holds_place(self) -> bool:
        return self.state in self.HOLDING and not self.is_extra

    @property
    def is_alive(self) -> bool:
        return self.state in self.ALIVE

    @property
    def is_erasure_open(self) -> bool:
        """She has asked, and nobody has answered yet."""
        return bool(self.erasure_asked_at) and self.erased_at is None and self.erasure_refused_at is None

    @property
    def erasure_due_at(self) -> datetime | None:
        """Until when she is owed an answer (art. 12.3 GDPR)."""
        return self.erasure_asked_at and self.erasure_asked_at + ERASURE_WITHIN

    @property
    def minutes_needed(self) -> int:
        """Minutes of presence that the certificate asks for."""
        return self.event.minutes_needed

    @property
    def is_known(self) -> bool:
        """Confirmed by the link, or registered by the staff at the door."""
        return self.state == self.State.CONFIRMED or self.email_confirmed_at is not None

    @property
    def has_let_an_offer_lapse(self) -> bool:
        """A known address expires only by an offered place that was not accepted in time."""
        return self.state == self.State.EXPIRED and self.email_confirmed_at is not None

    @property
    def is_in_line(self) -> bool:
        """On the waiting list, with an address that is known to be hers."""
        return self.state == self.State.WAITING and self.queued_at is not None

    @property
    def state_with_place(self) -> "State":
        """What she is once she holds a place for good: somebody may still have to approve it."""
        needs_approval = (self.event.needs_approval or self.is_minor) and self.approved_at is None
        return self.State.REQUESTED if needs_approval else self.State.CONFIRMED

    @property
    def shown_state(self) -> str:
        """The state in the staff's words: who has not confirmed the address is nowhere in line yet."""
        is_to_confirm = self.state == self.State.WAITING and not self.is_in_line
        return str((self.State.PENDING if is_to_confirm else self.State(self.state)).label)

    @property
    def has_reached_threshold(self) -> bool:
        return self.minutes >= self.minutes_needed
