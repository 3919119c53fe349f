"""Who gets our newsletters: asking, proving that it was asked for, choosing, leaving.

Three ways in: the form of the site (a link in a mail confirms it), the box ticked in a registration (the link that
confirmed the registration confirms this too), a list brought along with its proof. Each keeps the words that were
shown, where and when. Leaving acts at once, even on a newsletter that is being sent, and outlives every older proof:
only a consent given *after* leaving brings somebody back. Whoever types an address learns nothing about it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.addresses import normalise_email
from mail.models import Delivery
from mail.services import outbox
from newsletters import emails
from newsletters.models import Subscription
from newsletters.services import NewsletterError
from programmes.models import Programme, Territory
from registrations.models import Consent, Registration

State = Subscription.State
LOOK_BACK = timedelta(days=30)
AT_ONCE = 500


def consent_text(programme: Programme) -> str:
    """The sentence shown beside the button of the form, in the reader's language; kept as the proof."""
    return _(
        "Yes, send me the newsletter of %(programme)s, about four times a year. "
        "I can unsubscribe with one click, in every newsletter."
    ) % {"programme": programme.name}


@transaction.atomic
def subscribe(
    *,
    programme: Programme,
    email: str,
    source: str,
    language: str = "it",
    first_name: str = "",
    last_name: str = "",
    territory: Territory | None = None,
) -> None:
    """Somebody typed an address. A mail goes to it, one an hour at most; the answer is the same for every address."""
    _ask(
        programme,
        email,
        **_proof(programme, source),
        language=language,
        first_name=first_name,
        last_name=last_name,
        territory=territory,
    )


def _proof(programme: Programme, source: str) -> dict[str, Any]:
    return {"consent_text": consent_text(programme), "consent_source": source, "consent_at": timezone.now()}


def _ask(programme: Programme, email: str, **fields: Any) -> Subscription:
    """Keep the wish as pending and mail the link to confirm it; to who is subscribed, the link to her preferences."""
    subscription = _locked(programme, email, fields)
    is_active = subscription.state == State.ACTIVE
    if not is_active:
        _write(subscription, state=State.PENDING, **fields)
    kind, context = ("already", emails.already) if is_active else ("confirm", emails.confirm)
    outbox.enqueue(
        key=f"newsletters.{kind}:{subscription.pk}:{timezone.now():%Y%m%d%H}",
        kind=f"newsletters.{kind}",
        to=subscription.email,
        name=subscription.name,
        context=context(subscription),
        language=subscription.language,
    )
    return subscription


def _locked(programme: Programme, email: str, fields: dict[str, Any]) -> Subscription:
    return Subscription.objects.select_for_update().get_or_create(
        programme=programme, email=normalise_email(email), defaults=fields
    )[0]


def _write(subscription: Subscription, **fields: Any) -> None:
    for field, value in fields.items():
        setattr(subscription, field, value)
    subscription.save(update_fields=list(fields))


@transaction.atomic
def ask_once(*, programme: Programme, email: str, source: str, **fields: Any) -> bool:
    """Write to somebody of an old list whose consent is not proved; never to whom we know already, or who left."""
    known = Subscription.objects.filter(programme=programme, email=normalise_email(email)).exists()
    if not known:
        _ask(programme, email, **_proof(programme, source), **fields)
    return not known


@transaction.atomic
def confirm(*, subscription: Subscription) -> Subscription:
    """The button behind the link in the mail. Pressed twice, the same; pressed after leaving, refused."""
    subscription = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if subscription.state == State.ENDED:
        raise NewsletterError("ended", _("You have unsubscribed in the meantime. You can subscribe again."))
    if subscription.state == State.PENDING:
        _write(subscription, state=State.ACTIVE, confirmed_at=timezone.now(), ended_at=None)
    return subscription


@transaction.atomic
def add_with_proof(
    *,
    programme: Programme,
    email: str,
    consent_text: str,
    consent_source: str,
    consent_at: datetime,
    language: str = "it",
    first_name: str = "",
    last_name: str = "",
    territory: Territory | None = None,
) -> Subscription:
    """Active at once, because the consent is proved elsewhere. Who is active stays as she is; who left after
    `consent_at` stays away."""
    fields = {
        "consent_text": consent_text,
        "consent_source": consent_source[:120],
        "consent_at": consent_at,
        "language": language,
        "first_name": first_name,
        "last_name": last_name,
        "territory": territory,
    }
    subscription = _locked(programme, email, fields)
    if subscription.state != State.ACTIVE and not _has_left_since(subscription, consent_at):
        _write(subscription, **fields, state=State.ACTIVE, confirmed_at=timezone.now(), ended_at=None)
    return subscription


