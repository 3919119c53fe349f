"""What is asked beside name and address, kept apart from the registration because fewer may read it, and not for long.

Both are written by `services.asking` and read by who holds a permission of their own. What could hurt somebody is
encrypted (`core.encryption`).
"""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.encryption import EncryptedTextField
from registrations.models.registration import Registration


class Needs(models.Model):
    """What somebody needs in order to take part, and what she does not eat. Deleted soon after the event."""

    registration = models.OneToOneField(Registration, models.CASCADE, related_name="needs")
    access = EncryptedTextField(_("what I need in order to take part"), blank=True)
    dietary = EncryptedTextField(_("what I do not eat"), blank=True)

    class Meta:
        verbose_name_plural = "needs"

    def __str__(self) -> str:
        return str(self.registration_id)


class MonitoringRecord(models.Model):
    """What the funder has us ask (ESF+, Reg. (EU) 2021/1057, annex I), as it was on the day of entry."""

    registration = models.OneToOneField(Registration, models.CASCADE, related_name="monitoring")
    profile = models.CharField(max_length=12)
    values = models.JSONField(default=dict, help_text="Answers that are not sensitive, by the names of `monitoring`.")
    sensitive = EncryptedTextField(blank=True, help_text="The others, as JSON.")
    answered_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.registration_id)
