"""Who is still owed a newsletter that is over: "send to exactly those who did not get it".

These are the people left out because it was stopped and, if somebody says so, those whose server refused. Never who has
it, never who is or was in doubt (a person decides about each, on the page of doubts), never who has unsubscribed or may
not be written to since. Their deliveries are taken up again, under the same Message-ID and with the newest text.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mail.models import Delivery, Mailing, Message, Suppression
from mail.services import doubts, outbox
from newsletters.models import Newsletter, Subscription
from newsletters.services import NewsletterError, approving, audiences
from newsletters.services.correcting import earlier_copies

State = Newsletter.State
STOPPED = "cancelled"
FORGOTTEN = "forgotten"
REASONS: dict[str, Promise | str] = audiences.REASONS | {
    FORGOTTEN: gettext_lazy("so long ago that their names are no longer kept")
}


@dataclass(frozen=True)
class Remaining:
    """How many could still get it, and who did not get it and will not, by reason."""

    stopped: int
    refused: int
    left_out: dict[str, int]
    uncertain: int

    @property
    def both(self) -> int:
        return self.stopped + self.refused

    @property
    def reasons(self) -> list[tuple[int, str | Promise]]:
        return [(number, REASONS.get(reason, reason)) for reason, number in self.left_out.items()]


def of(newsletter: Newsletter) -> Remaining:
    """Counted now, in two queries."""
    rows = _without_it(newsletter).order_by().values_list("state", "why").annotate(number=Count("pk")).order_by("why")
    numbers, left_out = {Delivery.State.EXCLUDED: 0, Delivery.State.FAILED: 0}, {}
    for state, why, number in rows:
        if why:
            left_out[why] = left_out.get(why, 0) + number
        else:
            numbers[state] = number
    uncertain = Delivery.objects.filter(message__mailing=newsletter.mailing_id, state=Delivery.State.UNCERTAIN).count()
    return Remaining(numbers[Delivery.State.EXCLUDED], numbers[Delivery.State.FAILED], left_out, uncertain)


@transaction.atomic
def send(*, newsletter: Newsletter, with_refused: bool = False) -> int:
    """Take up the deliveries of who is still owed it; returns how many. Errors `not_over`, `needs_approval`,
    `nobody_left`."""
    kept = Newsletter.objects.locked(newsletter.pk)
    if kept.state not in (State.SENT, State.CANCELLED) or kept.mailing is None:
        raise NewsletterError("not_over", _("It is not over yet: wait, or stop it first."))
    approving.must_be_approved(kept)
    _lock_readers(kept)
    _keep_reasons(kept)
    owed = _without_it(kept).filter(why="")
    if not with_refused:
        owed = owed.exclude(state=Delivery.State.FAILED)
    number = sum(_take_up(message, owed) for message in _newest(kept))
    if not number:
        raise NewsletterError("nobody_left", _("There is nobody left to send it to."))
    Mailing.objects.filter(pk=kept.mailing_id).update(state=Mailing.State.RUNNING)
    Newsletter.objects.filter(pk=kept.pk).update(state=State.SENDING, changed_at=timezone.now())
    newsletter.refresh_from_db()
    outbox.wake()
    return number


def _without_it(newsletter: Newsletter) -> QuerySet[Delivery]:
    """Stopped or refused copies, each with `why` it stays so, empty for who may get it."""
    active = Subscription.objects.active().filter(programme=newsletter.programme_id, email=OuterRef("email"))
    return Delivery.objects.filter(
        ~doubts.sent_again(),
        Q(state=Delivery.State.EXCLUDED, reason=STOPPED) | Q(state=Delivery.State.FAILED),
        message__mailing=newsletter.mailing_id,
    ).annotate(
        why=Case(
            When(email="", then=Value(FORGOTTEN)),
            When(Exists(Suppression.objects.filter(email=OuterRef("email"))), then=Value("suppressed")),
            When(~Exists(active), then=Value("unsubscribed")),
            When(personal={}, then=Value(FORGOTTEN)),
            default=Value(""),
        )
    )


def _lock_readers(newsletter: Newsletter) -> None:
    """Who unsubscribes in this moment waits, and then finds her delivery to take back."""
    emails = Delivery.objects.filter(
        message__mailing=newsletter.mailing_id, state__in=[Delivery.State.EXCLUDED, Delivery.State.FAILED]
    ).values("email")
    readers = Subscription.objects.filter(programme=newsletter.programme_id, email__in=emails)
    list(readers.select_for_update().order_by("pk").values_list("pk", flat=True))


def _keep_reasons(newsletter: Newsletter) -> None:
    """Who was left out because it was stopped, and has unsubscribed since, is left out for that."""
    for why in ("unsubscribed", "suppressed"):
        changed = _without_it(newsletter).filter(state=Delivery.State.EXCLUDED, why=why)
        Delivery.objects.filter(pk__in=changed.values("pk")).update(reason=why)


def _newest(newsletter: Newsletter) -> list[Message]:
    """The last message of each language."""
    return list({one.language: one for one in newsletter.mailing.messages.order_by("pk")}.values())


def _take_up(message: Message, owed: QuerySet[Delivery]) -> int:
    copies = earlier_copies(message, Delivery.State.EXCLUDED, Delivery.State.FAILED)
    return copies.filter(pk__in=owed.values("pk")).update(
        message=message,
        state=Delivery.State.PENDING,
        reason="",
        reply="",
        attempts=0,
        not_before=timezone.now(),
        handed_at=None,
        leased_by="",
        leased_until=None,
    )
