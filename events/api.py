"""Events for other people's programs: the list and one event, as anybody may see them. No personal data.

`left` counts a place as taken while somebody holds it to confirm, and while it is owed to the waiting list.
"""

from datetime import datetime
from typing import Annotated, Literal

from django.conf import settings
from django.db.models import Prefetch
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import FilterSchema, Query, Router, Schema
from ninja.pagination import LimitOffsetPagination, paginate
from pydantic import Field

from core.answers import refusals
from events import audience, kinds
from events.filters import narrow
from events.models import Event, EventQuerySet, Question, Session

router = Router(tags=["events"])
Slug = Annotated[str, Field(max_length=60, pattern=r"^[-a-zA-Z0-9_]+$")]
State = Literal["planned", "running", "over", "cancelled"]
ModeName = Literal["in_person", "online"]


class Places(Schema):
    capacity: int
    left: int


class EventOut(Schema):
    slug: str
    title: str
    kind: str
    province: str | None
    province_name: str | None
    town: str | None
    starts_at: datetime
    ends_at: datetime
    is_date_assumed: bool
    state: State
    registration: Literal["not_yet", "open", "full", "closed"]
    registration_opens_at: datetime
    registration_closes_at: datetime
    access: Literal["open", "invitation", "audience"] = Field(description="Who may register.")
    needs_approval: bool = Field(description="Do the staff approve each registration?")
    places: dict[ModeName, Places]
    total: Places | None = Field(description="Where all modes share one total; its places count for each of them.")
    url: str
    calendar_url: str

    @staticmethod
    def resolve_title(event: Event) -> str:
        return str(event.title)

    @staticmethod
    def resolve_province(event: Event) -> str | None:
        return event.territory.slug if event.territory else None

    @staticmethod
    def resolve_province_name(event: Event) -> str | None:
        return event.territory.name if event.territory else None

    @staticmethod
    def resolve_town(event: Event) -> str | None:
        return event.venue.town if event.venue else None

    @staticmethod
    def resolve_total(event: Event) -> dict[str, int] | None:
        if event.total_capacity is None:
            return None
        return {"capacity": event.total_capacity, "left": event.total_left}

    @staticmethod
    def resolve_registration(event: Event) -> str:
        return event.registration_state.value

    @staticmethod
    def resolve_url(event: Event) -> str:
        return settings.SITE_URL + event.get_absolute_url()

    @staticmethod
    def resolve_calendar_url(event: Event) -> str:
        return settings.SITE_URL + reverse("events:event-calendar", args=[event.slug])


class SessionOut(Schema):
    starts_at: datetime
    minutes: int
    title: str
    description: str
    speakers: list[str]

    @staticmethod
    def resolve_title(session: Session) -> str:
        return str(session.title)

    @staticmethod
    def resolve_description(session: Session) -> str:
        return str(session.description or "")

    @staticmethod
    def resolve_speakers(session: Session) -> list[str]:
        return [speaker.name for speaker in session.speakers.all()]


class VenueOut(Schema):
    name: str
    address: str
    town: str


class OptionOut(Schema):
    key: str
    label: str


class ConditionOut(Schema):
    question: str = Field(description="The key of an earlier question.")
    answer: str = Field(description="The option that decides; `yes` or `no` for such a question.")


class QuestionOut(Schema):
    key: str
    kind: Literal[tuple(Question.Kind.values)]
    label: str
    help: str
    required: bool
    options: list[OptionOut]
    shown_if: ConditionOut | None

    @staticmethod
    def resolve_label(question: Question) -> str:
        return str(question.label)

    @staticmethod
    def resolve_help(question: Question) -> str:
        return str(question.help or "")

    @staticmethod
    def resolve_required(question: Question) -> bool:
        return question.is_required

    @staticmethod
    def resolve_options(question: Question) -> list[dict[str, str]]:
        if question.kind not in Question.WITH_OPTIONS:
            return []
        return [{"key": key, "label": label} for key, label in question.offered]

    @staticmethod
    def resolve_shown_if(question: Question) -> dict[str, str] | None:
        return question.shown_if and {"question": question.shown_if.key, "answer": question.shown_if_answer}


class EventDetail(EventOut):
    for_whom: str = Field(description="For whom it is, in a sentence; empty where everybody may register.")
    summary: str
    description: str
    outcome: str
    organiser: str | None
    venue: VenueOut | None
    sessions: list[SessionOut]
    questions: list[QuestionOut] = Field(description="What a registration is asked besides, in order.")
    questions_version: int = Field(description="Grows with every change of the questions.")

    @staticmethod
    def resolve_questions(event: Event) -> list[Question]:
        return list(event.questions.asked().select_related("shown_if")) if event.questions_version else []

    @staticmethod
    def resolve_for_whom(event: Event) -> str:
        return audience.in_words(event)

    @staticmethod
    def resolve_summary(event: Event) -> str:
        return str(event.summary or "")

    @staticmethod
    def resolve_description(event: Event) -> str:
        return str(event.description or "")

    @staticmethod
    def resolve_outcome(event: Event) -> str:
        return str(event.outcome or "")

    @staticmethod
    def resolve_organiser(event: Event) -> str | None:
        return event.organiser.name if event.organiser else None


class EventQuery(FilterSchema):
    """Leave out what should not narrow the list. `month` such as 2024-05."""

    province: Slug | None = None
    kind: Literal[tuple(kinds.KINDS)] | None = None
    mode: ModeName | None = None
    month: Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")] | None = None
    state: State | None = None

    def narrow(self, events: EventQuerySet) -> EventQuerySet:
        asked = {"province": self.province, "kind": self.kind, "mode": self.mode, "month": self.month}
        events = narrow(events, {name: value for name, value in asked.items() if value})
        return events.in_state(self.state or "")


class Pages(LimitOffsetPagination):
    class Input(Schema):
        limit: Annotated[int, Field(ge=1, le=100)] = 100
        offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0


@router.get("events", response={200: list[EventOut], **refusals(422)}, summary="The events that are announced, by date")
@paginate(Pages)
def list_events(request: HttpRequest, query: Query[EventQuery]):
    return query.narrow(Event.objects.public()).select_related("territory", "venue").order_by("starts_at", "pk")


@router.get("events/{slug}", response={200: EventDetail, **refusals(404)}, summary="One event")
def one_event(request: HttpRequest, slug: str):
    events = Event.objects.public().select_related("territory", "venue", "organiser")
    agenda = Prefetch("sessions", Session.objects.prefetch_related("speakers"))
    return get_object_or_404(events.prefetch_related(agenda), slug=slug)
