"""What the rooms below may know of the people: how many came to an event, how many wait,
and whether a question was answered."""

from django.db.models import Count

from events.figures import counts_people
from events.models import Event, Question
from events.services.editing import knows_line
from events.services.questioning import knows_answers
from registrations import listing
from registrations.models import Registration


@counts_people
def people_who_came(programme_id: int) -> dict[int, int]:
    came = Registration.objects.filter(event__programme=programme_id, entered_at__isnull=False)
    return dict(came.values_list("event").annotate(Count("pk")).order_by())


@knows_answers
def somebody_answered(question: Question) -> bool:
    return Registration.objects.filter(event=question.event_id, answers__has_key=question.key).exists()


@knows_line
def people_in_line(event: Event, mode: str) -> int:
    return Registration.objects.filter(listing.in_line(), event=event, mode=mode).count()
