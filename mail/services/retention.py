"""What is kept no longer of mails that left long ago, as the privacy notice says. Run by the timetable; may repeat.

After a month a newsletter's copies lose their readers' names and personal links; after six months every mail loses the
address, the words written to one person, and what her server said, then or later. The rows stay: their keys keep the
same thing from being told twice and say to which registration or subscription it was, their states and times prove
what was sent. What was noted of a domain that once said "later" goes after a week of silence: what is looked at before
each claim stays small.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from mail.models import Delivery, Feedback, Message, Route

KEPT_FOR = timedelta(days=180)
NAMES_IN_NEWSLETTERS = timedelta(days=30)
TROUBLES = timedelta(days=7)
SETTLED = [Delivery.State.SENT, Delivery.State.FAILED, Delivery.State.UNCERTAIN, Delivery.State.EXCLUDED]


@transaction.atomic
def forget() -> None:
    now, settled = timezone.now(), Delivery.objects.filter(state__in=SETTLED)
    copies = settled.filter(message__mailing__isnull=False, created_at__lt=now - NAMES_IN_NEWSLETTERS)
    copies.exclude(name="", personal={}).update(name="", personal={})
    old = settled.filter(created_at__lt=now - KEPT_FOR).exclude(email="")
    _empty(old)
    came_back = Feedback.objects.filter(received_at__lt=now - KEPT_FOR).exclude(email="")
    came_back.update(email="", detail="")
    quiet = Route.objects.filter(per_minute=None, counted_at__lt=now - TROUBLES).exclude(domain="")
    quiet.exclude(held_until__gt=now - TROUBLES).delete()


@transaction.atomic
def erase(deliveries: QuerySet[Delivery]) -> None:
    """The same at once for mails of somebody who asked for it, those that are settled. May repeat."""
    hers = list(deliveries.filter(state__in=SETTLED).exclude(email="").values_list("pk", flat=True))
    if hers:
        Feedback.objects.filter(delivery__in=hers).update(email="", detail="")
        _empty(Delivery.objects.filter(pk__in=hers))


def _empty(deliveries: QuerySet[Delivery]) -> None:
    """Whom it was for and what it said; the words of a mailing, which are nobody's own, stay."""
    to_one_person = Message.objects.filter(mailing=None, pk__in=deliveries.values("message"))
    to_one_person.update(subject="", text="", html="", attachments=[], headers={})
    deliveries.exclude(state=Delivery.State.EXCLUDED).exclude(reason="").update(reason="")
    deliveries.update(email="", name="", personal={}, reply="")
