"""Who gets our newsletters: asking, proving that it was asked for, choosing, leaving.

Three ways in: the form of the site (a link in a mail confirms it), the box ticked in a registration (the link that
confirmed the registration confirms this too), a list brought along with its proof. Each time it is asked is a `Proof`
with the words that were shown, where and when; what somebody else types with her address adds one that waits, and
touches nothing. Leaving acts at once, even on a newsletter that is being sent, and outlives every older proof: only a
consent given *after* leaving brings somebody back. Whoever types an address learns nothing about it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from core.addresses import address_in, normalise_email
from core.limits import Limit
from core.names import one_line
from core.tokens import fingerprint, link_token
from mail.models import Delivery
from mail.services import doubts, feedback, outbox
from newsletters import emails
from newsletters.kinds import Topic
from newsletters.models import Proof, Subscription
from newsletters.services import NewsletterError, TooManyError
from programmes.models import Programme, Territory
from registrations.models import Consent, Registration

State = Subscription.State
REQUESTS = Limit("newsletter requests of a client", 150, timedelta(hours=1))
"""Forms of one client that lead to a mail: generous enough for a full hall on one network."""
LINK_LASTS = timedelta(days=30)
ONE_MAIL = timedelta(hours=1)
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
    client: str = "",
    language: str = "it",
    first_name: str = "",
    last_name: str = "",
    territory: Territory | None = None,
) -> None:
    """Somebody typed an address. A mail goes to it, one an hour at most; the answer is the same for every address.

    `client` is `core.limits.client_of` the request, empty where nobody need be counted. Errors `too_many`, and
    `address` for one that no mail server takes.
    """
    try:
        email = address_in(email)
    except ValidationError as error:
        raise NewsletterError("address", error.message, {"email": error.message}, status=422) from error
    _count(client)
    wishes = _wishes(language=language, first_name=first_name, last_name=last_name, territory=territory)
    _ask(programme, email, wishes, text=consent_text(programme), source=source, asked_from=client)


def _count(client: str) -> None:
    if client and not REQUESTS.count(client):
        raise TooManyError("too_many", _("Too many requests have come from your network. Try again in an hour."))


def _wishes(*, language: str, first_name: str = "", last_name: str = "", territory: Territory | None = None) -> dict:
    """What stands beside the address, as a Proof keeps it until it is hers."""
    return {
        "language": language,
        "first_name": first_name,
        "last_name": last_name,
        "territory_id": territory.pk if territory else None,
    }


def _ask(programme: Programme, email: str, wishes: dict[str, Any], **proof: Any) -> Subscription:
    """Keep the wish beside what is proved already and mail its link; to who is subscribed, that she is."""
    subscription = _locked(programme, email, wishes)
    if subscription.state == State.ACTIVE:
        _mail(
            "already", subscription, emails.already(subscription), subscription.language, f"{timezone.now():%Y%m%d%H}"
        )
    elif not subscription.proofs.unanswered().filter(recorded_at__gt=timezone.now() - ONE_MAIL).exists():
        token = link_token()
        made = subscription.proofs.create(secret=fingerprint(token), wishes=wishes, **proof)
        context = emails.confirm(made, token, wishes["language"])
        _mail("confirm", subscription, context, wishes["language"], made.pk)
    return subscription


def _mail(kind: str, subscription: Subscription, context: dict[str, Any], language: str, occasion: object) -> None:
    """To the bare address: the name beside it may be anybody's joke."""
    outbox.enqueue(
        key=f"newsletters.{kind}:{subscription.pk}:{occasion}",
        kind=f"newsletters.{kind}",
        to=subscription.email,
        context=context,
        language=language,
    )


def _locked(programme: Programme, email: str, wishes: dict[str, Any]) -> Subscription:
    return Subscription.objects.select_for_update().get_or_create(
        programme=programme, email=normalise_email(email), defaults=wishes
    )[0]


def _activate(subscription: Subscription, wishes: dict[str, Any]) -> None:
    values = {**wishes, "state": State.ACTIVE, "confirmed_at": timezone.now(), "ended_at": None}
    if not Territory.objects.filter(pk=values.get("territory_id")).exists():
        values["territory_id"] = None
    for field, value in values.items():
        setattr(subscription, field, value)
    subscription.save(update_fields=list(values))


