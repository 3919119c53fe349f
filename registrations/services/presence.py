"""Attendance of who takes part online, from the person's own page: facts that say when she gave a sign of life.

Coming in is a fact, each sign of life (the page's heartbeat, the button "I am still here") is one, and so is leaving;
none of them ever moves. How long a sign counts is `attendance.COVERS`. Signs less than a minute apart are one, so that
two open pages or a request that came twice change nothing: the person's row is locked meanwhile. What the moderator
shows in the room is `room_codes`; what the platform saw is another source.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.tokens import link_token
from events.models import Event, Mode
from registrations.models import Registration, Scan
from registrations.services import RegistrationError, attendance

OPENS_BEFORE = timedelta(minutes=30)
APART = timedelta(minutes=1)
MOST_ENTRIES = 30
"""An hour of one person: a link that plays with the buttons fills no register."""
IN, HERE, OUT = Scan.Direction.IN, Scan.Direction.HERE, Scan.Direction.OUT
OWN = [Scan.Source.PAGE, Scan.Source.CODE]
"""Where a person's own signs come from: they say together until when she counts."""


@dataclass(frozen=True)
class SoFar:
    """What is known of somebody until now, for her own eyes."""

    since: datetime | None
    until: datetime | None
    """Until when she counts without another sign; None (like `since`) when she does not count now."""
    minutes: int
    gaps: list[tuple[datetime, datetime]]
    """Inside the event's hours since she first came: what is not counted, for want of a sign."""
    left: list[tuple[datetime, datetime | None]]
    """When she chose to leave, and when she came back; None: she has not."""
    start_given_at: datetime | None
    end_given_at: datetime | None


def is_open(event: Event, now: datetime | None = None) -> bool:
    """The room opens half an hour before the start and closes with the event."""
    now = now or timezone.now()
    return not event.cancelled_at and event.starts_at - OPENS_BEFORE <= now < event.ends_at


@transaction.atomic
def enter(*, registration: Registration, now: datetime | None = None) -> Registration:
    """She comes in. Raises `closed` outside the room's hours, `invalid` for who is not registered online, and
    `too_many` for who came in and left MOST_ENTRIES times within an hour."""
    registration = held(registration)
    return _sign(registration, now or timezone.now(), comes_in=True)


@transaction.atomic
def stay(*, registration: Registration, now: datetime | None = None) -> Registration:
    """She is still there; the refusals of `enter`. Who has never come in, or has left, is not brought in by it."""
    registration = held(registration)
    return _sign(registration, now or timezone.now(), comes_in=False)


@transaction.atomic
def leave(*, registration: Registration, now: datetime | None = None) -> Registration:
    """She leaves the online room. Nothing happens when she is not in it."""
    registration = held(registration)
    now = now or timezone.now()
    last = _last_sign(registration)
    if last and not _is_leaving(last) and now <= last.at + attendance.COVERS:
        note(registration, direction=OUT, source=Scan.Source.PAGE, at=now)
    return registration


def so_far(registration: Registration, now: datetime | None = None) -> SoFar:
    """Her attendance until now, codes included."""
    now, event = now or timezone.now(), registration.event
    facts = attendance.of_people([registration])[registration.pk]
    stays = attendance.stays(event, facts)
    spans = _united([(stay.start, stay.until) for stay in stays])
    present = next((span for span in spans if span[0] <= now < span[1]), None)
    hours_end = min(now, event.ends_at)
    gaps = [gap for start, end in event.hours for gap in _gaps(spans, start, min(now, end))]
    chosen = {fact.at for fact in facts if fact.mode == Mode.ONLINE and _is_leaving(fact)}
    left = [(start, None if end == hours_end else end) for start, end in gaps if start in chosen]
    given = [fact for fact in facts if fact.source == Scan.Source.CODE]
    return SoFar(
        since=present[0] if present else None,
        until=min(present[1], event.ends_at) if present else None,
        minutes=attendance.minutes_of(event, attendance.so_far(event, stays, now)),
        gaps=[gap for gap in gaps if gap[0] not in chosen],
        left=left,
        start_given_at=next((fact.at for fact in given if fact.direction == IN), None),
        end_given_at=next((fact.at for fact in given if fact.direction == OUT), None),
    )


def people_in_the_room(event: Event, now: datetime | None = None) -> QuerySet[Registration]:
    """Who counts as present online now."""
    return event.registrations.expected().filter(online_until__gt=now or timezone.now())


def held(registration: Registration) -> Registration:
    """The same, locked until the transaction ends. Ask the clock after this, so that facts are in order."""
    return Registration.objects.select_for_update(of=("self",)).select_related("event").get(pk=registration.pk)


def must_take_part_online(registration: Registration) -> None:
    if registration.state != Registration.State.CONFIRMED or registration.mode != Mode.ONLINE:
        raise RegistrationError("invalid", _("You are not registered to take part online."))


def note(registration: Registration, *, direction: str, source: str, at: datetime) -> Scan:
    """One more fact about `registration`, who is `held`, and what follows from it."""
    fact = Scan.objects.create(
        event=registration.event,
        registration=registration,
        nonce=f"online-{link_token()}",
        mode=Mode.ONLINE,
        direction=direction,
        source=source,
        status=Scan.Status.OK,
        at=at,
        received_at=at,
    )
    attendance.recompute(registration)
    return fact


def _sign(registration: Registration, now: datetime, *, comes_in: bool) -> Registration:
    must_take_part_online(registration)
    if not is_open(registration.event, now):
        raise RegistrationError("closed", _("The online room is open only around the hours of the event."))
    last = _last_sign(registration)
    is_away = last is None or _is_leaving(last)
    if is_away and not comes_in:
        return registration
    if not is_away and abs(now - last.at) < APART:
        return registration
    if is_away:
        _must_not_be_at_play(registration, now)
    goes_on = not is_away and now <= last.at + attendance.COVERS
    note(registration, direction=HERE if goes_on else IN, source=Scan.Source.PAGE, at=now)
    return registration


def _must_not_be_at_play(registration: Registration, now: datetime) -> None:
    entries = registration.scans.filter(source=Scan.Source.PAGE, direction=IN, at__gt=now - timedelta(hours=1))
    if entries.count() >= MOST_ENTRIES:
        sentence = _("You have come in and left very often. Wait some minutes, or write to the organisers.")
        raise RegistrationError("too_many", sentence, status=429)


def _last_sign(registration: Registration) -> Scan | None:
    own = Scan.objects.filter(registration=registration, mode=Mode.ONLINE, source__in=OWN).sightings()
    return own.order_by("-at", "-pk").first()


def _is_leaving(sign: Scan) -> bool:
    return sign.direction == OUT and sign.source == Scan.Source.PAGE


def _united(spans: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    united: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united


def _gaps(spans: list[tuple[datetime, datetime]], start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """What lies between `spans`, and after them, from `start` to `end`; less than a minute is none."""
    followed = zip(spans, [*spans[1:], (end, end)], strict=False)
    between = [(max(left, start), min(comes, end)) for (_came, left), (comes, _left) in followed]
    return [gap for gap in between if gap[1] - gap[0] >= APART]
