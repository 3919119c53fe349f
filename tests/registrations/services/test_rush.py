"""The last two days before a full seminar: everybody at once, at the same places, with all that people do meanwhile.

Five hundred attempts at a hundred places while others cancel, change the mode, answer offers or let them lapse.
Somebody looks on from outside all the time: at no moment that anybody can see is there one too many, or a place empty
while somebody waits for it. What dies in between (a real SIGKILL) is found again by the timetable.
"""

import os
import signal
import subprocess
import sys
from collections import Counter
from itertools import count
from random import Random
from threading import Event as Flag

import pytest
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from events.models import Event
from mail.models import Delivery
from registrations import tasks
from registrations.models import Registration
from registrations.services import RegistrationError, changing, expiring, places, signup, waiting_list
from tests.make import make_event, make_registration
from tests.registrations.people import in_line, register
from tests.threads import all_at_once

SEED, THREADS = 4, 10
OTHER = {"in_person": "online", "online": "in_person"}
State = Registration.State


def wrong(event) -> list[str]:
    """What nobody may ever see of an event, in one statement and so at one moment."""
    holds, waits = Q(registrations__state__in=Registration.HOLDING), Q(registrations__state=State.WAITING)
    waits &= Q(registrations__queued_at__isnull=False)
    seen = Event.objects.annotate(
        **{f"{mode}_rows": Count("registrations", holds & Q(registrations__mode=mode)) for mode in OTHER},
        **{
            f"{mode}_waiting": Count(
                "registrations", waits & (Q(registrations__mode=mode) | Q(registrations__accepts_other_mode=True))
            )
            for mode in OTHER
        },
    ).get(pk=event.pk)
    found = []
    for mode, room in seen.places.items():
        rows = getattr(seen, f"{mode}_rows")
        if rows != room.taken:
            found.append(f"{mode}: {rows} people hold {room.taken} places")
        if max(rows, room.taken) > room.capacity:
            found.append(f"{mode}: {rows} people, {room.taken} taken, {room.capacity} places")
        if room.left and getattr(seen, f"{mode}_waiting"):
            found.append(f"{mode}: {room.left} places empty while somebody waits")
    if seen.total_capacity is not None and seen.in_person_rows + seen.online_rows > seen.total_capacity:
        found.append(f"{seen.in_person_rows} + {seen.online_rows} people, {seen.total_capacity} places in all")
    return found


class Rush:
    """So many attempts at the places of an event, in many threads, each with a connection of its own."""

    def __init__(self, event, attempts):
        self.event, self.attempts = event, attempts
        self.left_to_make, self.over = count(), Flag()
        self.answers, self.refusals, self.seen_wrong, self.looks = {}, set(), [], 0

    def run(self):
        all_at_once(self._one_thread, THREADS + 2)
        return self

    def settle(self):
        """Everybody has gone home: whoever is asked accepts, and what nobody confirmed lapses."""
        self.event.registrations.filter(state=State.PENDING).update(held_until=timezone.now())
        while tasks.keep_places_moving() or self._offered().exists():
            for registration in self._offered():
                waiting_list.accept(registration=registration)

    def _one_thread(self, n):
        if n == THREADS:
            return self._look_on()
        if n == THREADS + 1:
            return self._keep_time()
        try:
            while (attempt := next(self.left_to_make)) < self.attempts:
                chance = Random(f"{SEED} {attempt}")
                self.answers[attempt] = self._try(attempt, chance)
                self._answer_somebodys_offer(chance)
                self._change_somebodys_mind(chance)
        finally:
            self.over.set()

    def _look_on(self):
        while not self.over.wait(0.1):
            self.looks += 1
            self.seen_wrong += wrong(self.event)

    def _keep_time(self):
        while not self.over.wait(0.2):
            expiring.expire()
            waiting_list.serve_all()

    def _try(self, n, chance):
        mode = chance.choices(list(OTHER), [45, 55])[0]
        try:
            registration = register(self.event, email=f"rush{n}@example.org", mode=mode)
            if chance.random() < 0.12:
                return self._let_lapse(registration)
            signup.confirm(registration=registration)
            if registration.state == State.WAITING and chance.random() < 0.2:
                waiting_list.choose_modes(registration=registration, accepts_other=True)
            for change in chance.choices(["stay", "cancel", "change mode", "both"], [55, 20, 20, 5]):
                if change in {"change mode", "both"}:
                    changing.change_mode(registration=registration, mode=OTHER[registration.mode])
                if change in {"cancel", "both"}:
                    changing.cancel(registration=registration)
        except RegistrationError as error:
            return error.code
        return registration.state

    def _let_lapse(self, registration):
        """Nobody opens the mail, and the time is over."""
        Registration.objects.filter(pk=registration.pk).update(held_until=timezone.now())
        return registration.state

    def _answer_somebodys_offer(self, chance):
        """Several may answer the same one at the same moment, differently."""
        offered = list(self._offered()[:3])
        if not offered:
            return
        registration = chance.choice(offered)
        try:
            {
                "accept": waiting_list.accept,
                "decline": waiting_list.decline,
                "lapse": self._let_lapse,
                "cancel": changing.cancel,
            }[chance.choices(["accept", "decline", "lapse", "cancel"], [55, 20, 15, 10])[0]](registration=registration)
        except RegistrationError as error:
            self.refusals.add(error.code)

    def _change_somebodys_mind(self, chance):
        """Who has had a place for a while."""
        if chance.random() > 0.15:
            return
        safe = list(self.event.registrations.filter(state=State.CONFIRMED).select_related("event"))
        if not safe:
            return
        registration = chance.choice(safe)
        try:
            if chance.random() < 0.5:
                changing.cancel(registration=registration)
            else:
                changing.change_mode(registration=registration, mode=OTHER[registration.mode])
        except RegistrationError as error:
            self.refusals.add(error.code)

    def _offered(self):
        return self.event.registrations.filter(state=State.OFFERED).select_related("event")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("attempts", "capacities", "in_all"),
    [
        (500, {"in_person_capacity": 40, "online_capacity": 60}, 100),
        (150, {"in_person_capacity": 20, "online_capacity": 30, "total_capacity": 40}, 40),
    ],
)
def test_nobody_is_one_too_many_and_no_place_stays_empty(attempts, capacities, in_all):
    event = make_event(**capacities)
    rush = Rush(event, attempts).run()
    assert rush.looks > 5
    assert rush.seen_wrong == []
    assert sorted(rush.answers) == list(range(attempts))
    assert set(rush.answers.values()) <= {*State.values, "full", "cancelled", "offered", "not_waiting"}
    assert rush.refusals <= {"full", "cancelled", "offer_over"}
    assert len(set(rush.answers.values())) > 4, Counter(rush.answers.values())

    rush.settle()
    assert wrong(event) == []
    assert places.miscounted(event) == {}
    event.refresh_from_db()
    assert event.in_person_taken + event.online_taken == in_all
    assert event.registrations.in_line().exists(), "there was no crowd"
    states = dict(event.registrations.values_list("state").annotate(Count("pk")))
    assert states["confirmed"] == in_all
    assert {"cancelled", "expired"} < set(states)
    offers = Delivery.objects.filter(message__kind="registrations.place_offered")
    assert offers.exists()


