"""What people are written at a time of its own: runs of planned mails that are done, and messages of the staff."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from i18nfield.fields import I18nCharField, I18nTextField

from accounts.models import User
from accounts.permissions import VisibleQuerySet
from events.models import Event
from programmes.models import Programme, Territory


class PlannedRun(models.Model):
    """A planned mail of an event that everybody has been owed: it is not looked at again, unless the event moves."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="planned_runs")
    kind = models.CharField(max_length=20)
    starts_at = models.DateTimeField(help_text="The start of the event as it was then.")
    done_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "kind", "starts_at"], name="planned_run_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_at:%Y-%m-%d}"


class AnnouncementQuerySet(VisibleQuerySet):
    view_permission = "registrations.change"


class Announcement(models.Model):
    """A message of the staff to a part of the people registered, as it was sent."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="announcements")
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="announcements", verbose_name=_("province")
    )
    event = models.ForeignKey(Event, models.CASCADE, null=True, blank=True, related_name="announcements")
    choice = models.JSONField(default=dict, help_text="Whom it is for: mode, state, group, presence, kind.")
    subject = I18nCharField(_("subject"), max_length=200)
    body = I18nTextField(_("text"))
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="announcements")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return str(self.subject)
