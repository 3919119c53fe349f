"""The door: a scan from request to answer, alone and with eight doors, an evening brought home, the roster.

Beside it, behind the same web server, a view that inserts one row, commits and answers.
"""

import gzip
import http.client
import json
import random
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from config.bench.measuring import MILLI, Load, Report, Request, cpu_ms, cpu_seconds, load, queries, spread
from config.bench.stage import Stage
from events.models import Event
from registrations.models import Registration
from registrations.services import devices, tickets

SCANS, ROSTER = "/api/v1/checkin/scans", "/api/v1/checkin/roster"
PEOPLE, CROWD = 2000, 5000
ALONE, TOGETHER, CLIENTS, OFFLINE = 60, 400, 8, 500


def measure(stage: Stage, report: Report) -> None:
    event = stage.event("seminario-pisa", timedelta(hours=-1))
    people = iter(people_of(event, PEOPLE))
    headers = _paired(event)
    _count_queries(event, headers, people, report)
    ceiling = _bare(stage, report)
    stage.serve()
    load(stage.port, _requests(event, headers, people, 40), clients=CLIENTS)
    alone = load(stage.port, _requests(event, headers, people, ALONE), clients=1)
    used, used_by_database = cpu_seconds(stage.web), cpu_seconds(stage.database)
    together = load(stage.port, _requests(event, headers, people, TOGETHER), clients=CLIENTS)
    web = cpu_ms(stage.web, used, TOGETHER)
    database = cpu_ms(stage.database, used_by_database, TOGETHER)
    row = spread(alone.taken)
    report.add("one door, scan by scan", **row, times_the_ceiling=_times(alone, ceiling))
    report.add(
        "eight doors at once",
        **spread(together.taken),
        per_second=together.rate,
        cpu_ms=round(web + (database or 0), 2),
        web=web,
        database=database,
        aim="≥ 100/s, ≤ 10 ms of CPU",
    )
    batch = [_scan(next(people)) for _number in range(OFFLINE)]
    body = json.dumps({"event": event.slug, "scans": batch}).encode()
    sent = load(stage.port, [("POST", SCANS, headers, body)], clients=1)
    report.add(f"{OFFLINE} scans in one request", seconds=round(sent.taken[0], 2), aim="< 2")
    _weigh_roster(stage, report)


def _count_queries(event: Event, headers: dict[str, str], people: Iterator[str], report: Report) -> None:
    client = Client(SERVER_NAME=settings.SITE_HOST, HTTP_AUTHORIZATION=headers["Authorization"])
    first, one = next(people), next(people)
    _post(client, event, [first])
    report.add("a scan", queries=queries(lambda: _post(client, event, [one])), people=PEOPLE, aim="≤ 8")
    report.add("the same ticket again", queries=queries(lambda: _post(client, event, [one], again=True)))
    many = [next(people) for _number in range(OFFLINE)]
    report.add(f"{OFFLINE} scans kept while offline", queries=queries(lambda: _post(client, event, many)))


def _bare(stage: Stage, report: Report) -> Load:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_ceiling (number integer, words text)")
    port, pid = stage.serve_bare()
    request = ("GET", "/insert", {}, None)
    load(port, [request] * 40, clients=CLIENTS)
    alone = load(port, [request] * ALONE, clients=1)
    used = cpu_seconds(pid)
    together = load(port, [request] * TOGETHER, clients=CLIENTS)
    cpu = cpu_ms(pid, used, TOGETHER)
    report.add("ceiling: a view that inserts and commits", **spread(alone.taken), per_second=together.rate, web=cpu)
    return alone


def _times(alone: Load, ceiling: Load) -> float:
    return round(spread(alone.taken)["median_ms"] / spread(ceiling.taken)["median_ms"], 1)


def _weigh_roster(stage: Stage, report: Report) -> None:
    """All of a great event as a phone fetches it, page after page; then once more when one person came in."""
    event = stage.event("seminario-firenze", timedelta(hours=-1))
    tickets_of_all = people_of(event, CROWD)
    headers = _paired(event) | {"Accept-Encoding": "gzip"}
    first, cursor = _fetched(stage.port, event, headers, "")
    report.add(f"roster of {CROWD}, first", **first, aim="< 500 kB")
    body = json.dumps({"event": event.slug, "scans": [_scan(tickets_of_all[0])]}).encode()
    load(stage.port, [("POST", SCANS, headers, body)], clients=1)
    again, _cursor = _fetched(stage.port, event, headers, cursor)
    report.add("roster when one person came in", **again)


def _fetched(port: int, event: Event, headers: dict[str, str], cursor: str) -> tuple[dict, str]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    weight, people, began = 0, 0, timezone.now()
    has_more = True
    while has_more:
        line.request("GET", f"{ROSTER}?event={event.slug}&since={cursor}", headers=headers)
        answer = line.getresponse()
        content = answer.read()
        weight += len(content)
        if answer.headers["Content-Encoding"] == "gzip":
            content = gzip.decompress(content)
        told = json.loads(content)
        people, cursor, has_more = people + len(told["entries"]), told["cursor"], told["has_more"]
    line.close()
    taken = (timezone.now() - began).total_seconds() * MILLI
    return {"kilobytes": round(weight / 1000, 1), "people": people, "ms": round(taken)}, cursor


NAMES = ["Anna", "Maria Grazia", "Niccolò", "Şeyma", "Lorenzo", "Giulia", "Francesca", "Omar", "Chiara", "Piero"]
SURNAMES = [
    "Verdi",
    "De’ Medici",
    "Łukasiewicz",
    "Rossi",
    "Bianchi",
    "Giovannini",
    "Conti",
    "D’Angelo",
    "Neri",
    "Sarti",
]
FIRMS = ["", "Comune di Pisa", "Cooperativa L’Ulivo", "Officine Meccaniche srl", "CNA Toscana", "Università di Pisa"]


LETTERS = "ABCDEFGILMNOPRSTUVZ"


def _word(invented: random.Random) -> str:
    """As hard to pack as real names: no two alike."""
    return "".join(invented.choice("aeiou") + invented.choice("bcdfglmnprstvz") for _syllable in range(4))


def people_of(event: Event, count: int) -> list[str]:
    """Registered and confirmed; their tickets."""
    invented = random.Random(count)  # noqa: S311
    registrations = [
        Registration(
            event=event,
            mode="in_person",
            state=Registration.State.CONFIRMED,
            first_name=NAMES[number % len(NAMES)],
            last_name=f"{SURNAMES[number * 7 % len(SURNAMES)]} {invented.choice(LETTERS)}{_word(invented)}",
            organisation=f"{_word(invented).title()} {FIRMS[number % len(FIRMS)]}".strip(),
            email=f"anna.{number}@example.org",
            email_confirmed_at=timezone.now(),
        )
        for number in range(count)
    ]
    Registration.objects.bulk_create(registrations, batch_size=1000)
    event.registrations.update(changed_at=timezone.now() - timedelta(minutes=1))
    Event.objects.filter(pk=event.pk).update(in_person_taken=count)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE registrations_registration")
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
