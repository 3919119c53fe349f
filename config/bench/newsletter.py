"""A newsletter of 20 kB a copy through one worker to a local mail server: how fast, in how much memory, how soon.

The worker is a real Celery worker with one process, woken as it is in life; its figures come from the mail server's own
log. The ceiling is one kept session of the standard library that hands ready-made bodies to the same server. Each
newsletter goes to everybody there is, so the audience grows from row to row.
"""

import os
import smtplib
import socket
import statistics
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.db import connection

from config.bench import readers
from config.bench.measuring import MILLI, BenchError, Report, cpu_ms, cpu_seconds, queries, timed
from config.bench.stage import Stage
from config.trials import judge
from mail.composing import compose
from mail.models import Delivery
from newsletters.models import Newsletter
from newsletters.services import audiences, progress, scheduling, sending, steering
from programmes.models import Programme

WARM, SPED, LARGE, HUGE = 1_000, 5_000, 10_000, 100_000
READY_MADE = 200
PATIENCE = 240.0
AIMS = {"postgresql": "≥ 700/s and ≥ 35 %", "sqlite": "≥ 1000/s and ≥ 50 %"}


def measure(stage: Stage, report: Report) -> None:
    log = Log(stage.sink())
    programme = Programme.objects.get(slug="vlt")
    worker = _worker(stage)
    readers.subscribe(programme, WARM)
    first = Sending(programme, log, worker.process.pid, stage.database)
    first.run_whole()
    report.add(f"to {WARM}, which warms the worker", resident_mib=first.resident_mib)

    bodies = [compose(row) for row in Delivery.objects.select_related("message")[:READY_MADE]]
    size = round(statistics.mean(map(len, bodies)) / 1000, 1)
    ceiling = _bare_session(bodies, SPED)
    report.add("ceiling: a kept session, ready-made bodies", per_second=round(ceiling), kb=size)
    report.add("the mail server, given prepared bytes", per_second=round(_bare_writes(bodies, SPED)))
    log.skip()

    readers.subscribe(programme, SPED - WARM, word="more")
    again = Sending(programme, log, worker.process.pid, stage.database)
    _row(report, f"to {SPED}", again, ceiling, AIMS.get(connection.vendor))
    stage.supervisor.end(worker)
    os.environ |= {"DKIM_KEY": _key(), "DKIM_SELECTOR": "bench"}
    worker = _worker(stage)
    signed = Sending(programme, log, worker.process.pid, stage.database)
    _row(report, f"to {SPED}, signed by us (RSA)", signed, ceiling)
    stage.supervisor.end(worker)
    del os.environ["DKIM_KEY"], os.environ["DKIM_SELECTOR"]

    worker = _worker(stage)
    readers.subscribe(programme, LARGE - SPED, word="many")
    large = Sending(programme, log, worker.process.pid, stage.database)
    _row(report, f"to {LARGE}", large, ceiling)
    readers.subscribe(programme, HUGE - LARGE, word="most")
    huge = Sending(programme, log, worker.process.pid, stage.database)
    _huge(report, huge, aim=f"≤ 10 s, memory as to {LARGE}")
    _counting(report, programme)


class Log:
    """The mail server's log, read on from where one was."""

    def __init__(self, path: Path):
        self.path, self.read_to = path, 0

    def skip(self) -> None:
        self.read_to = len(judge.read(self.path))

    def news(self) -> list[judge.Accepted]:
        return judge.read(self.path)[self.read_to :]


class Sending:
    """One newsletter on its way to everybody, and what its worker costs meanwhile."""

    number = 0

    def __init__(self, programme: Programme, log: Log, worker: int, database: int | None):
        Sending.number += 1
        self.newsletter = readers.newsletter(programme, f"bench-{Sending.number}")
        self.log, self.worker, self.database = log, worker, database
        self.resident_mib = 0.0
        self.accepted: list[judge.Accepted] = []

    def run_whole(self) -> None:
        """From "send now" until nothing is open."""
        used, used_by_database = cpu_seconds(self.worker), cpu_seconds(self.database)
        self.begin()
        self.wait(lambda: not self._is_open())
        self.accepted = self.log.news()
        self.log.skip()
        self.cpu_ms = cpu_ms(self.worker, used, len(self.accepted))
        self.database_cpu_ms = cpu_ms(self.database, used_by_database, len(self.accepted))

    def begin(self) -> None:
        self.due = time.time()
        scheduling.send_now(newsletter=self.newsletter)

    def wait(self, is_done) -> None:
        """Until `is_done`, looking at the worker's memory all the while."""
        deadline = time.monotonic() + PATIENCE
        while not is_done():
            if time.monotonic() > deadline:
                raise BenchError(f"Nothing came of it in {PATIENCE:.0f} s.")
            sizes = [process.memory_info().rss for process in psutil.Process(self.worker).children()]
            self.resident_mib = max(self.resident_mib, *(round(size / 2**20, 1) for size in sizes), 0.0)
            time.sleep(0.1)

    def _is_open(self) -> bool:
        self.newsletter.refresh_from_db()
        if self.newsletter.mailing_id is None:
            return True
        return Delivery.objects.filter(message__mailing=self.newsletter.mailing_id, state__in=progress.OPEN).exists()

    @property
    def per_second(self) -> float:
        return (len(self.accepted) - 1) / (self.accepted[-1].at - self.accepted[0].at)


