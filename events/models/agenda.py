"""What is on the agenda, and who speaks."""

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _
from i18nfield.fields import I18nCharField, I18nTextField

from events.models.event import Event


class Session(models.Model):
    """A part of the agenda."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="sessions")
    starts_at = models.DateTimeField(_("starts"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    title = I18nCharField(_("title"), max_length=200)
    description = I18nTextField(_("description"), blank=True)

    class Meta:
        ordering = ["starts_at", "pk"]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


class Speaker(models.Model):
    event = models.ForeignKey(Event, models.CASCADE, related_name="speakers")
    session = models.ForeignKey(Session, models.SET_NULL, null=True, blank=True, related_name="speakers")
    name = models.CharField(_("name"), max_length=120)
    title = I18nCharField(_("who she or he is"), max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name
