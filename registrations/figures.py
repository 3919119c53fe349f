"""How many people came to each event, for the public pages: only the number leaves this room."""

from django.db.models import Count

from events.figures import counts_people
from registrations.models import Registration


@counts_people
def people_who_came(programme_id: int) -> dict[int, int]:
    came = Registration.objects.filter(event__programme=programme_id, entered_at__isnull=False)
    return dict(came.values_list("event").annotate(Count("pk")).order_by())
