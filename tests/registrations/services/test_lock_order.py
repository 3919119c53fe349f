"""Everybody who writes about many people locks them in one order: nobody waits in a ring, and nothing is miscounted.

On PostgreSQL rows are locked one by one, and two who take them in different orders wait for each other until the
database ends one of them. SQLite lets one writer in at a time.
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from events.models import Event
from registrations.models import Correction, Evidence, Registration, Scan
from registrations.services import attendance, checkin, correcting_presence, platform_logs
from registrations.services.door_table import Reading
from tests.make import make_device, make_event, make_registration, make_staff
from tests.threads import all_at_once

PEOPLE, ROUNDS = 12, 8
ROME = ZoneInfo("Europe/Rome")
NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def event(programme, pisa):
    hours = {"starts_at": NOW - timedelta(hours=3), "ends_at": NOW + timedelta(hours=1)}
    return make_event(programme, territory=pisa, slug="hall", **hours)


@pytest.fixture
def people(event):
    """Their rows lie in the table the other way round than their keys count."""
    people = [make_registration(event, email=f"p{n}@example.org") for n in range(PEOPLE)]
    for one in reversed(people):
        one.organisation = "CNA Pisa"
        one.save(update_fields=["organisation"])
    return people


def attendance_file(people):
    """Each was in the online room for twenty minutes, two hours ago by Rome's clock, one by London's."""
    lines = ["Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest"]
    for one in people:
        joined, left = ((NOW - timedelta(minutes=minutes)).astimezone(ROME) for minutes in (120, 100))
        lines.append(f"{one.name},{one.email},{joined:%m/%d/%Y %H:%M:%S},{left:%m/%d/%Y %H:%M:%S},20,No")
    return "\n".join([*lines, ""]).encode()


class Doing:
    """What five people do at the same moment about the same twelve, again and again."""

    def __init__(self, event, people, by):
        self.event, self.people, self.by = event, people, by
        self.devices = [make_device(event)[0] for _ in range(2)]
        self.file = platform_logs.keep(event=event, name="zoom.csv", content=attendance_file(people), by=by).evidence

    def work(self, n):
        act = (self.door, self.door, self.correct, self.undo, self.confirm)[n]
        for number in range(ROUNDS):
            act(n, number)

    def door(self, n, number):
        """The first from the first to the last, the second from the last to the first."""
        direction = ("in", "out")[number % 2]
        at = NOW - timedelta(minutes=90 - 5 * number - n)
        readings = [Reading(f"{n}-{number}-{one.pk}", one.code, at, direction=direction) for one in self.people]
        answers = checkin.check_in(event=self.event, readings=readings[:: 1 - 2 * n], device=self.devices[n])
        assert len(answers) == PEOPLE

    def correct(self, n, number):
        """What stands of the platform's file is taken back by hand, and what the first door takes back itself; and
        something else is added."""
        of_the_file = Scan.objects.filter(corrections=None, source=Scan.Source.LOG).order_by("-pk")
        for scan in [*of_the_file[: PEOPLE // 2], *self.newest()]:
            correcting_presence.annul(scan=scan, reason="Era la figlia", by=self.by)
        for one in self.people[::-3]:
            at = NOW - timedelta(minutes=50 - number)
            correcting_presence.add(
                registration=one, mode="online", direction="in", at=at, reason="Vista in sala", by=self.by
            )

    def undo(self, n, number):
        for scan in self.newest():
            at = scan.at + timedelta(minutes=1)
            checkin.undo(event=self.event, device=self.devices[0], nonce=scan.nonce, at=at)

    def newest(self):
        return self.devices[0].scans.filter(corrections=None).order_by("-pk")[:6]

    def confirm(self, n, number):
        zone = ("Europe/Rome", "Europe/London")[number % 2]
        evidence = platform_logs.decide(evidence=Evidence.objects.get(pk=self.file.pk), zone=zone)
        platform_logs.carry_out(evidence=evidence, by=self.by)


@pytest.mark.django_db(transaction=True)
def test_doors_corrections_undos_and_a_file_about_the_same_people_at_once(programme, pisa, event, people):
    doing = Doing(event, people, make_staff(programme, "organiser", pisa))
    all_at_once(doing.work, 5)
    assert Scan.objects.filter(source=Scan.Source.DOOR).count() == 2 * PEOPLE * ROUNDS
    assert Scan.objects.filter(source=Scan.Source.LOG).exists()
    assert Correction.objects.exists()
    stored = list(Registration.objects.filter(event=event).order_by("pk"))
    facts = attendance.of_people(stored)
    fresh = Event.objects.get(pk=event.pk)
    wrong = [one.pk for one in stored if attendance.settle(event=fresh, registration=one, sightings=facts[one.pk])]
    assert wrong == []
    assert any(one.minutes for one in stored)


@pytest.mark.django_db(transaction=True)
def test_a_phone_and_the_desk_take_back_the_same_scans_at_once(programme, pisa, event, people):
    piero, device = make_staff(programme, "organiser", pisa), make_device(event)[0]
    at = timezone.now() - timedelta(minutes=9)  # a phone may take back for a quarter of an hour
    readings = [Reading(f"n{one.pk}", one.code, at) for one in people]
    checkin.check_in(event=event, readings=readings, device=device)
    scans = list(device.scans.order_by("pk"))

    def work(n):
        for scan in scans:
            if n % 2:
                correcting_presence.annul(scan=Scan.objects.get(pk=scan.pk), reason="Non era lei", by=piero)
            else:
                checkin.undo(event=event, device=device, nonce=scan.nonce)

    all_at_once(work, 4)
    assert Correction.objects.count() == len(scans) == PEOPLE
    assert not Registration.objects.exclude(entered_at=None).exists()
