"""A programme as it was promised: its provinces, the organisations behind it, its actions and their targets.

Loaded from one file of `programmes/catalogue/` by `services.loading`. What is put on (events) and what is told
(newsletters) lives in the rooms above.
"""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from i18nfield.fields import I18nCharField, I18nTextField

from programmes import colours

hex_colour = RegexValidator(r"^#[0-9A-Fa-f]{6}$", _("A colour such as #1F4D3A."))


class MonitoringProfile(models.TextChoices):
    """How much the funder has us ask who takes part in an event of a kind."""

    OFF = "off", _("Nothing")
    ORGANISATION = "organisation", _("About the organisation only")
    PARTICIPANT = "participant", _("The full profile of a participant (ESF+)")


class ProgrammeQuerySet(models.QuerySet):
    def current(self) -> "Programme | None":
        """The programme that the public site shows."""
        return self.filter(is_current=True).first()


class Programme(models.Model):
    slug = models.SlugField(unique=True)
    short_name = models.CharField(_("short name"), max_length=20)
    name = I18nCharField(_("name"), max_length=200)
    claim = I18nCharField(_("one sentence on what it is"), max_length=300)
    about = I18nTextField(_("about the programme"), blank=True)
    funding_note = I18nTextField(_("funding note"), blank=True)
    project_code = models.CharField(_("project code"), max_length=60, blank=True)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    shifted_by_days = models.IntegerField(
        default=0, editable=False, help_text="How far its days stand from those of its file."
    )
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Rome")
    main_colour = models.CharField(
        _("main colour"), max_length=7, default=colours.DEFAULT, validators=[hex_colour, colours.readable_on_white]
    )
    logo = models.ImageField(_("logo"), upload_to="programmes/", blank=True)
    contact_email = models.EmailField(_("contact address"))
    contact_phone = models.CharField(_("contact phone"), max_length=40, blank=True)
    contact_address = models.CharField(_("postal address"), max_length=250, blank=True)
    hold_minutes = models.PositiveSmallIntegerField(
        _("minutes a place is held until the link in the mail is opened"), default=60
    )
    newsletters_need_approval = models.BooleanField(
        _("a second person approves each newsletter before it leaves"), default=False
    )
    newsletters_ask_after_hours = models.PositiveSmallIntegerField(
        _("hours after which a newsletter that could not leave on time asks before it does"), default=12
    )
    monitoring = models.JSONField(
        _("what the funder has us ask, by kind of event"),
        default=dict,
        blank=True,
        help_text="{kind: off | organisation | participant}; a kind that is not named: off.",
    )
    is_current = models.BooleanField(_("shown on the public site"), default=False)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_current"], name="one_current_programme", condition=Q(is_current=True)),
            models.CheckConstraint(name="programme_ends_after_start", condition=Q(ends_on__gte=models.F("starts_on"))),
            models.CheckConstraint(
                name="programme_asks_after_an_hour", condition=Q(newsletters_ask_after_hours__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def programme_id(self) -> int:
        return self.pk

    def monitoring_of(self, kind: str) -> MonitoringProfile:
        """What is asked at events of this kind."""
        named = self.monitoring.get(kind)
        return MonitoringProfile(named) if named in MonitoringProfile.values else MonitoringProfile.OFF

    @property
    def has_own_colour(self) -> bool:
        return self.main_colour.upper() != colours.DEFAULT

    territory_id = None


class Territory(models.Model):
    """A province, with its official codes as text (they begin with zeros) and its place on the tile map."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="territories")
    slug = models.SlugField()
    name = models.CharField(max_length=80)
    sigla = models.CharField(max_length=2)
    istat_code = models.CharField(max_length=3)
    iso_code = models.CharField(max_length=6)
    tile_row = models.PositiveSmallIntegerField()
    tile_column = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "territories"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "slug"], name="territory_slug_once"),
            models.UniqueConstraint(fields=["programme", "istat_code"], name="territory_istat_once"),
            models.UniqueConstraint(fields=["programme", "tile_row", "tile_column"], name="territory_tile_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tile(self) -> tuple[int, int]:
        """Row and column on the tile map."""
        return self.tile_row, self.tile_column


class Organisation(models.Model):
    """Who stands behind the programme. Funders are shown in the funding band, in the order the law gives them."""

    class Role(models.TextChoices):
        FUNDER = "funder", _("Funder")
        LEAD = "lead", _("Lead partner")
        PARTNER = "partner", _("Partner")
        SUPPORTER = "supporter", _("Supporter")

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="organisations")
    slug = models.SlugField()
    name = models.CharField(_("name"), max_length=160)
    role = models.CharField(_("role"), max_length=10, choices=Role)
    order = models.PositiveSmallIntegerField(default=0)
    website = models.URLField(_("website"), blank=True)
    email_domains = models.CharField(
        _("what its people's addresses end with"),
        max_length=300,
        blank=True,
        help_text=_("Such as cna.it, separated by commas: who writes from there is a member."),
    )
    logo = models.ImageField(_("logo"), upload_to="organisations/", blank=True)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "slug"], name="organisation_slug_once"),
            models.UniqueConstraint(fields=["programme"], name="one_lead_organisation", condition=Q(role="lead")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def domains(self) -> list[str]:
        """What its people's addresses end with, one by one."""
        return [domain for written in self.email_domains.split(",") if (domain := written.strip().lower())]


class Member(models.Model):
    """Somebody who belongs to an organisation of the programme, perhaps with a role in it: who may be asked to an event
    that is not for everybody."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="members")
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, blank=True, related_name="members", verbose_name=_("organisation")
    )
    email = models.EmailField(_("e-mail address"), max_length=254)
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    role = models.CharField(_("role"), max_length=80, blank=True)

    class Meta:
        ordering = ["last_name", "first_name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "organisation", "email", "role"], name="member_once"),
            models.UniqueConstraint(
                fields=["programme", "email", "role"], name="member_of_none_once", condition=Q(organisation=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email


class Action(models.Model):
    """A line of work that was promised: good practices, needs survey, seminars, labs, communication, …"""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="actions")
    slug = models.SlugField()
    name = I18nCharField(max_length=120)
    description = I18nTextField(blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["programme", "slug"], name="action_slug_once")]

    def __str__(self) -> str:
        return str(self.name)


class Target(models.Model):
    """How much of an action is owed, and how far it is.

    With an `indicator` (a function of `indicators.py`) the figure is counted from what happened; without one it is
    recorded by hand, with its day.
    """

    action = models.ForeignKey(Action, models.CASCADE, related_name="targets")
    slug = models.SlugField()
    name = I18nCharField(max_length=120)
    goal = models.PositiveIntegerField()
    indicator = models.CharField(max_length=60, blank=True)
    recorded = models.PositiveIntegerField(_("reached so far"), default=0)
    recorded_on = models.DateField(_("on"), default=timezone.localdate)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["action", "slug"], name="target_slug_once"),
            models.CheckConstraint(name="target_goal_positive", condition=Q(goal__gt=0)),
        ]

    def __str__(self) -> str:
        return str(self.name)


class LoadedRow(models.Model):
    """What the file last said about a row, so that loading again can tell a person's change from its own."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="loaded_rows")
    key = models.CharField(max_length=120, help_text="Where it stands in the file, e.g. events/seminario-pisa")
    values = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "key"], name="loaded_row_once")]

    def __str__(self) -> str:
        return self.key
