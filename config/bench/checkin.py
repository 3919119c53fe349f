"""The door: a scan from the phone's request to the answer: alone, with eight doors at once, after an hour offline."""

import json
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.test import Client
from django.utils import timezone

from config.bench.measuring import MILLI, Report, Request, cpu_ms, cpu_seconds, insert_and_commit, load, queries, spread
from config.bench.stage import Stage
from events.models import Event
from registrations.models import Registration
from registrations.services import devices, tickets

SCANS, ROSTER = "/api/v1/checkin/scans", "/api/v1/checkin/roster"
ALONE, TOGETHER, CLIENTS, OFFLINE = 60, 240, 8, 50


def measure(stage: Stage, report: Report) -> None:
    event = stage.event("seminario-pisa", timedelta(hours=-1))
    people = iter(_people(event, 20 + ALONE + TOGETHER + OFFLINE * 2 + 40))
    headers = _paired(event)
    ceiling = insert_and_commit()
    report.add("ceiling: one insert and commit", **ceiling)
    client = Client(SERVER_NAME=settings.SITE_HOST, HTTP_AUTHORIZATION=headers["Authorization"])
    first, one = next(people), next(people)
    _post(client, event, [first])
    report.add("a scan", queries=queries(lambda: _post(client, event, [one])), aim="≤ 8")
    report.add("the same ticket again", queries=queries(lambda: _post(client, event, [one], again=True)))
    many = [next(people) for _number in range(OFFLINE)]
    report.add(f"{OFFLINE} scans kept while offline", queries=queries(lambda: _post(client, event, many)))

    stage.serve()
    load(stage.port, _requests(event, headers, people, 20), clients=CLIENTS)
    alone = load(stage.port, _requests(event, headers, people, ALONE), clients=1)
    used, used_by_database = cpu_seconds(stage.web), cpu_seconds(stage.database)
    together = load(stage.port, _requests(event, headers, people, TOGETHER), clients=CLIENTS)
    row = spread(alone.taken)
    report.add("one door, scan by scan", **row, times_the_ceiling=round(row["median_ms"] / ceiling["median_ms"], 1))
    report.add(
        "eight doors at once",
        **spread(together.taken),
        per_second=together.rate,
        cpu_ms=cpu_ms(stage.web, used, TOGETHER),
        database_cpu_ms=cpu_ms(stage.database, used_by_database, TOGETHER),
        aim="≤ 10 ms of CPU",
    )
    batch = [_scan(next(people)) for _number in range(OFFLINE)]
    body = json.dumps({"event": event.slug, "scans": batch}).encode()
    sent = load(stage.port, [("POST", SCANS, headers, body)], clients=1)
    report.add(f"{OFFLINE} scans in one request", ms_a_scan=round(sent.taken[0] * MILLI / OFFLINE, 2))
    read = load(stage.port, [("GET", f"{ROSTER}?event={event.slug}", headers, None)] * 10, clients=1)
    report.add("the roster", **spread(read.taken), people=event.registrations.count())


def _people(event: Event, count: int) -> list[str]:
    """Registered and confirmed; their tickets."""
    registrations = [
        Registration(
            event=event,
            mode="in_person",
            state=Registration.State.CONFIRMED,
            first_name="Anna",
            last_name=f"Verdi {number}",
            email=f"anna.{number}@example.org",
            email_confirmed_at=timezone.now(),
        )
        for number in range(count)
    ]
    Registration.objects.bulk_create(registrations)
    Event.objects.filter(pk=event.pk).update(in_person_taken=count)
    return [tickets.ticket_of(registration) for registration in registrations]


def _paired(event: Event) -> dict[str, str]:
    _device, code = devices.create_pairing(events=[event], name="bench")
    _device, token = devices.pair(code=code)
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def _scan(ticket: str, nonce: str = "") -> dict:
    return {"nonce": nonce or f"n-{ticket[-40:]}", "code": ticket, "at": timezone.now().isoformat(), "direction": "in"}


def _post(client: Client, event: Event, found: list[str], again: bool = False) -> None:
    scans = [_scan(ticket, "another" if again else "") for ticket in found]
    response = client.post(SCANS, {"event": event.slug, "scans": scans}, content_type="application/json")
    response.json()["results"]


def _requests(event: Event, headers: dict[str, str], people: Iterator[str], count: int) -> Iterator[Request]:
    for _number in range(count):
        body = {"event": event.slug, "scans": [_scan(next(people))]}
        yield "POST", SCANS, headers, json.dumps(body).encode()
