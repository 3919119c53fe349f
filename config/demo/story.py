"""How an event of the demo came to be what it is today: people signed up, some changed their minds, some came.

Everything goes through the services that pages and doors call, each at its own moment: the clock of this process is
set to that moment (`at`), so that what is written is what would have been written then. Nothing is written behind a
service's back; only mail that left long ago is marked as sent (see `demo`).
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random
from zoneinfo import ZoneInfo

import time_machine
from django.db.models import F, QuerySet

from accounts.models import User
from config.demo import asked
from config.demo.people import Person
from events.models import Event, Mode
from registrations.models import Device, Registration
from registrations.services import (
    attendance,
    certificates,
    changing,
    checkin,
    devices,
    door_table,
    expiring,
    groups,
    presence,
    signup,
    tickets,
    walk_ins,
)

ONLINE_SHARE = 0.15
NOON = 12
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Stage(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    RUNNING = "running"
    OVER = "over"


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """The clock of this process shows `moment`."""
    with time_machine.travel(moment.astimezone(UTC), tick=False):
        yield


def place(event: Event, stage: Stage, now: datetime) -> None:
    """Move an event, with its agenda and its registration window, to where `stage` is true of it `now`."""
    half_hour = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
    starts_at = {
        Stage.PLANNED: half_hour + (event.starts_at - event.registration_opens_at) + 8 * DAY,
        Stage.OPEN: half_hour + 14 * DAY,
        Stage.RUNNING: half_hour - HOUR,
        Stage.OVER: half_hour - DAY - (event.ends_at - event.starts_at),
    }[stage]
    move(event, starts_at if stage == Stage.RUNNING else _at_a_usual_hour(event, starts_at))


def _at_a_usual_hour(event: Event, moment: datetime) -> datetime:
    """That day, by the clock on the wall: at 9:30 what was in the morning, at 14:30 what was in the afternoon."""
    zone = ZoneInfo(event.programme.time_zone)
    hour = 9 if event.starts_at.astimezone(zone).hour < NOON else 14
    return moment.astimezone(zone).replace(hour=hour, minute=30)


def move(event: Event, starts_at: datetime) -> None:
    """Before anybody is registered: nobody needs to be told, so the event's row is moved as a whole."""
    shift = starts_at - event.starts_at
    event.sessions.update(starts_at=F("starts_at") + shift)
    for field in ("starts_at", "ends_at", "registration_opens_at", "registration_closes_at"):
        setattr(event, field, getattr(event, field) + shift)
    event.is_date_assumed = False
    event.save()


