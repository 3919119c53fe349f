"""A newsletter on its way: started once, counted honestly, paused, resumed, stopped.

`start` freezes everything in one transaction: the message in each language and one Delivery a candidate, also for those
who get nothing, with the reason. From then on `mail` sends the rows, and the numbers shown are counts of those rows.
Any number of workers and beats may call `dispatch_due` and `finish_sent`, at any time, twice or never: the state of the
row decides. Who unsubscribes while it is sent gets nothing more (`subscriptions.unsubscribe`).
"""

import logging
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mail.models import Delivery, Mailing, Message
from mail.services import outbox
from newsletters.models import Newsletter, Subscription
from newsletters.services import NewsletterError, audiences, composing, scheduling

log = logging.getLogger(__name__)
State = Newsletter.State
AT_ONCE = 1000
SHOWN = 200
OPEN = [Delivery.State.PENDING, Delivery.State.LEASED, Delivery.State.SENDING]
"""Deliveries of which we do not know yet how they end."""
NOT_SENDING = {
    State.DRAFT: _("“%(subject)s” is a draft: schedule it or send it first."),
    State.CHECKED: _("“%(subject)s” is not scheduled yet: schedule it or send it first."),
    State.APPROVED: _("“%(subject)s” is not scheduled yet: schedule it or send it first."),
    State.SCHEDULED: _("“%(subject)s” has not left yet. To hold it back, cancel it: it becomes a draft again."),
    State.SENT: _("“%(subject)s” has been sent already: nothing is left to stop."),
    State.CANCELLED: _("“%(subject)s” was stopped for good: nothing more leaves."),
}


def dispatch_due() -> list[Newsletter]:
    """Start every scheduled newsletter whose time has come, each in its own transaction.

    One that cannot be started stays scheduled and is tried again; the others do not wait for it.
    """
    due = Newsletter.objects.filter(state=State.SCHEDULED, send_at__lte=timezone.now()).values_list("pk", flat=True)
    started = []
    for pk in list(due):
        try:
            started.append(start(pk))
        except Exception:
            log.exception("newsletter %s cannot be started", pk)
    return [newsletter for newsletter in started if newsletter]


@transaction.atomic
def start(pk: int) -> Newsletter | None:
    """Freeze a newsletter that is due and let it leave. None when somebody else has, or it is not due any more."""
    now = timezone.now()
    newsletter = (
        Newsletter.objects.select_for_update(of=("self",))
        .select_related("programme")
        .filter(pk=pk, state=State.SCHEDULED, send_at__lte=now)
        .first()
    )
    if newsletter is None:
        return None
    newsletter.mailing, _is_new = outbox.open_mailing(key=f"newsletter:{pk}")
    _freeze(newsletter)
    newsletter.state, newsletter.sent_at = State.SENDING, now
    newsletter.save(update_fields=["mailing", "state", "sent_at"])
    return newsletter


def _freeze(newsletter: Newsletter) -> None:
    """Locks the candidates, so that who unsubscribes in this moment waits, and then finds her delivery to take back."""
    messages = {language: _message(newsletter, language) for language in composing.LANGUAGES}
    everybody = (
        audiences.candidates(newsletter.programme, audiences.Audience.of(newsletter))
        .select_for_update(of=("self",))
        .select_related("territory")
        .order_by("pk")
        .iterator(chunk_size=AT_ONCE)
    )
    while some := list(islice(everybody, AT_ONCE)):
        outbox.owe_all(
            _delivery(newsletter, subscription, *messages.get(subscription.language, messages[settings.LANGUAGE_CODE]))
            for subscription in some
        )


def _message(newsletter: Newsletter, language: str) -> tuple[Message, composing.Composed]:
    composed = composing.compose(newsletter, language)
    message = outbox.add_message(
        mailing=newsletter.mailing,
        kind="newsletters.newsletter",
        language=language,
        subject=composed.subject,
        text=composed.text,
        html=composed.html,
        headers=composed.headers,
        reply_to=newsletter.programme.contact_email,
    )
    return message, composed


