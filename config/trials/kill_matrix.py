"""A newsletter that leaves while its workers are killed, the broker is emptied and the database crashes.

Everything is real: subscribers, the newsletter's own services, Celery workers and two beats at once, Redis, the
database, a mail server (`config/bench/sink.py`). Blows fall at random points of the sending, so that they hit work and
not idleness however fast this machine is; with the same seed, at the same points. Then everybody has time to finish,
and `judge` compares the mail server's log with the outbox, name by name.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count

from config.bench import readers
from config.bench.measuring import Report
from config.bench.stage import Stage
from config.running.supervisor import Child
from config.trials import judge
from mail.models import Delivery
from newsletters.models import Newsletter, Subscription
from newsletters.services import progress, scheduling, subscriptions
from programmes.models import Programme

LEAVERS = 20
MILLISECONDS = 8.0  # that the mail server takes before it says "taken": where a death leaves a doubt
SILENCE = 120.0  # seconds without anything new after which the trial gives up


class TrialError(RuntimeError):
    """A rule was broken, or the trial could not be played to its end."""


@dataclass(frozen=True)
class Plan:
    recipients: int
    workers: int
    kills: int
    flushes: int
    crashes: int
    seed: int

    def blows(self) -> list[tuple[int, str]]:
        """At how many accepted messages which blow falls."""
        chance = random.Random(self.seed)  # noqa: S311
        names = ["kill"] * self.kills + ["flush"] * self.flushes + ["crash"] * self.crashes
        names += ["unsubscribe"] * min(LEAVERS, self.recipients // 20)
        first, last = self.recipients // 50, self.recipients * 9 // 10
        return sorted((chance.randint(first, last), name) for name in names)


class Trial:
    """One run on a prepared stage."""

    def __init__(self, stage: Stage, plan: Plan, report: Report):
        self.stage, self.plan, self.report = stage, plan, report
        self.chance = random.Random(plan.seed)  # noqa: S311
        self.workers: list[Child] = []
        self.beats: list[Child] = []
        self.doubts_allowed = 0
        self.done = {"kill": 0, "flush": 0, "crash": 0, "unsubscribe": 0}

    def play(self) -> None:
        programme = Programme.objects.get(slug="vlt")
        readers.subscribe(programme, self.plan.recipients, left_out=max(3, self.plan.recipients // 100))
        people = set(Subscription.objects.values_list("email", flat=True))
        newsletter = readers.newsletter(programme, "kill-matrix")
        self.log = self.stage.sink(MILLISECONDS)
        self.workers = [self._celery(f"worker {number}", "worker") for number in range(self.plan.workers)]
        self.beats = [self._celery(f"beat {number}", "beat") for number in range(2)]
        began = time.monotonic()
        scheduling.send_now(newsletter=newsletter)
        self._strike()
        self._wait_for_the_end(newsletter)
        seconds = time.monotonic() - began
        for child in [*self.beats, *self.workers]:
            self.stage.supervisor.kill(child)
        self._judge(newsletter, people, seconds)

    def _celery(self, name: str, kind: str) -> Child:
        options = ["--loglevel", "WARNING"]
        if kind == "worker":  # one process that sends, so one connection
            options += ["--concurrency", "1", "--hostname", f"{name.replace(' ', '')}@trial"]
            options += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        else:
            options += ["--schedule", str(settings.DATA_DIR / name.replace(" ", "-"))]
        command = [sys.executable, "-m", "celery", "--workdir", str(settings.BASE_DIR)]
        return self.stage.supervisor.start(name, [*command, "-A", "config.trials.hurry", kind, *options])

    def _strike(self) -> None:
        for at, name in self.plan.blows():
            for accepted in self._accepted():
                if accepted >= at:
                    break
            time.sleep(self.chance.uniform(0, 2 * MILLISECONDS / 1000))
            getattr(self, f"_{name}")()
            self.done[name] += 1

    def _kill(self) -> None:
        """`kill -9`: a whole worker, or only the process in it that sends, and then its master starts another."""
        worker = self.chance.choice(self.workers)
        senders = psutil.Process(worker.process.pid).children()
        self.doubts_allowed += 1
        if senders and self.chance.random() < 0.3:
            senders[0].kill()
            return
        self.stage.supervisor.kill(worker)
        self.stage.supervisor.start_again(worker)

    def _flush(self) -> None:
        redis.Redis.from_url(settings.REDIS_URL).flushall()

    def _crash(self) -> None:
        """The database goes away in the middle; SQLite has no server, so all who use it die at once instead."""
        self.doubts_allowed += len(self.workers)
        if self.stage.crash_database():
            return
        for child in [*self.workers, *self.beats]:
            self.stage.supervisor.kill(child)
        for child in [*self.workers, *self.beats]:
            self.stage.supervisor.start_again(child)

    def _unsubscribe(self) -> None:
        active = Subscription.objects.active().order_by("pk")
        subscriptions.unsubscribe(subscription=active[self.chance.randrange(active.count())])

    def _accepted(self) -> Iterator[int]:
        """How many messages the mail server has taken, again and again."""
        return self._growing(lambda: _lines(self.log))

    def _growing(self, look: Callable[[], int], pause: float = 0.01) -> Iterator[int]:
        """What `look` finds, until nothing new has come for too long."""
        known, since = look(), time.monotonic()
        while True:
            found = look()
            if found != known:
                known, since = found, time.monotonic()
            elif time.monotonic() - since > SILENCE:
                raise TrialError(f"Nothing has moved for {SILENCE:.0f} s. {self.stage.last_words()}")
            self.stage.supervisor.check()
            yield found
            time.sleep(pause)

    def _wait_for_the_end(self, newsletter: Newsletter) -> None:
        for still_open in self._growing(lambda: self._still_open(newsletter), pause=0.5):
            if still_open == 0:
                break
        time.sleep(3)  # whoever wants to send something twice has time for it

    def _still_open(self, newsletter: Newsletter) -> int:
        try:
            newsletter.refresh_from_db()
            if newsletter.mailing_id is None:
                return -1
            return Delivery.objects.filter(message__mailing=newsletter.mailing_id, state__in=progress.OPEN).count()
        except DatabaseError:
            connection.close()
            return -1

    def _judge(self, newsletter: Newsletter, people: set[str], seconds: float) -> None:
        accepted = judge.read(self.log)
        rows = Delivery.objects.filter(message__mailing=newsletter.mailing_id)
        kept = [judge.Kept(*row) for row in rows.values_list("email", "mail_id", "state")]
        found = judge.violations(accepted, kept, people, self.doubts_allowed)
        arrived = {one.email for one in accepted}
        uncertain = [row.email for row in kept if row.state == judge.UNCERTAIN]
        states = dict(rows.values_list("state").annotate(number=Count("pk")))
        self.report.add("blows", **self.done, seed=self.plan.seed)
        self.report.add("the outbox", **dict(sorted(states.items())))
        self.report.add(
            "the mail server's log",
            messages=len(accepted),
            people=len(arrived),
            connections=len({one.connection for one in accepted}),
            seconds=round(seconds, 1),
            per_second=round(len(accepted) / seconds, 1),
        )
        self.report.add(
            "in doubt, by name",
            people=len(uncertain),
            allowed=self.doubts_allowed,
            arrived=len(arrived.intersection(uncertain)),
            names=", ".join(uncertain) or None,
        )
        self.report.add(
            "a planted double and a planted loss are found", yes=judge.is_awake(accepted, kept, people, 10**6)
        )
        if not progress.adds_up(newsletter):
            found.append("The newsletter's own sums do not add up.")
        self.report.add("rules broken", number=len(found))
        if found:
            raise TrialError("\n".join(found))


def _lines(log: Path) -> int:
    return log.read_bytes().count(b"\n") if log.exists() else 0
