"""One registration as the database sees it: its statements, its time beside a bare transaction, in any crowd.

What counts is the transaction from BEGIN to COMMIT, both and every savepoint included, with the mail in the outbox;
beside it the whole POST, where the session and the page's own look at the event come on top, without BEGIN and COMMIT.
Measured with 10 and 10,000 registrations in the event, and with 10 and 10,000 events in the database.
"""

import json
from collections.abc import Callable
from itertools import count
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.bench.measuring import BenchError, Report, spread, timed
from events.models import Event
from registrations.models import Registration
from registrations.services import changing, signup, waiting_list

AIM, TIMES, FEW, MANY = 12, 20, 10, 10_000
CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
_number = count(1)


def measure(event: Event, report: Report) -> None:
    _of_each_change(event, report)
    for registrations, events in ((FEW, FEW), (MANY, FEW), (MANY, MANY)):
        _fill(event, registrations, events)
        _of_one(event, f"{event.registrations.count()} people, {Event.objects.count()} events", report)


def longest_transaction(statements: list[str]) -> list[str]:
    """From BEGIN to COMMIT, with both."""
    found, current = [], []
    for statement in statements:
        if statement.startswith("BEGIN"):
            current = []
        current.append(statement)
        if statement.startswith("COMMIT"):
            found.append(current)
            current = []
    return max(found, key=len, default=[])


def asked(work: Callable[[], Any]) -> dict[str, int]:
    with CaptureQueriesContext(connection) as captured:
        work()
    statements = [query["sql"] for query in captured.captured_queries]
    return {
        "transaction": len(longest_transaction(statements)),
        "of_it_savepoints": sum(one.startswith(CONTROL[2:]) for one in longest_transaction(statements)),
        "whole": sum(not one.startswith(CONTROL) for one in statements),
    }


def _of_one(event: Event, words: str, report: Report) -> None:
    send = _form(event)
    send()  # caches are warm, as they are all day
    bare = spread(timed(_as_many_inserts, TIMES))
    report.add(f"bare: 4 inserts, {words}", **bare)
    for name, work in {"form": send, "API": _program(event)}.items():
        counted, taken = asked(work), spread(timed(work, TIMES))
        ratio = round(taken["median_ms"] / bare["median_ms"], 1)
        report.add(f"{name}, {words}", **counted, aim=f"≤ {AIM}", **taken, times_the_bare=ratio)
        if counted["transaction"] > AIM:
            raise BenchError(f"A registration took {counted['transaction']} statements instead of {AIM}.")


def _of_each_change(event: Event, report: Report) -> None:
    """What people do afterwards, by the services that their pages call."""
    one, other = _registered(event), _registered(event)
    report.add("confirm", **asked(lambda: signup.confirm(registration=one)))
    report.add("change mode", **asked(lambda: changing.change_mode(registration=one, mode="online")))
    report.add("cancel", **asked(lambda: changing.cancel(registration=one)))
    Registration.objects.filter(pk=other.pk).update(state="offered")
    report.add("accept", **asked(lambda: waiting_list.accept(registration=other)))


def _registered(event: Event) -> Registration:
    return signup.register(
        event=event,
        first_name="Anna",
        email=f"one.{next(_number)}@example.org",
        mode="in_person",
        consents={"privacy": True},
    )


def _form(event: Event) -> Callable[[], None]:
    """Send the form as a browser that has been here before."""
    client, path = Client(SERVER_NAME=settings.SITE_HOST), reverse("registrations:create", args=[event.slug])

    def send() -> None:
        number = next(_number)
        values = {"mode": "in_person", "first_name": "Anna", "email": f"one.{number}@example.org", "privacy": "on"}
        _expect(client.post(path, values, headers={"X-Forwarded-For": f"10.1.{number >> 8}.{number & 255}"}), 302)

    return send


def _program(event: Event) -> Callable[[], None]:
    """The same through the API, without an Idempotency-Key."""
    client = Client(SERVER_NAME=settings.SITE_HOST)

    def send() -> None:
        number = next(_number)
        values = {"mode": "online", "first_name": "Anna", "email": f"one.{number}@example.org"}
        answer = client.post(
            f"/api/v1/events/{event.slug}/registrations",
            json.dumps(values | {"consents": {"privacy": True}}),
            content_type="application/json",
            headers={"X-Forwarded-For": f"10.1.{number >> 8}.{number & 255}"},
        )
        _expect(answer, 201)

    return send


def _expect(response, status: int) -> None:
    if response.status_code != status:
        raise BenchError(f"{response.request['PATH_INFO']} answered {response.status_code} instead of {status}.")


def _as_many_inserts() -> None:
    """Registration, consent, message and delivery are four rows."""
    with transaction.atomic(), connection.cursor() as cursor:
        for _row in range(4):
            cursor.execute("INSERT INTO bench_bare VALUES (1, %s)", ["x" * 1000])


def _fill(event: Event, registrations: int, events: int) -> None:
    """Bring the event and the database to so many rows."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_bare (number integer, words text)")
    missing = registrations - event.registrations.count()
    now = timezone.now()
    Registration.objects.bulk_create(
        (
            Registration(
                event=event,
                state="confirmed",
                mode="in_person",
                first_name="Anna",
                last_name=f"Verdi {number}",
                email=f"crowd.{next(_number)}@example.org",
                email_confirmed_at=now,
            )
            for number in range(missing)
        ),
        batch_size=500,
    )
    Event.objects.filter(pk=event.pk).update(in_person_taken=event.registrations.filter(mode="in_person").count())
    values = {
        field.attname: getattr(event, field.attname)
        for field in Event._meta.concrete_fields
        if not (field.primary_key or field.generated)
    }
    values |= {"in_person_taken": 0, "online_taken": 0}
    Event.objects.bulk_create(
        (Event(**values | {"slug": f"crowd-{next(_number)}"}) for _missing in range(events - Event.objects.count())),
        batch_size=500,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
