"""Planned mails: the timetable asks each minute what is due, and everybody for whom it is gets it exactly once.

A mail's key names registration, kind and the event's start, so that an event that moved reminds anew. The owed are
written in batches; when nobody is left the run is marked (`PlannedRun`) and not looked at again. May run twice at once
and be killed anywhere: what is owed is asked of the outbox itself. What was missed while the worker stood still leaves
late only while it makes sense (`kinds.MailKind.makes_sense`). Who registered after a mail's moment does not get
it, nor is anybody reminded of a date that she has just been told, or is about to be.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from events.models import Event
from mail.models import Delivery
from registrations import kinds
from registrations.models import PlannedRun, Registration, RegistrationQuerySet
from registrations.services import notices

BATCH = 500
FURTHEST = timedelta(minutes=kinds.LONGEST) + kinds.STILL_THANKS + timedelta(days=1)
NEEDED = ["programme", "starts_at", "ends_at", "mails", "sequence", "cancelled_at", "programme__time_zone"]


@dataclass(frozen=True)
class Run:
    """One planned mail of one event."""

    event: Event
    kind: kinds.MailKind

    @property
    def stamp(self) -> str:
        """The start as it is: what makes the keys of an event that moved new ones."""
        return str(int(self.event.starts_at.timestamp()))


def owe_due(now: datetime | None = None, limit: int = BATCH) -> bool:
    """Owe at most `limit` of the planned mails that are due. Is there more to do at once?"""
    now = now or timezone.now()
    left = limit
    for run in due(now):
        left -= _owe(run, now, left)
        if left <= 0:
            return True
    return False


def due(now: datetime) -> list[Run]:
    """What is due and not done, the oldest event first. One query for the events and one for what is done."""
    near = Event.objects.filter(
        Q(starts_at__gt=now, starts_at__lt=now + FURTHEST) | Q(ends_at__gt=now - FURTHEST, ends_at__lte=now),
        cancelled_at=None,
        published_at__isnull=False,
    )
    events = near.select_related("programme").only(*NEEDED).order_by("starts_at", "pk")
    runs = [
        Run(event, kind)
        for event in events
        for kind in kinds.PLANNED
        if kind.is_on(event) and kind.makes_sense(event, now)
    ]
    done = set(
        PlannedRun.objects.filter(event__in={run.event.pk for run in runs}).values_list("event", "kind", "starts_at")
    )
    return [run for run in runs if (run.event.pk, run.kind.key, run.event.starts_at) not in done]


def _owe(run: Run, now: datetime, limit: int) -> int:
    """Owe a batch of one run, and mark it when nobody is left. To how many it was owed."""
    people = list(_owed(run, now).values_list("pk", flat=True).order_by("pk")[: limit + 1])
    for pk in people[:limit]:
        _owe_one(run, pk, now)
    if len(people) <= limit:
        PlannedRun.objects.bulk_create(
            [PlannedRun(event=run.event, kind=run.kind.key, starts_at=run.event.starts_at)], ignore_conflicts=True
        )
    return len(people)


@transaction.atomic
def _owe_one(run: Run, pk: int, now: datetime) -> None:
    """Held, and looked at once more: she may just have cancelled, the event may just have moved."""
    held = _owed(run, now).select_for_update(of=("self",)).filter(pk=pk)
    registration = held.select_related("event__programme", "event__venue").first()
    if registration is None:
        return
    event = registration.event
    if event.cancelled_at is None and event.starts_at == run.event.starts_at:
        notices.send_planned(registration, run.kind.key, run.stamp)


def _owed(run: Run, now: datetime) -> RegistrationQuerySet:
    moment = run.kind.moment(run.event)
    were_there = Q(created_at__lte=moment) & (Q(email_confirmed_at=None) | Q(email_confirmed_at__lte=moment))
    people = (
        Registration.objects.filter(run.kind.plan.whom, were_there, event=run.event)
        .exclude(email="")
        .exclude(kinds.overtaken_by(run.kind, run.event, now))
        .exclude(_was_owed(run.kind.email, run.stamp))
    )
    if run.kind.plan.only_reminds:
        sequence = run.event.sequence
        just_told = _was_owed("registrations.event_moved", str(sequence), created_at__gte=moment)
        people = people.filter(told_sequence__gte=sequence).exclude(just_told)
    return people


def _was_owed(name: str, last: str, **of_delivery: Any) -> Exists:
    """Is there a mail of that name for the registration whose key ends in `last`?"""
    key = Concat(Value(f"{name}:"), Cast(OuterRef("pk"), CharField()), Value(f":{last}"), output_field=CharField())
    return Exists(Delivery.objects.filter(key=key, **of_delivery))
