"""Something to take home."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from i18nfield.fields import I18nCharField

from accounts.permissions import VisibleQuerySet
from core.tokens import link_token
from events.models.event import Event

MATERIALS = "materials/"
"""Where their files lie; who may have one is asked on every download (`config.views.uploads`)."""


def material_path(material: "Material", name: str) -> str:
    """Where a file is kept: nobody guesses it from another's address."""
    return f"{MATERIALS}{link_token()}/{name}"


class MaterialQuerySet(VisibleQuerySet):
    programme_path = "event__programme"
    territory_path = "event__territory"
    view_permission = "events.view"

    def public(self) -> Self:
        """What anybody may take home: of the events that anybody may see."""
        return self.filter(event__in=Event.objects.public())


class Material(models.Model):
    """Something to take home: a file or a link."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="materials")
    title = I18nCharField(_("title"), max_length=200)
    file = models.FileField(_("file"), upload_to=material_path, max_length=200, blank=True)
    url = models.URLField(_("link"), blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    objects = MaterialQuerySet.as_manager()

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(name="material_is_file_or_link", condition=~Q(file="") | ~Q(url="")),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def address(self) -> str:
        return self.file.url if self.file else self.url