@transaction.atomic
def ask_once(*, programme: Programme, email: str, source: str, language: str, **fields: Any) -> bool:
    """Write to somebody of an old list whose consent is not proved; never to whom we know already, or who left."""
    known = Subscription.objects.filter(programme=programme, email=normalise_email(email)).exists()
    if not known:
        with translation.override(language):  # the words of the mail, whoever runs the import
            text = consent_text(programme)
        _ask(programme, email, _wishes(language=language, **fields), text=text, source=source)
    return not known


def asked_with(token: str) -> Proof:
    """The request whose mail carries `token`. Error `over`: none, or nobody answered it in time."""
    proof = Proof.objects.filter(secret=fingerprint(token)).select_related("subscription__programme").first()
    if proof is None or proof.ended_at or not proof.confirmed_at and proof.recorded_at < timezone.now() - LINK_LASTS:
        raise NewsletterError("over", _("Each link works once, for thirty days. You can subscribe again."))
    return proof


@transaction.atomic
def confirm(*, token: str, client: str = "") -> Subscription:
    """The button behind the link in the mail. Pressed twice, the same; pressed after leaving, refused (`over`)."""
    subscription = Subscription.objects.select_for_update().get(pk=asked_with(token).subscription_id)
    proof = asked_with(token)  # again, now that nobody else can press
    if proof.confirmed_at is None:
        if subscription.state != State.ACTIVE:
            _activate(subscription, proof.wishes)
        proof.confirmed_at, proof.confirmed_from, proof.wishes = timezone.now(), client, {}
        proof.save(update_fields=["confirmed_at", "confirmed_from", "wishes"])
        feedback.wanted_again(email=subscription.email, said_at=proof.confirmed_at)
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
    wishes = _wishes(language=language, first_name=first_name, last_name=last_name, territory=territory)
    subscription = _locked(programme, email, wishes)
    if subscription.state != State.ACTIVE and not _has_left_since(subscription, consent_at):
        _activate(subscription, wishes)
        subscription.proofs.create(
            text=consent_text,
            source=consent_source[:120],
            asked_at=consent_at,
            way=Proof.Way.ELSEWHERE,
            confirmed_at=subscription.confirmed_at,
        )
    return subscription


def _has_left_since(subscription: Subscription, consent_at: datetime) -> bool:
    return subscription.ended_at is not None and subscription.ended_at >= consent_at


@transaction.atomic
def add_from_registration(*, registration: Registration) -> Subscription | None:
    """Who ticked the newsletter when registering gets it once her registration is confirmed. May run twice.

    At the door nobody opened a link: then the link is mailed now.
    """
    consent = registration.consents.standing().filter(purpose=Consent.Purpose.NEWSLETTER).first()
    if consent is None or registration.state != Registration.State.CONFIRMED or not registration.email:
        return None
    programme = registration.event.programme
    source = f"registration:{registration.pk}"
    about = {
        "language": registration.language,
        "first_name": registration.first_name,
        "last_name": registration.last_name,
        "territory": registration.event.territory,
    }
    if registration.email_confirmed_at:
        feedback.wanted_again(email=registration.email, said_at=consent.at)
        return add_with_proof(
            programme=programme,
            email=registration.email,
            consent_text=consent.text,
            consent_source=source,
            consent_at=consent.at,
            **about,
        )
    if _owed().filter(pk=consent.pk).exists():
        proof = {"text": consent.text, "source": source, "asked_at": consent.at}
        return _ask(programme, registration.email, _wishes(**about), **proof)
    return None


def _owed() -> QuerySet[Consent]:
    """Ticked boxes of confirmed registrations that no subscription answers yet, neither by a yes nor by a later no."""
    answered = Subscription.objects.filter(
        Q(state=State.ACTIVE) | Q(proofs__asked_at=OuterRef("at")) | Q(ended_at__gte=OuterRef("at")),
        programme=OuterRef("registration__event__programme"),
        email=OuterRef("registration__email"),
    )
    return (
        Consent.objects.standing()
        .filter(
            ~Exists(answered),
            purpose=Consent.Purpose.NEWSLETTER,
            at__gte=timezone.now() - LOOK_BACK,
            registration__state=Registration.State.CONFIRMED,
        )
        .exclude(registration__email="")
    )


