"""A real `up` on a directory and a port of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from config.environment import of_running_up

pytestmark = pytest.mark.alone

MANAGE = settings.BASE_DIR / "manage.py"
LEFT_BEHIND = {"DATA_DIR", "DATABASE_URL", "REDIS_URL", "SITE_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "EMAIL_URL"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in LEFT_BEHIND}


def up(data: Path, port: int, *options: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, str(MANAGE), "up", "--data", str(data), "--port", str(port), *options],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def running(data: Path, port: int, *options: str):
    process = up(data, port, "--empty", *options)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)


def answer(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def wait_until(condition, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)


def children(data: Path) -> list[int]:
    """The pids that the children wrote into their locks."""
    written = [path.read_text() for path in (data / "run").glob("*.lock") if path.name != "up.lock"]
    return [int(pid) for pid in written if pid]  # a child that is being born has written nothing yet


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def data(tmp_path, front_end):
    """A data directory with the front-end files already there, so that only the start is tried."""
    directory = tmp_path / "var"
    directory.mkdir()
    (directory / "frontend").symlink_to(front_end)
    return directory


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_up_runs_survives_a_dead_child_and_being_killed_and_stops_when_told(data):
    port = free_port()
    with running(data, port) as first:
        wait_until(lambda: answer(port, "/healthz")[0] == 200)
        wait_until(lambda: len(children(data)) == 4)

        second = up(data, free_port(), "--empty")
        assert "already runs on" in second.communicate(timeout=60)[0]
        assert second.returncode == 1

        beside = of_running_up(data)
        assert beside["SITE_URL"] == f"http://127.0.0.1:{port}"
        assert beside["REDIS_URL"].startswith("redis://")

        beat = int((data / "run" / "beat.lock").read_text())
        os.kill(beat, signal.SIGKILL)
        wait_until(lambda: int((data / "run" / "beat.lock").read_text() or beat) != beat)
        wait_until(lambda: answer(port, "/readyz")[0] == 200)
        assert json.loads(answer(port, "/readyz")[1])["parts"]["broker"] == {"ok": True, "detail": "redis"}

        known = children(data)
        first.kill()
        first.communicate(timeout=10)
        assert of_running_up(data) == {}
    with running(data, port) as again:
        wait_until(lambda: answer(port, "/healthz")[0] == 200)
        wait_until(lambda: len(children(data)) == 4 and not set(known) & set(children(data)))
        assert not [pid for pid in known if is_alive(pid)]
        last = children(data)
        again.send_signal(signal.SIGINT)
        output = again.communicate(timeout=60)[0]
    assert "Convivio has stopped" in output
    assert re.search(r"database +\d+\.\d s  SQLite\n", output)
    assert not [pid for pid in last if is_alive(pid)]
    assert again.returncode == 0


def test_up_on_a_taken_port_names_it_and_the_option(data):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = up(data, port)
        output = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert f"Port {port} is taken by another program" in output
    assert f"--port {port + 1}" in output
    assert "Traceback" not in output


def test_up_with_a_wrong_setting_names_it_before_anything_starts(data):
    process = subprocess.run(
        [sys.executable, str(MANAGE), "up", "--data", str(data)],
        env=environment() | {"DATABASE_URL": "mongo://nowhere"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert process.returncode == 1
    assert "DATABASE_URL is wrong" in process.stderr
    assert "Traceback" not in process.stderr
    assert not (data / "run").exists()
