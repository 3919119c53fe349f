"""What came back, and what follows: who is written to no more, what is no longer in doubt, what the figures say.

Every notice is one row, kept once for each delivery and kind, however often and by whichever way it comes. In the same
transaction follows what it means. An address that is no good, or that reported us, is suppressed at once, and
newsletters on their way to it stay here; one that could not be reached again and again is suppressed by a rule. A
delivery in doubt is settled, as a server that answers about a message has had it. A delivery that bounced stays `sent`:
the relay took it, and what came back is counted beside it. Whether a notice is genuine is for the callers to know
(`returns` for what comes by mail, the webhook's secret); refusals while sending come from `sending`.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, Min, OuterRef
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.addresses import normalise_email
from core.tokens import fingerprint, link_token
from mail import bounces
from mail.models import Delivery, Feedback, Suppression
from mail.services import MailError, outbox
from mail.signals import address_suppressed

Kind, Source, State = Feedback.Kind, Feedback.Source, Delivery.State
CAME_BACK = [Kind.HARD, Kind.SOFT, Kind.BLOCKED]
NOT_REACHED = 3
"""Soft bounces of so many different messages…"""
NOT_REACHED_FOR = timedelta(days=7)
"""…with so much time between the first and the last, and none that arrived since, suppress an address."""
SILENCE_IS_ARRIVAL = timedelta(days=5)
"""Servers give up trying after four to five days (RFC 5321 section 4.5.4.1): what is not back by then has arrived."""


@transaction.atomic
def record(*, delivery: Delivery, kind: str, source: str, status: str = "", detail: str = "") -> bool:
    """Keep a genuine notice about `delivery` and do what follows from it. False when it is known already."""
    if source != Source.RELAY:
        settle(delivery=delivery)
    _row, is_new = Feedback.objects.get_or_create(
        digest=fingerprint(f"{delivery.mail_id} {kind}"),
        defaults={
            "delivery": delivery,
            "email": delivery.email,
            "kind": kind,
            "source": source,
            "status": status[:12],
            "detail": detail[:250],
        },
    )
    if is_new and delivery.email:
        if kind == Kind.COMPLAINT:
            _suppress(delivery.email, Suppression.Reason.COMPLAINED)
        elif kind == Kind.HARD or kind == Kind.SOFT and _is_never_reached(delivery.email):
            _suppress(delivery.email, Suppression.Reason.BOUNCED)
    return is_new


def refused(*, delivery: Delivery, reply: str) -> bool:
    """The relay said no for good while sending (5xx). Only what its answer says about the address counts against it."""
    status = bounces.status_in(reply)
    kind = bounces.kind_of(status)
    if not status and not reply.startswith(("550", "551", "552", "553")):
        kind = Kind.BLOCKED  # RFC 5321 section 4.2.2: only those four are about a mailbox
    return record(delivery=delivery, kind=kind, source=Source.RELAY, status=status, detail=reply)


def settle(*, delivery: Delivery) -> None:
    """A server has answered about this message, so it was handed over: it is not in doubt and goes no second time."""
    now = timezone.now()
    Delivery.objects.filter(pk=delivery.pk, state__in=[State.UNCERTAIN, State.PENDING]).exclude(handed_at=None).update(
        state=State.SENT, sent_at=F("handed_at"), reason="", leased_by="", leased_until=None
    )
    Delivery.objects.filter(pk=delivery.pk, state=State.UNCERTAIN).update(state=State.SENT, sent_at=now, reason="")


def settle_known() -> int:
    """Settle what fell into doubt after something about it had come back. May run twice."""
    told = Feedback.objects.filter(delivery=OuterRef("pk"), source__in=[Source.MAILBOX, Source.WEBHOOK])
    known = list(Delivery.objects.filter(Exists(told), is_in_doubt=True))
    for delivery in known:
        settle(delivery=delivery)
    return len(known)


def _is_never_reached(email: str) -> bool:
    """The rule for soft bounces: several messages over some days, nothing that arrived in between."""
    back = Feedback.objects.filter(email=email, kind=Kind.SOFT).annotate(
        at=Coalesce("delivery__sent_at", "received_at")
    )
    if since := _last_reached(email):
        back = back.filter(at__gt=since)
    run = back.aggregate(number=Count("delivery", distinct=True), first=Min("received_at"))
    return run["number"] >= NOT_REACHED and timezone.now() - run["first"] >= NOT_REACHED_FOR


def _last_reached(email: str):
    came_back = Feedback.objects.filter(delivery=OuterRef("pk"), kind__in=CAME_BACK)
    silent = Delivery.objects.filter(
        ~Exists(came_back), email=email, state=State.SENT, sent_at__lt=timezone.now() - SILENCE_IS_ARRIVAL
    )
    told = Feedback.objects.filter(email=email, kind__in=[Kind.ARRIVED, Kind.FREED])
    moments = [
        silent.order_by("-sent_at").values_list("sent_at", flat=True).first(),
        told.order_by("-received_at").values_list("received_at", flat=True).first(),
    ]
    return max((moment for moment in moments if moment), default=None)


def _suppress(email: str, reason: str) -> None:
    """At once, for what is on its way too. A complaint weighs more than a bounce, her own wish more than both."""
    kept, is_new = Suppression.objects.get_or_create(email=email, defaults={"reason": reason})
    if kept.reason == Suppression.Reason.BOUNCED != reason:
        kept.reason, kept.created_at, is_new = reason, timezone.now(), True
        kept.save(update_fields=["reason", "created_at"])
    outbox.take_back(Delivery.objects.filter(email=email, message__mailing__isnull=False), reason="suppressed")
    if is_new:
        transaction.on_commit(lambda: address_suppressed.send(Suppression, email=email, reason=reason))


@transaction.atomic
def free(*, email: str, by: Any, reason: str) -> None:
    """A person, with her reason, lets an address that bounced be written to again. Errors `not_suppressed`, `reason`,
    `own_word`: who complained or asked for silence comes back by subscribing herself, not by our word."""
    kept = Suppression.objects.select_for_update().filter(email=normalise_email(email)).first()
    if kept is None:
        raise MailError("not_suppressed", _("This address may be written to already."))
    if kept.reason != Suppression.Reason.BOUNCED:
        raise MailError("own_word", _("Only this person can take that back, by subscribing again."))
    if not reason.strip():
        sentence = _("Say why: it stays in the history.")
        raise MailError("reason", sentence, {"reason": sentence})
    _free(kept, by=str(by), detail=reason)


@transaction.atomic
def wanted_again(*, email: str, said_at: datetime) -> None:
    """She said at `said_at` that she wants to be written to, and pressed the button in a mail of ours: mail reaches
    her and is welcome. What spoke against it before is over."""
    found = Suppression.objects.select_for_update().filter(email=normalise_email(email), created_at__lt=said_at)
    if kept := found.first():
        _free(kept, by="", detail="")


def _free(kept: Suppression, *, by: str, detail: str) -> None:
    Feedback.objects.create(
        email=kept.email, kind=Kind.FREED, source=Source.PERSON, by=by[:150], detail=detail.strip()[:250],
        digest=fingerprint(link_token()),
    )  # fmt: skip
    kept.delete()
