"""A registration, from the form to the ticket in the outbox: queries, time, and how many a second."""

import json
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address
from itertools import count as counter

from django.conf import settings
from django.test import Client
from django.urls import reverse

from config.bench import one_registration
from config.bench.measuring import (
    BenchError,
    Report,
    Request,
    cpu_ms,
    cpu_seconds,
    insert_and_commit,
    load,
    memory_of_workers,
    queries,
    spread,
    timed,
)
from config.bench.stage import Stage
from events.models import Event
from mail.models import Delivery
from registrations.models import Registration

JOURNEYS, TOGETHER, CLIENTS = 20, 160, 8
_somebody = counter(1)


def measure(stage: Stage, report: Report) -> None:
    event = stage.event("seminario-pisa", timedelta(days=7))
    ceiling = insert_and_commit()
    report.add("ceiling: one insert and commit", **ceiling)
    _queries(event, report)
    taken = timed(_Journey(event).whole, JOURNEYS)
    row = spread(taken)
    ratio = round(row["median_ms"] / ceiling["median_ms"], 1)
    report.add("form, mail, confirmation, ticket", **row, times_the_ceiling=ratio)
    stage.serve()
    load(stage.port, _requests(event, "warm", 24), clients=CLIENTS, expect=201)
    alone = load(stage.port, _requests(event, "alone", 60), clients=1, expect=201)
    used, used_by_database = cpu_seconds(stage.web), cpu_seconds(stage.database)
    together = load(stage.port, _requests(event, "together", TOGETHER), clients=CLIENTS, expect=201)
    report.add(
        "registrations through the API",
        **spread(alone.taken),
        per_second=together.rate,
        cpu_ms=cpu_ms(stage.web, used, TOGETHER),
        database_cpu_ms=cpu_ms(stage.database, used_by_database, TOGETHER),
    )
    report.add("memory of a web worker", **memory_of_workers(stage.web), aim="≤ 120")
    one_registration.measure(stage.event("seminario-lucca", timedelta(days=7)), report)


def _queries(event: Event, report: Report) -> None:
    _Journey(event).whole()  # caches are warm, as they are all day
    journey = _Journey(event)
    asked = {}
    for step in journey.steps:
        journey.look_into_the_mail()
        asked[step.__name__.strip("_").replace("_", " ")] = queries(step)
    for name, count in asked.items():
        report.add(f"  {name}", queries=count)
    to_mail = asked["open form"] + asked["send form"]
    report.add("from form to mail in the outbox", queries=to_mail, aim="≤ 25")
    report.add("from form to ticket in the outbox", queries=sum(asked.values()))


class _Journey:
    """One person's way through the pages, in this process."""

    number = 0

    def __init__(self, event: Event):
        self.event, self.email = event, ""
        self.form = reverse("registrations:create", args=[event.slug])
        self.steps = [self._open_form, self._send_form, self._see_that_mail_is_coming, self._open_link, self._confirm]

    def whole(self) -> None:
        for step in self.steps:
            self.look_into_the_mail()
            step()
        if Delivery.objects.filter(email=self.email).count() != 2:
            raise BenchError("A registration did not lead to two messages in the outbox.")

    def look_into_the_mail(self) -> None:
        """The link is in the message, and only there; not part of what is measured in queries."""
        registration = Registration.objects.filter(email=self.email).first()
        self.link = reverse("registrations:confirm", args=[registration.token]) if registration else ""

    def _open_form(self) -> None:
        _Journey.number += 1
        self.email = f"journey.{_Journey.number}@example.org"
        self.client = Client(SERVER_NAME=settings.SITE_HOST, headers={"X-Forwarded-For": _somebodys_address()})
        self._expect(self.client.get(self.form), 200)

    def _send_form(self) -> None:
        answers = {
            "mode": "in_person",
            "first_name": "Anna",
            "last_name": "Verdi",
            "email": self.email,
            "privacy": "on",
        }
        self.after = self._expect(self.client.post(self.form, answers), 302).headers["Location"]

    def _see_that_mail_is_coming(self) -> None:
        self._expect(self.client.get(self.after), 200)

    def _open_link(self) -> None:
        self._expect(self.client.get(self.link), 200)

    def _confirm(self) -> None:
        self._expect(self.client.post(self.link), 302)

    def _expect(self, response, status: int):
        if response.status_code != status:
            raise BenchError(f"{response.request['PATH_INFO']} answered {response.status_code} instead of {status}.")
        return response


def _somebodys_address() -> str:
    """Another one each time: what one client may ask for is limited."""
    return str(ip_address("10.0.0.0") + next(_somebody))


def _requests(event: Event, word: str, count: int) -> Iterator[Request]:
    for number in range(count):
        body = {
            "first_name": "Anna",
            "last_name": "Verdi",
            "email": f"{word}.{number}@example.org",
            "mode": "online",
            "consents": {"privacy": True},
        }
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": f"{word}-{number}",
            "X-Forwarded-For": _somebodys_address(),
        }
        yield "POST", f"/api/v1/events/{event.slug}/registrations", headers, json.dumps(body).encode()