def _row(report: Report, name: str, one: Sending, ceiling: float, aim: str | None = None) -> None:
    one.run_whole()
    report.add(
        name,
        per_second=round(one.per_second),
        of_the_ceiling=f"{one.per_second / ceiling:.0%}",
        cpu_ms=one.cpu_ms,
        database_cpu_ms=one.database_cpu_ms,
        resident_mib=one.resident_mib,
        aim=aim,
    )


def _huge(report: Report, one: Sending, aim: str) -> None:
    """The first message, some seconds of sending, and then the button that holds it."""
    one.begin()
    one.wait(one.log.news)
    first = one.log.news()[0].at - one.due
    until = time.monotonic() + 10
    one.wait(lambda: time.monotonic() > until)
    steering.pause(newsletter=one.newsletter)
    paused_at = time.time()
    until = time.monotonic() + 3
    one.wait(lambda: time.monotonic() > until)
    one.accepted = one.log.news()
    late = sum(message.at > paused_at for message in one.accepted)
    report.add(
        f"to {HUGE}",
        first_after_seconds=round(first, 1),
        per_second=round(len(one.accepted) / (paused_at - one.accepted[0].at)),
        resident_mib=one.resident_mib,
        aim=aim,
    )
    report.add("accepted after the pause was committed", messages=late, aim="≤ 1")


def _counting(report: Report, programme: Programme) -> None:
    """What the pages ask while all those rows are there."""
    newsletter = Newsletter.objects.latest("pk")
    asked = {
        "progress": lambda: progress.of(newsletter),
        "whether the sums add up": lambda: progress.adds_up(newsletter),
        "reach of an audience": lambda: audiences.reach(programme, audiences.Audience()),
        "look for newsletters that are done": sending.finish_sent,
    }
    for name, work in asked.items():
        report.add(
            f"{name}, {HUGE} rows",
            queries=queries(work),
            median_ms=round(statistics.median(timed(work, 5)) * MILLI, 1),
        )


def _worker(stage: Stage):
    """As `up` starts it, but with one process; ready when it has told its log so."""
    command = [sys.executable, "-m", "celery", "--workdir", str(settings.BASE_DIR), "-A", "worker", "worker"]
    command += ["--loglevel", "INFO", "--concurrency", "1", "--without-gossip", "--without-mingle"]
    child = stage.supervisor.start("worker", command)
    log = stage.supervisor.log_of("worker")
    stage.supervisor.wait_for(child, lambda: " ready." in log.read_text(encoding="utf-8"), seconds=60)
    return child


def _bare_session(bodies: list[bytes], times: int) -> float:
    """Messages a second of a kept session of the standard library that is given ready-made bodies."""
    smtp = _session()
    began = time.perf_counter()
    for number in range(times):
        smtp.sendmail("info@example.org", [f"reader.{number}@example.org"], bodies[number % len(bodies)])
    seconds = time.perf_counter() - began
    smtp.close()
    return times / seconds


def _bare_writes(bodies: list[bytes], times: int) -> float:
    """Messages a second of who writes prepared bytes and never looks at them: what the mail server itself can take."""
    ready = [body.replace(b"\r\n.", b"\r\n..") + b".\r\n" for body in bodies]
    smtp = _session()
    began = time.perf_counter()
    for number in range(times):
        smtp.mail("info@example.org")
        smtp.rcpt(f"reader.{number}@example.org")
        smtp.docmd("DATA")
        smtp.send(ready[number % len(ready)])
        if smtp.getreply()[0] != 250:
            raise BenchError("The mail server of the benchmark refused a message.")
    seconds = time.perf_counter() - began
    smtp.close()
    return times / seconds


def _session() -> smtplib.SMTP:
    address = urlsplit(settings.EMAIL_URL)
    smtp = smtplib.SMTP(address.hostname, address.port, local_hostname="bench")
    smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    smtp.ehlo()
    return smtp


def _key() -> str:
    key = rsa.generate_private_key(65537, 2048)
    kind = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, *kind).decode()
