"""What the staff may want to know of readers: how many there are, and all that is kept about one of them.

The file on one reader is what a complaint to the privacy authority (or her own request, GDPR article 15) is answered
with: each time it was asked, with the words shown, the place, the time, how it was confirmed and how it ended; what was
sent to her and what came back.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mail.composing import BODIES
from mail.models import Delivery, Feedback, Suppression
from mail.pages import subject_of
from newsletters.kinds import OrganisationKind, Topic
from newsletters.models import Newsletter, Proof, Subscription
from newsletters.services import audiences
from programmes.models import Programme

FOUND = 50
NEWEST = 100
Rows = list[tuple[str | Promise, int]]


@dataclass(frozen=True)
class Numbers:
    """How many are in which state; of those who get the newsletter, the same people counted four ways."""

    reach: audiences.Reach
    tables: list[tuple[str, Rows]]


def numbers(programme: Programme) -> Numbers:
    """In five queries, however many readers there are."""
    active = programme.subscriptions.active().order_by()

    def by(field: str) -> dict[Any, int]:
        return dict(active.values_list(field).annotate(number=Count("pk")).values_list(field, "number"))

    provinces, languages, kinds = by("territory__name"), by("language"), by("organisation_kind")
    ticked = active.alias(ticked=Cast("topics", TextField()))
    topics = ticked.aggregate(
        all=Count("pk", filter=Q(topics=[])),
        **{topic: Count("pk", filter=Q(ticked__contains=f'"{topic}"')) for topic in Topic.values},
    )
    no_province, nothing_said = provinces.pop(None, 0), kinds.pop("", 0)
    return Numbers(
        audiences.reach(programme, audiences.Audience()),
        [
            (_("By province"), [(_("No province chosen"), no_province), *sorted(provinces.items())]),
            (_("By topic; one may tick several"), [(_("Everything"), topics["all"]), *_named(Topic.choices, topics)]),
            (_("By language"), _named(settings.LANGUAGES, languages)),
            (_("By where they work"), [(_("Not said"), nothing_said), *_named(OrganisationKind.choices, kinds)]),
        ],
    )


def _named(choices: list[tuple[str, Any]], counted: dict[str, int]) -> Rows:
    return [(label, counted.get(value, 0)) for value, label in choices]


KINDS = {
    "newsletters.confirm": gettext_lazy("Mail that asks to confirm the subscription"),
    "newsletters.already": gettext_lazy("Mail that says: you are subscribed already"),
}
PLACES = {
    "site:subscribe": gettext_lazy("page to subscribe"),
    "site:home": gettext_lazy("front page of the site"),
    "site:newsletter": gettext_lazy("page of the newsletters"),
    "site:preferences": gettext_lazy("page of her preferences"),
}


def place_in_words(source: str) -> str | Promise:
    """Where the words were shown."""
    if source.startswith("import:"):
        return _("list “%(name)s”") % {"name": source.removeprefix("import:")}
    if source.startswith("registration"):
        return _("registration for an event")
    return PLACES.get(source, source)


@dataclass(frozen=True)
class Sent:
    """One mail to her, its newsletter or else what kind it is, and why she was left out."""

    delivery: Delivery

    @property
    def newsletter(self) -> Newsletter | None:
        mailing = self.delivery.message.mailing
        return mailing.newsletter if mailing else None

    @property
    def kind(self) -> str | Promise:
        return KINDS.get(self.delivery.message.kind, "")

    @property
    def subject(self) -> str:
        return subject_of(self.delivery)

    @property
    def at(self) -> datetime:
        return self.delivery.sent_at or self.delivery.created_at

    @property
    def reason(self) -> str | Promise:
        is_left_out = self.delivery.state == Delivery.State.EXCLUDED
        return audiences.REASONS.get(self.delivery.reason, self.delivery.reason) if is_left_out else ""


@dataclass(frozen=True)
class Dossier:
    """All that is kept about one reader."""

    subscription: Subscription
    suppression: Suppression | None
    proofs: list
    deliveries: list[Delivery]
    feedback: list[Feedback]

    @property
    def mails(self) -> list[Sent]:
        return [Sent(delivery) for delivery in self.deliveries]

    @property
    def times_asked(self) -> list[tuple[Proof, str | Promise]]:
        return [(proof, place_in_words(proof.source)) for proof in self.proofs]

    @property
    def language(self) -> str | Promise:
        return dict(settings.LANGUAGES).get(self.subscription.language, self.subscription.language)

    @property
    def topics(self) -> list[str | Promise]:
        return [dict(Topic.choices).get(topic, topic) for topic in self.subscription.topics]


def dossier(subscription: Subscription) -> Dossier:
    """In four queries; of what was sent and what came back the newest hundred."""
    of_this_programme = Q(message__mailing__newsletter__programme=subscription.programme_id)
    sent = Delivery.objects.filter(
        of_this_programme | Q(message__mailing=None, message__kind__in=list(KINDS)), email=subscription.email
    )
    return Dossier(
        subscription,
        Suppression.objects.filter(email=subscription.email).first(),
        list(subscription.proofs.order_by("-pk")),
        list(sent.select_related("message__mailing__newsletter").defer(*BODIES).order_by("-pk")[:NEWEST]),
        list(Feedback.objects.filter(email=subscription.email)[:NEWEST]),
    )


def as_json(found: Dossier) -> dict[str, Any]:
    """The same for a machine, with field names that do not change with the language."""
    one = found.subscription
    return {
        "exported_at": timezone.now().isoformat(),
        "programme": str(one.programme),
        "email": one.email,
        "state": one.state,
        "confirmed_at": _time(one.confirmed_at),
        "ended_at": _time(one.ended_at),
        "first_name": one.first_name,
        "last_name": one.last_name,
        "province": one.territory.name if one.territory else "",
        "language": one.language,
        "topics": one.topics,
        "organisation_kind": one.organisation_kind,
        "suppressed": {"reason": found.suppression.reason, "since": _time(found.suppression.created_at)}
        if found.suppression
        else None,
        "proofs": [
            {
                "text_shown": proof.text,
                "shown_at_place": proof.source,
                "asked_at": _time(proof.asked_at),
                "recorded_at": _time(proof.recorded_at),
                "way": proof.way,
                "confirmed_at": _time(proof.confirmed_at),
                "network_asked": proof.asked_from,
                "network_confirmed": proof.confirmed_from,
                "ended_at": _time(proof.ended_at),
                "ended_by": proof.ended_by,
                "ended_note": proof.ended_note,
            }
            for proof in found.proofs
        ],
        "newsletters": [
            {
                "subject": subject_of(delivery),
                "state": delivery.state,
                "reason": delivery.reason,
                "sent_at": _time(delivery.sent_at),
                "message_id": delivery.mail_id,
            }
            for delivery in found.deliveries
            if delivery.message.mailing_id
        ],
        "came_back": [
            {
                "kind": back.kind,
                "source": back.source,
                "status": back.status,
                "detail": back.detail,
                "received_at": _time(back.received_at),
            }
            for back in found.feedback
        ],
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
