"""Who reports us as unwanted has said no: her subscription ends, as if she had unsubscribed, with that as the reason.

Heard from `mail` after each complaint, and found again by the timetable when that was lost. A yes that she gave after
the complaint stands; so does a newer request that she has not confirmed yet.
"""

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When

from mail.models import Feedback
from newsletters.models import Proof, Subscription
from newsletters.services import subscriptions

AT_ONCE = 500


@transaction.atomic
def end_complained() -> int:
    """At most `AT_ONCE` in one go; returns how many. May run twice."""
    leaving = list(_complained()[:AT_ONCE])
    for subscription in leaving:
        subscriptions.unsubscribe(subscription=subscription, by=Proof.End.COMPLAINED)
    return len(leaving)


def _complained() -> QuerySet[Subscription]:
    """Whose last word was the complaint. What she confirmed by mail she said when she pressed the button."""
    said_at = Case(When(way=Proof.Way.MAIL, confirmed_at__isnull=False, then=F("confirmed_at")), default=F("asked_at"))
    is_what_counts = Q(confirmed_at__isnull=False) | Q(subscription__state=Subscription.State.PENDING)
    words = (
        Proof.objects.filter(is_what_counts, subscription=OuterRef("pk"), ended_at=None)
        .annotate(said_at=said_at)
        .order_by("-said_at")
    )
    complaints = Feedback.objects.filter(
        kind=Feedback.Kind.COMPLAINT, email=OuterRef("email"), received_at__gte=OuterRef("said_at")
    )
    subscribed = Subscription.objects.exclude(state=Subscription.State.ENDED)
    return subscribed.annotate(said_at=Subquery(words.values("said_at")[:1])).filter(Exists(complaints)).order_by("pk")