@pytest.mark.django_db(transaction=True)
def test_the_onlooker_sees_what_a_rush_leaves_undone(monkeypatch):
    """The negative control: the same rush where nobody is offered what becomes free."""
    monkeypatch.setattr(waiting_list, "serve", lambda event: [])
    rush = Rush(make_event(in_person_capacity=4, online_capacity=6), 60).run()
    assert "empty while somebody waits" in " ".join(rush.seen_wrong + wrong(rush.event))


@pytest.mark.django_db
def test_the_onlooker_sees_one_too_many():
    event = make_event(in_person_capacity=1, total_capacity=1)
    make_registration(event)
    assert wrong(event) == []
    for mode in OTHER:
        Registration.objects.create(event=event, state="confirmed", mode=mode, email=f"{mode}@example.org")
    assert wrong(event) == [
        "in_person: 2 people hold 1 places",
        "in_person: 2 people, 1 taken, 1 places",
        "online: 1 people hold 0 places",
        "2 + 1 people, 1 places in all",
    ]


DIES = """
import os, signal
import django
django.setup()
from registrations import tasks
from {module} import {name} as place
def die(*arguments, **named):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(place, {function!r}, die)
tasks.keep_places_moving()
"""


def die_at(place: str) -> int:
    """Run the timetable's job in a process of its own that is killed when it comes to `place`; its exit code."""
    owner, function = place.rsplit(".", 1)
    module, name = owner.rsplit(".", 1)
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        url = os.environ["DATABASE_URL"].replace("/postgres?", f"/{database['NAME']}?")
    return subprocess.run(
        [sys.executable, "-c", DIES.format(module=module, name=name, function=function)],
        env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        timeout=60,
    ).returncode


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("place", "is_committed"),
    [
        ("registrations.services.waiting_list.serve", False),  # freed, not offered
        ("registrations.services.notices.offer_place", False),  # offered, not mailed
        ("mail.services.outbox.wake", False),  # mailed, not committed
        ("mail.tasks.drain.delay", True),  # committed, nobody woken
    ],
)
def test_a_killed_worker_loses_no_offer_and_writes_once(place, is_committed):
    event = make_event(in_person_capacity=1, online_capacity=None)
    holder = register(event, email="holder@example.org")
    (waiting,) = in_line(event)
    Registration.objects.filter(pk=holder.pk).update(held_until=timezone.now())
    assert die_at(place) == -signal.SIGKILL
    holder.refresh_from_db()
    assert (holder.state == State.EXPIRED) is is_committed
    assert places.miscounted(event) == {}

    for _restarted in range(2):
        tasks.keep_places_moving()
    waiting.refresh_from_db()
    holder.refresh_from_db()
    assert (holder.state, waiting.state) == (State.EXPIRED, State.OFFERED)
    assert Delivery.objects.filter(message__kind="registrations.place_offered").count() == 1
    assert places.miscounted(event) == {}