def _has_left_since(subscription: Subscription, consent_at: datetime) -> bool:
    return subscription.ended_at is not None and subscription.ended_at >= consent_at


@transaction.atomic
def add_from_registration(*, registration: Registration) -> Subscription | None:
    """Who ticked the newsletter when registering gets it once her registration is confirmed. May run twice.

    At the door nobody opened a link: then the link is mailed now.
    """
    consent = registration.consents.filter(purpose=Consent.Purpose.NEWSLETTER, withdrawn_at=None).first()
    if consent is None or registration.state != Registration.State.CONFIRMED or not registration.email:
        return None
    programme = registration.event.programme
    fields = {
        "consent_text": consent.text,
        "consent_source": f"registration:{registration.pk}",
        "consent_at": consent.given_at,
        "language": registration.language,
        "first_name": registration.first_name,
        "last_name": registration.last_name,
        "territory": registration.event.territory,
    }
    if registration.email_confirmed_at:
        return add_with_proof(programme=programme, email=registration.email, **fields)
    if _owed().filter(pk=consent.pk).exists():
        return _ask(programme, registration.email, **fields)
    return None


def _owed() -> QuerySet[Consent]:
    """Ticked boxes of confirmed registrations that no subscription answers yet, neither by a yes nor by a later no."""
    answered = Subscription.objects.filter(
        Q(state=State.ACTIVE) | Q(consent_at__gte=OuterRef("given_at")) | Q(ended_at__gte=OuterRef("given_at")),
        programme=OuterRef("registration__event__programme"),
        email=OuterRef("registration__email"),
    )
    return Consent.objects.filter(
        ~Exists(answered),
        purpose=Consent.Purpose.NEWSLETTER,
        withdrawn_at=None,
        given_at__gte=timezone.now() - LOOK_BACK,
        registration__state=Registration.State.CONFIRMED,
    ).exclude(registration__email="")


def add_owed() -> int:
    """Do what a lost message to the worker would have done."""
    consents = _owed().select_related("registration__event__programme", "registration__event__territory")[:AT_ONCE]
    for consent in consents:
        add_from_registration(registration=consent.registration)
    return len(consents)


def end_withdrawn() -> int:
    """Who took the newsletter back on a registration's page leaves, however she had asked for it before that."""
    withdrawn = Consent.objects.filter(
        purpose=Consent.Purpose.NEWSLETTER,
        withdrawn_at__gte=OuterRef("consent_at"),
        registration__event__programme=OuterRef("programme"),
        registration__email=OuterRef("email"),
    )
    leaving = list(Subscription.objects.active().filter(Exists(withdrawn))[:AT_ONCE])
    for subscription in leaving:
        unsubscribe(subscription=subscription)
    return len(leaving)


@transaction.atomic
def update_preferences(
    *,
    subscription: Subscription,
    first_name: str,
    last_name: str,
    territory: Territory | None,
    language: str,
) -> Subscription:
    Subscription.objects.filter(pk=subscription.pk).update(
        first_name=first_name, last_name=last_name, territory=territory, language=language
    )
    subscription.refresh_from_db()
    return subscription


@transaction.atomic
def unsubscribe(*, subscription: Subscription) -> None:
    """At once and for good; what is on its way to her and not yet handed over stays here. May be repeated."""
    Subscription.objects.filter(pk=subscription.pk).exclude(state=State.ENDED).update(
        state=State.ENDED, ended_at=timezone.now()
    )
    Delivery.objects.filter(
        email=subscription.email,
        message__mailing__newsletter__programme=subscription.programme_id,
        state__in=[Delivery.State.PENDING, Delivery.State.LEASED],
    ).update(state=Delivery.State.EXCLUDED, reason="unsubscribed")
    subscription.refresh_from_db()


@transaction.atomic
def resubscribe(*, subscription: Subscription, source: str) -> Subscription:
    """Back again from her own page, whose link reached her by mail: no second mail is needed."""
    return add_with_proof(
        programme=subscription.programme,
        email=subscription.email,
        language=subscription.language,
        **_proof(subscription.programme, source),
    )