def _delivery(
    newsletter: Newsletter, subscription: Subscription, message: Message, composed: composing.Composed
) -> Delivery:
    left_out = subscription.left_out
    return Delivery(
        key=f"newsletter:{newsletter.pk}:{subscription.pk}",
        message=message,
        email=subscription.email,
        name=subscription.name,
        personal={} if left_out else composed.personal(subscription),
        priority=Delivery.Priority.BULK,
        state=Delivery.State.EXCLUDED if left_out else Delivery.State.PENDING,
        reason=left_out,
    )


def finish_sent() -> int:
    """Mark as sent every newsletter of which nothing is open any more."""
    still_open = Delivery.objects.filter(message__mailing=OuterRef("mailing"), state__in=OPEN)
    return Newsletter.objects.filter(~Exists(still_open), state=State.SENDING).update(state=State.SENT)


def pause(*, newsletter: Newsletter) -> None:
    """Nothing more leaves until `resume`; a message being handed over in this moment still does."""
    _steer(newsletter, Mailing.State.PAUSED)


def resume(*, newsletter: Newsletter) -> None:
    _steer(newsletter, Mailing.State.RUNNING)


@transaction.atomic
def cancel(*, newsletter: Newsletter) -> None:
    """Stop for good. Who has not got it yet is left out, with that reason. One only scheduled is a draft again."""
    if _locked(newsletter).state == State.SCHEDULED:
        scheduling.unschedule(newsletter=newsletter)
        return
    _steer(newsletter, Mailing.State.CANCELLED)
    Delivery.objects.filter(
        message__mailing=newsletter.mailing, state__in=[Delivery.State.PENDING, Delivery.State.LEASED]
    ).update(state=Delivery.State.EXCLUDED, reason="cancelled")
    Newsletter.objects.filter(pk=newsletter.pk, state=State.SENDING).update(state=State.CANCELLED)
    newsletter.refresh_from_db()


@transaction.atomic
def _steer(newsletter: Newsletter, state: str) -> None:
    kept = _locked(newsletter)
    if kept.state != State.SENDING:
        raise NewsletterError("not_sending", NOT_SENDING[kept.state] % {"subject": kept.subject})
    outbox.set_mailing_state(kept.mailing, state)
    newsletter.refresh_from_db()


def _locked(newsletter: Newsletter) -> Newsletter:
    """As it stands now: one that is being frozen in this moment is waited for."""
    return Newsletter.objects.select_for_update(of=("self",)).select_related("mailing").get(pk=newsletter.pk)


@dataclass(frozen=True)
class Progress:
    """How far it is, counted from the deliveries."""

    by_state: Counter
    left_out: dict[str, int]

    @property
    def candidates(self) -> int:
        return self.by_state.total()

    @property
    def left_out_total(self) -> int:
        return self.by_state[Delivery.State.EXCLUDED]

    @property
    def recipients(self) -> int:
        return self.candidates - self.left_out_total

    @property
    def sent(self) -> int:
        return self.by_state[Delivery.State.SENT]

    @property
    def failed(self) -> int:
        return self.by_state[Delivery.State.FAILED]

    @property
    def uncertain(self) -> int:
        return self.by_state[Delivery.State.UNCERTAIN]

    @property
    def still_open(self) -> int:
        return sum(self.by_state[state] for state in OPEN)

    @property
    def per_cent(self) -> int:
        """Share of the recipients about whom all is known."""
        return 100 if not self.recipients else (self.recipients - self.still_open) * 100 // self.recipients

    @property
    def reasons(self) -> list[tuple[int, str | Promise]]:
        return [(number, audiences.REASONS.get(reason, reason)) for reason, number in self.left_out.items()]


def progress(newsletter: Newsletter) -> Progress:
    """In one query."""
    rows = (
        Delivery.objects.filter(message__mailing=newsletter.mailing_id)
        .values_list("state", "reason")
        .annotate(number=Count("pk"))
        .order_by("state", "reason")
    )
    by_state, left_out = Counter(), {}
    for state, reason, number in rows:
        by_state[state] += number
        if state == Delivery.State.EXCLUDED:
            left_out[reason] = number
    return Progress(by_state, left_out)


def troubled(newsletter: Newsletter) -> QuerySet[Delivery]:
    """Who did not get it although she should have: refused, or in doubt."""
    return Delivery.objects.filter(
        message__mailing=newsletter.mailing_id, state__in=[Delivery.State.FAILED, Delivery.State.UNCERTAIN]
    ).order_by("state", "email")[:SHOWN]