def add_owed() -> int:
    """Do what a lost message to the worker would have done."""
    consents = _owed().select_related("registration__event__programme", "registration__event__territory")[:AT_ONCE]
    for consent in consents:
        add_from_registration(registration=consent.registration)
    return len(consents)


def end_withdrawn() -> int:
    """Who took the newsletter back on a registration's page leaves, however she had asked for it before that."""
    latest = Proof.objects.standing().filter(subscription=OuterRef("pk")).order_by("-asked_at")
    withdrawn = Consent.objects.withdrawn().filter(
        purpose=Consent.Purpose.NEWSLETTER,
        at__gte=OuterRef("asked_at"),
        registration__event__programme=OuterRef("programme"),
        registration__email=OuterRef("email"),
    )
    subscribed = Subscription.objects.active().annotate(asked_at=Subquery(latest.values("asked_at")[:1]))
    leaving = list(subscribed.filter(Exists(withdrawn))[:AT_ONCE])
    for subscription in leaving:
        unsubscribe(subscription=subscription, by=Proof.End.WITHDRAWN)
    return len(leaving)


@transaction.atomic
def update_preferences(
    *,
    subscription: Subscription,
    first_name: str,
    last_name: str,
    territory: Territory | None,
    language: str,
    topics: Iterable[str],
    organisation_kind: str,
) -> Subscription:
    """What she wants and what she says of herself. No topic is every topic. A newsletter about another topic that is on
    its way stays here, if it has not been handed over yet."""
    kept = Subscription.objects.select_for_update().get(pk=subscription.pk)
    kept.first_name, kept.last_name, kept.territory, kept.language = first_name, last_name, territory, language
    kept.topics = [topic for topic in Topic.values if topic in set(topics)]
    kept.organisation_kind = organisation_kind
    kept.save(update_fields=["first_name", "last_name", "territory", "language", "topics", "organisation_kind"])
    if kept.topics:
        wanted = ["", *kept.topics]
        unwanted = _copies(kept).exclude(message__mailing__newsletter__topic__in=wanted)
        outbox.take_back(unwanted, reason="other_topics")
    subscription.refresh_from_db()
    return subscription


def _copies(subscription: Subscription) -> QuerySet[Delivery]:
    """Hers of this programme's newsletters."""
    return Delivery.objects.filter(
        email=subscription.email, message__mailing__newsletter__programme=subscription.programme_id
    )


@transaction.atomic
def unsubscribe(*, subscription: Subscription, by: str = Proof.End.UNSUBSCRIBED, note: str = "") -> None:
    """At once and for good, for what was only asked too; what is on its way to her and not yet handed over stays here.
    May be repeated."""
    kept, now = Subscription.objects.select_for_update().get(pk=subscription.pk), timezone.now()
    if kept.state != State.ENDED:
        kept.state, kept.ended_at = State.ENDED, now
        kept.save(update_fields=["state", "ended_at"])
    kept.proofs.filter(ended_at=None).update(ended_at=now, ended_by=by, ended_note=note[:250])
    in_doubt = doubts.open_doubts().filter(pk__in=_copies(kept).values("pk"))
    doubts.decide_all(deliveries=in_doubt, again=False, by="", detail="unsubscribed")
    outbox.take_back(_copies(kept), reason="unsubscribed")  # last: also what somebody just decided to send again
    subscription.refresh_from_db()


def unsubscribe_for_her(*, subscription: Subscription, by: User, note: str) -> None:
    """Somebody asked us by telephone or letter. Error `no_note`: without how, the proof would prove nothing."""
    note = one_line(note)
    if not note:
        message = _("Write how she asked: by telephone, by letter, and when.")
        raise NewsletterError("no_note", message, {"note": message})
    unsubscribe(subscription=subscription, by=Proof.End.STAFF, note=f"{note} ({by})")


@transaction.atomic
def ask_again(*, subscription: Subscription, source: str, client: str = "") -> None:
    """From her own page, for who has left: by mail, since whoever was passed a newsletter has that page's link too.
    Error `too_many`."""
    _count(client)
    wishes = _wishes(
        language=subscription.language,
        first_name=subscription.first_name,
        last_name=subscription.last_name,
        territory=subscription.territory,
    )
    proof = {"text": consent_text(subscription.programme), "source": source, "asked_from": client}
    _ask(subscription.programme, subscription.email, wishes, **proof)
