"""Public pages: how many a second, with how many queries, on how much memory.

A page that is kept (`core/public_page.py`) is measured twice: as visitors meet it, and drawn anew for each request.
Of the two pages that lead to a registration the first visit is weighed in a browser.
"""

from datetime import timedelta

from django.conf import settings
from django.test import Client
from django.urls import reverse

from config.bench import weighing
from config.bench.measuring import Report, cpu_ms, cpu_seconds, load, memory_of_workers, queries, spread
from config.bench.stage import Stage

SEQUENTIAL, TOGETHER, CLIENTS = 40, 240, 8
NEVER_KEPT = "?an-address-of-its-own"


def measure(stage: Stage, report: Report) -> None:
    event = stage.event("seminario-pisa", timedelta(days=7))
    pages = {
        "home": reverse("events:home"),
        "list": reverse("events:list"),
        "event": reverse("events:detail", args=[event.slug]),
        "registration form": reverse("registrations:create", args=[event.slug]),
        "newsletters": reverse("newsletters:archive"),
        "event through the API": f"/api/v1/events/{event.slug}",
    }
    report.add("first migration", seconds=round(stage.migration_seconds, 1), aim="< 10")
    port, pid = stage.serve_bare()
    ceiling = _row(port, pid, None, "/")
    report.add("ceiling: a bare Django view", **ceiling)
    stage.serve()
    client = Client(SERVER_NAME=settings.SITE_HOST)
    for name, path in pages.items():
        client.get(path + NEVER_KEPT)  # figures of people are counted once a minute
        is_kept = "public" in client.get(path).get("Cache-Control", "")
        for row_name, address in {f"{name}, drawn anew": path + NEVER_KEPT, name: path}.items():
            if is_kept or address == path:
                client.get(address)
                asked = queries(lambda address=address: client.get(address))
                row = _row(stage.port, stage.web, stage.database, address)
                ratio = round(ceiling["per_second"] / row["per_second"], 1)
                report.add(row_name, queries=asked, **row, times_the_ceiling=ratio, aim="≥ 150/s, ≤ 5 queries")
    for name in ("event", "registration form"):
        weight = weighing.first_visit(stage.port, pages[name])
        if weight:
            report.add(f"first visit, {name}", **weight, aim="< 150")
    report.add("memory of a web worker", **memory_of_workers(stage.web), aim="≤ 120")


def _row(port: int, web: int, database: int | None, path: str) -> dict:
    request = ("GET", path, {}, None)
    load(port, [request] * 20, clients=CLIENTS)  # every thread has its templates and its connection
    alone = load(port, [request] * SEQUENTIAL, clients=1)
    used, used_by_database = cpu_seconds(web), cpu_seconds(database)
    together = load(port, [request] * TOGETHER, clients=CLIENTS)
    return {
        **spread(alone.taken),
        "per_second": together.rate,
        "cpu_ms": cpu_ms(web, used, TOGETHER),
        "database_cpu_ms": cpu_ms(database, used_by_database, TOGETHER),
    }
