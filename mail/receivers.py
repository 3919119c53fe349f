"""What mail hears from a provider, by django-anymail, once the webhook's secret was right."""

from typing import Any

from anymail.signals import tracking
from django.dispatch import receiver

from mail.services import providers


@receiver(tracking, dispatch_uid="mail.provider_notice")
def provider_notice(sender: type, event: Any, esp_name: str, **kwargs: object) -> None:
    providers.take(provider=esp_name, event=event)
