"""Which reader a preview is for: found by name, address or province among those who get the newsletter."""

from django.db.models import Q, QuerySet

from newsletters.models import Subscription
from programmes.models import Programme

SHOWN = 8


def find(programme: Programme, words: str) -> QuerySet[Subscription]:
    """A few readers in whom every word is found; nobody without a word."""
    found = Subscription.objects.active().filter(programme=programme).select_related("territory")
    listed = words.split()[:6]
    for word in listed:
        found = found.filter(
            Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email__icontains=word)
            | Q(territory__name__icontains=word)
        )
    return found.order_by("last_name", "first_name", "pk")[:SHOWN] if listed else found.none()
