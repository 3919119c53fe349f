"""A newsletter leaves: started once when it is due, closed when the last copy is gone.

`start` freezes everything in one transaction: the message in each language and one Delivery a candidate, also for those
who get nothing, with the reason. From then on `mail` sends the rows. Any number of workers and beats may call
`dispatch_due` and `finish_sent`, at any time, twice or never: the state of the row decides. Who unsubscribes while it
is sent gets nothing more (`subscriptions.unsubscribe`). When it leaves is `scheduling`, holding it on its way
`steering`, putting a mistake right `correcting`, who is still owed it `remaining`, the numbers are `progress`.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, CharField, Exists, F, JSONField, OuterRef, Q, Value, When
from django.db.models.functions import Cast, Concat, Trim
from django.utils import timezone

from mail.models import Delivery, Message
from mail.services import outbox
from newsletters.models import Newsletter
from newsletters.services import audiences, composing, next_steps, scheduling

log = logging.getLogger(__name__)
State = Newsletter.State


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
    """Freeze a newsletter that is due and let it leave. None when somebody else has, it is not due any more,
    or it is so late that a person is asked first."""
    now = timezone.now()
    newsletter = (
        Newsletter.objects.select_for_update(of=("self",))
        .select_related("programme")
        .filter(pk=pk, state=State.SCHEDULED, send_at__lte=now)
        .first()
    )
    if newsletter is None:
        return None
    ask_after = timedelta(hours=newsletter.programme.newsletters_ask_after_hours)
    if scheduling.fate(send_at=newsletter.send_at, now=now, ask_after=ask_after) != scheduling.Fate.LEAVE:
        return None
    newsletter.mailing, _is_new = outbox.open_mailing(key=f"newsletter:{pk}")
    _freeze(newsletter)
    newsletter.state, newsletter.sent_at = State.SENDING, now
    newsletter.candidates = Delivery.objects.filter(message__mailing=newsletter.mailing).count()
    newsletter.save(update_fields=["mailing", "state", "sent_at", "candidates"])
    return newsletter


def _freeze(newsletter: Newsletter) -> None:
    """Locks the candidates, so that who unsubscribes in this moment waits, and then finds her delivery to take back.

    One statement, so that a hundred thousand take seconds and none of them is held in memory.
    """
    messages = {language: add_message(newsletter, language).pk for language in composing.LANGUAGES}
    everybody = audiences.candidates(newsletter.programme, audiences.Audience.of(newsletter))
    gets_it = Q(left_out="")
    outbox.owe_each(
        everybody.order_by("pk"),
        key=Concat(Value(f"newsletter:{newsletter.pk}:"), Cast("pk", CharField())),
        message=Case(
            *(When(language=language, then=Value(pk)) for language, pk in messages.items()),
            default=Value(messages[settings.LANGUAGE_CODE]),
        ),
        email=F("email"),
        name=Trim(Concat("first_name", Value(" "), "last_name")),
        personal=Case(When(gets_it, then=composing.known_of_each()), default=Value({}, JSONField())),
        priority=Value(Delivery.Priority.BULK),
        state=Case(When(gets_it, then=Value(Delivery.State.PENDING)), default=Value(Delivery.State.EXCLUDED)),
        reason=F("left_out"),
    )
    next_steps.write(newsletter)


def add_message(newsletter: Newsletter, language: str) -> Message:
    """The newsletter as it stands, in one language: at the start, and again when it is corrected on its way."""
    composed = composing.compose(newsletter, language)
    return outbox.add_message(
        mailing=newsletter.mailing,
        kind="newsletters.newsletter",
        language=language,
        subject=composed.subject,
        text=composed.text,
        html=composed.html,
        headers=composed.headers,
        places=composed.places,
        attachments=composed.attachments,
        reply_to=newsletter.programme.contact_email,
    )


def reopen_owed() -> int:
    """One that was sent is on its way again while a copy is, such as one in doubt that somebody sends again."""
    return Newsletter.objects.filter(_still_open(), state=State.SENT).update(state=State.SENDING)


def finish_sent() -> int:
    """Mark as sent every newsletter of which nothing is open any more."""
    return Newsletter.objects.filter(~_still_open(), state=State.SENDING).update(state=State.SENT)


def _still_open() -> Exists:
    return Exists(Delivery.objects.filter(message__mailing=OuterRef("mailing"), is_open=True))
