"""That somebody asked for the links of an address: a row for every address alike, until it is answered."""

from django.db import models
from django.utils import timezone


class LinkRequest(models.Model):
    """Kept for two minutes, during which the same address is not answered again."""

    email = models.EmailField(max_length=254, unique=True)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.pk)
