"""The service mails of this room. The newsletter itself is made by `services.composing`."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from mail.emails import email
from newsletters.models import Proof, Subscription
from programmes.models import Programme


def _subscription() -> Subscription:
    programme = Programme.objects.current() or Programme(short_name="VLT", name="Vita Lavoro Toscana")
    return Subscription(programme=programme, email="anna.verdi@example.org", first_name="Anna")


def _asked() -> tuple[Proof, str, str]:
    return Proof(subscription=_subscription(), text="Sì, mandatemi la newsletter."), "sample", "it"


@email("newsletters.confirm", sample=_asked)
def confirm(proof: Proof, token: str, language: str) -> dict:
    """Is it really you? `token` is this request's alone: no other mail of ours carries it."""
    return {
        "proof": proof,
        "programme": proof.subscription.programme,
        "confirm_url": _page("newsletters:confirm", language, token),
        "privacy_url": _page("programmes:privacy", language),
    }


@email("newsletters.already", sample=lambda: (_subscription(),))
def already(subscription: Subscription) -> dict:
    """Somebody, perhaps you, asked again for what you already get."""
    return {
        "subscription": subscription,
        "programme": subscription.programme,
        "preferences_url": subscription.link("preferences"),
    }


def _page(name: str, language: str, *arguments: str) -> str:
    with translation.override(language):
        return settings.SITE_URL + reverse(name, args=arguments)
