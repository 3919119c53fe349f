"""A place and how to reach it, without barriers too."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from i18nfield.fields import I18nTextField

from accounts.permissions import VisibleQuerySet
from programmes.models import Programme, Territory


class VenueQuerySet(VisibleQuerySet):
    view_permission = "events.change"


class Venue(models.Model):
    """A place and how to reach it, without barriers too."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="venues")
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="venues", verbose_name=_("province")
    )
    slug = models.SlugField()
    name = models.CharField(_("name"), max_length=160)
    address = models.CharField(_("address"), max_length=200)
    town = models.CharField(_("town"), max_length=80)
    by_train = I18nTextField(_("by train or bus"), blank=True)
    by_car = I18nTextField(_("by car"), blank=True)
    on_foot = I18nTextField(_("on foot or by bicycle"), blank=True)
    accessibility = I18nTextField(_("without barriers"), blank=True)

    objects = VenueQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "slug"], name="venue_slug_once")]

    def __str__(self) -> str:
        return f"{self.name}, {self.town}"

    @property
    def full_address(self) -> str:
        return f"{self.name}, {self.address}, {self.town}"
