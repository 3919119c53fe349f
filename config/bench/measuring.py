"""How things are counted: spread of times, load over real connections, CPU and memory of processes, a report."""

import http.client
import json
import os
import platform
import statistics
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import psutil
from django.db import connection
from django.test.utils import CaptureQueriesContext

MILLI = 1000
Request = tuple[str, str, dict[str, str], bytes | None]  # method, path, headers, body


class BenchError(RuntimeError):
    """It could not be measured; the sentence says why."""


@dataclass
class Report:
    """Rows of named figures, printed as they come and kept for `--json`."""

    name: str
    write: Callable[[str], Any]
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, **figures: Any) -> None:
        self.rows.append({"name": name, **figures})
        told = "  ".join(f"{key.replace('_', ' ')} {value}" for key, value in figures.items() if value is not None)
        self.write(f"  {name:<40} {told}")

    def as_json(self) -> str:
        machine = {"cores": os.cpu_count(), "python": platform.python_version(), "database": connection.vendor}
        return json.dumps({"bench": self.name, "machine": machine, "rows": self.rows}, indent=2)


def spread(seconds: Iterable[float]) -> dict[str, float]:
    """Median and 95th percentile, in milliseconds."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, round(len(ordered) * 0.95))]
    return {"median_ms": round(statistics.median(ordered) * MILLI, 2), "p95_ms": round(p95 * MILLI, 2)}


def timed(work: Callable[[], Any], times: int) -> list[float]:
    taken = []
    for _turn in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return taken


def queries(work: Callable[[], Any]) -> int:
    """How many statements `work` sends to the database, BEGIN and COMMIT included."""
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def processor_seconds() -> float:
    """CPU of a fixed piece of work: how fast this machine is now, beside whatever else it does (0.3 when idle)."""
    began, total = time.process_time(), 0
    for number in range(5_000_000):
        total += number * number
    return round(time.process_time() - began, 2)


def insert_and_commit(times: int = 200) -> dict[str, float]:
    """The ceiling of everything that writes: one row, one commit, on the same connection."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_ceiling (number integer, words text)")
        taken = timed(lambda: cursor.execute("INSERT INTO bench_ceiling VALUES (1, 'one row')"), times)
        cursor.execute("DROP TABLE bench_ceiling")
    return spread(taken)


@dataclass
class Load:
    """What came of many requests: seconds of each, and of all together."""

    taken: list[float]
    seconds: float

    @property
    def rate(self) -> float:
        return round(len(self.taken) / self.seconds, 1)


def load(port: int, requests: Iterable[Request], clients: int, expect: int = 200) -> Load:
    """Send the requests over `clients` kept connections. Any other status than expected ends it."""
    waiting, lock = iter(requests), threading.Lock()
    taken: list[float] = []
    failures: list[str] = []

    def client() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while not failures:
            with lock:
                request = next(waiting, None)
            if request is None:
                break
            method, path, headers, body = request
            began = time.perf_counter()
            line.request(method, path, body, headers)
            answer = line.getresponse()
            content = answer.read()
            taken.append(time.perf_counter() - began)
            if answer.status != expect:
                failures.append(f"{method} {path} answered {answer.status}: {content[:300]!r}")
        line.close()

    threads = [threading.Thread(target=client) for _number in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise BenchError(failures[0])
    return Load(taken, time.perf_counter() - began)


def cpu_seconds(root: int | None) -> float:
    """Seconds of CPU that a process and everything it started have used."""
    total = 0.0
    for process in _family(root):
        try:
            used = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += used.user + used.system
    return total


def cpu_ms(root: int | None, since: float, times: int) -> float | None:
    """Milliseconds of CPU of each of `times` pieces of work; None where there is no such process here."""
    return None if root is None else round((cpu_seconds(root) - since) * MILLI / times, 2)


def memory_of_workers(root: int) -> dict[str, float | None]:
    """MiB of the largest process that `root` started: all it can reach, and its share of it.

    Workers share what the server loaded before it made them; the share (PSS) counts that once for all. Linux only.
    """
    sizes = [process.memory_full_info() for process in psutil.Process(root).children()]
    resident, share = max(one.rss for one in sizes), max(getattr(one, "pss", 0) for one in sizes)
    return {"resident_mib": round(resident / 2**20, 1), "share_mib": round(share / 2**20, 1) or None}


def _family(root: int | None) -> list[psutil.Process]:
    if root is None:
        return []
    process = psutil.Process(root)
    return [process, *process.children(recursive=True)]