class Story:
    """Lives the demo's events, with people and chance of its own: the same seed tells the same story."""

    def __init__(self, people: Sequence[Person], random: Random, now: datetime):
        self.people = people
        self.random = random
        self.now = now

    def sign_ups(self, event: Event, share: float, waiting: int = 0) -> None:
        """Fill `share` of the places in person and fewer online; with `waiting`, that many more join the line."""
        shares = {Mode.IN_PERSON: share, Mode.ONLINE: share * ONLINE_SHARE}
        wanted = [
            mode
            for mode, places in event.places.items()
            for _number in range(round(places.capacity * shares[mode]) + (waiting if mode == Mode.IN_PERSON else 0))
        ]
        guests = self.random.sample(self.people, min(len(wanted), len(self.people)))
        until = min(event.registration_closes_at, self.now) - HOUR
        window = until - event.registration_opens_at
        moments = sorted(event.registration_opens_at + window * self.random.betavariate(1, 1.3) for _guest in guests)
        if share < 1:
            self.random.shuffle(wanted)
        for person, mode, moment in zip(guests, wanted, moments, strict=False):
            self._sign_up(event, person, mode, moment, may_leave=share < 1)
        with at(until):
            expiring.expire()
        event.refresh_from_db()

    def _sign_up(self, event: Event, person: Person, mode: str, moment: datetime, *, may_leave: bool) -> None:
        chance = self.random.random() if may_leave else 1
        consents = {
            "privacy": True,
            "newsletter": self.random.random() < 0.35,
            "photos": self.random.random() < 0.6,
        }
        with at(moment):
            registration = signup.register(
                event=event,
                first_name=person.first_name,
                last_name=person.last_name,
                email=person.email,
                mode=mode,
                organisation=person.organisation,
                consents=consents,
                language=person.language,
                via=self.random.choice(["", "", "facebook", "newsletter", "locandina"]),
                **asked.told_by(person, event),
            )
        if chance < 0.03:
            return  # the link in the mail is never opened
        with at(moment + self.random.randrange(1, 25) * MINUTE):
            signup.confirm(registration=registration)
            asked.tell_more(person, registration)
        if chance < 0.08:
            with at(min(moment + DAY, event.starts_at - MINUTE, self.now)):
                changing.cancel(registration=registration)

    def arrivals(self, event: Event, organiser: User | None) -> None:
        """The people registered in person come in, until the event's end or until now, and two who are not."""
        device = self._device(event, organiser)
        until = min(event.ends_at, self.now)
        share = 0.88 if until == event.ends_at else 0.75
        readings = [
            self._reading(registration, min(event.starts_at + self._around_the_start(), until - MINUTE), "in")
            for registration in self._expected(event, Mode.IN_PERSON)
            if self.random.random() < share
        ]
        with at(until):
            checkin.check_in(event=event, readings=readings, device=device)
        for _number in range(2):
            self._walk_in(event, device, event.starts_at + self.random.randrange(5, 40) * MINUTE)

    def departures(self, event: Event) -> None:
        """Half of the people are scanned out when they go; who is not was there until the end."""
        device = event.devices.first()
        readings = [
            self._reading(registration, event.ends_at - abs(self.random.gauss(0, 25)) * MINUTE, "out")
            for registration in self._expected(event, Mode.IN_PERSON).filter(is_inside=True)
            if self.random.random() < 0.5
        ]
        with at(event.ends_at):
            checkin.check_in(event=event, readings=readings, device=device)

    def _expected(self, event: Event, mode: str) -> QuerySet[Registration]:
        return event.registrations.filter(state=Registration.State.CONFIRMED, mode=mode).order_by("pk")

    def _around_the_start(self) -> timedelta:
        return self.random.triangular(-25, 35, -5) * MINUTE

    def _reading(self, registration: Registration, moment: datetime, direction: str) -> door_table.Reading:
        code = tickets.ticket_url(registration)
        return door_table.Reading(nonce=self._nonce(), code=code, at=moment.replace(microsecond=0), direction=direction)

    def _nonce(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def _walk_in(self, event: Event, device: Device, moment: datetime) -> None:
        person = self.random.choice(self.people)
        if Mode.IN_PERSON not in event.places or event.places[Mode.IN_PERSON].left < 2:
            return
        with at(moment):
            walk_ins.walk_in(
                event=event,
                nonce=self._nonce(),
                device=device,
                first_name=person.first_name,
                last_name=person.last_name,
                consents={"privacy": True},
            )

    def _device(self, event: Event, organiser: User | None) -> Device:
        with at(event.starts_at - HOUR):
            _device, code = devices.create_pairing(events=[event], created_by=organiser)
            return devices.pair(code=code, name="Telefono all'ingresso")[0]

    def online(self, event: Event) -> None:
        """Most of those registered online open the room and stay for the whole event or leave earlier."""
        until = min(event.ends_at, self.now)
        for registration in self._expected(event, Mode.ONLINE):
            if self.random.random() < 0.25:
                continue
            moment = event.starts_at + self.random.randrange(-10, 15) * MINUTE
            leaves_at = until if self.random.random() < 0.75 else until - self.random.randrange(40, 90) * MINUTE
            if moment < leaves_at:
                presence.enter(registration=registration, now=moment)
            while (moment := moment + attendance.COVERS - MINUTE) < leaves_at:
                presence.stay(registration=registration, now=moment)
            if leaves_at < until:
                presence.leave(registration=registration, now=leaves_at)

    def groups(self, event: Event) -> None:
        with at(event.starts_at + 40 * MINUTE):
            groups.form_groups(event=event, seed=self.random.getrandbits(30))

    def certificates(self, event: Event) -> None:
        """Two hours after the end, as by the timetable; PDFs are made at once, so that their mail is of that day."""
        if not event.kind_facts.has_certificate:
            return
        with at(event.ends_at + 2 * HOUR):
            for certificate in certificates.issue(event=event):
                certificates.make_pdf(certificate=certificate)
