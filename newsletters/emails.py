"""The service mails of this room. The newsletter itself is made by `services.composing`."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from mail.emails import email
from newsletters.models import Subscription
from programmes.models import Programme


def _sample() -> tuple[Subscription]:
    programme = Programme.objects.current() or Programme(short_name="VLT", name="Vita Lavoro Toscana")
    return (Subscription(programme=programme, email="anna.verdi@example.org", first_name="Anna"),)


@email("newsletters.confirm", sample=_sample)
def confirm(subscription: Subscription) -> dict:
    """Is it really you? One click makes the subscription active."""
    return {
        "subscription": subscription,
        "programme": subscription.programme,
        "confirm_url": subscription.link("confirm"),
        "privacy_url": _page("programmes:privacy", subscription.language),
    }


@email("newsletters.already", sample=_sample)
def already(subscription: Subscription) -> dict:
    """Somebody, perhaps you, asked again for what you already get."""
    return {
        "subscription": subscription,
        "programme": subscription.programme,
        "preferences_url": subscription.link("preferences"),
    }


def _page(name: str, language: str) -> str:
    with translation.override(language):
        return settings.SITE_URL + reverse(name)
