"""Answers kept for a while, so that a program that asks again is answered again (`services.idempotency`)."""

from django.db import models
from django.utils import timezone


class IdempotentRequest(models.Model):
    """An answer that was given to a request with an `Idempotency-Key`, to be given again."""

    key = models.CharField(max_length=64, unique=True, help_text="SHA-256 of address and key")
    request_fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.key
