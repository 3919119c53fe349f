"""Keeps the processes of `up` together: web server, Celery worker, beat, and its own Redis.

One supervisor holds one data directory. It starts every child through `launcher.py`, starts again what dies (and gives
up with a sentence when that does not help), and ends them all when it is told to. When it was killed itself, the kernel
ends the children; whatever still runs is found by its lock and ended by the next start. What is prepared beforehand
(database, files) is in `config/setup/`.
"""

import contextlib
import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

LAUNCHER = Path(__file__).with_name("launcher.py")
PATIENCE = 10.0  # seconds that a child has to end by itself
DEATHS_ALLOWED, DEATHS_WITHIN = 3, 60.0
TICK = 0.25


class SupervisorError(RuntimeError):
    """The system cannot run; the sentence says why and what to do."""


@dataclass
class Child:
    name: str
    command: list[str]
    process: subprocess.Popen | None = None
    deaths: list[float] = field(default_factory=list)


class Supervisor:
    """The processes of one data directory. Use as a context: leaving it ends every child."""

    def __init__(self, data_dir: Path):
        self.run_dir, self.log_dir = data_dir / "run", data_dir / "logs"
        self.children: list[Child] = []
        self.stopping = False
        self._lock = None

    def __enter__(self) -> "Supervisor":
        for directory in (self.run_dir, self.log_dir):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._hold()
        (self.run_dir / "settings.json").unlink(missing_ok=True)
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, self._stop)
        self._end_leftovers()
        return self

    def __exit__(self, *exception) -> None:
        self.end_all()
        self._lock.close()

    def tell(self, **settings: str) -> None:
        """Leave these for commands that are run beside us (`config.environment.of_running_up`)."""
        path = self.run_dir / "settings.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(settings), encoding="utf-8")

    def start(self, name: str, command: list[str]) -> Child:
        child = Child(name, command)
        self.children.append(child)
        log = self.log_of(name)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        self._spawn(child)
        return child

    def wait_for(self, child: Child, is_ready, seconds: float) -> None:
        """Return when `is_ready()` says so; a child that dies first or takes too long is an error."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if self.stopping:
                raise KeyboardInterrupt
            if child.process.poll() is not None:
                raise SupervisorError(f"The {child.name} ended at once. {self._last_words(child)}")
            if time.monotonic() > deadline:
                raise SupervisorError(f"The {child.name} was not ready in {seconds:.0f} s. {self._last_words(child)}")
            time.sleep(0.05)

    def watch(self, say) -> None:
        """Until told to stop: start again what dies, and say so."""
        while not self.stopping:
            time.sleep(TICK)
            for child in self.children:
                if child.process.poll() is not None and not self.stopping:
                    self._revive(child, say)

    def check(self) -> None:
        """Raise when a child has ended by itself, or when we were told to end."""
        if self.stopping:
            raise KeyboardInterrupt
        for child in self.children:
            if child.process.poll() is not None:
                raise SupervisorError(f"The {child.name} has ended by itself. {self._last_words(child)}")

    def kill(self, child: Child) -> None:
        """As if its host had lost power: the child and all it started, at once."""
        _kill(child.process.pid)
        child.process.wait()

    def end(self, child: Child) -> None:
        """Let one child finish what it does, and do without it from now on."""
        child.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(PATIENCE)
        self.kill(child)
        self.children.remove(child)

    def start_again(self, child: Child) -> None:
        self._spawn(child)

    def end_all(self) -> None:
        """End the children, Redis (the first started) last, so that the others can still say goodbye to it."""
        for group in (self.children[1:], self.children[:1]):
            for child in group:
                child.process.terminate()  # only the first of the group: Celery lets its tasks finish
            deadline = time.monotonic() + PATIENCE
            for child in group:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.1, deadline - time.monotonic()))
                _kill(child.process.pid)
                child.process.wait()
        self.children = []

    def log_of(self, name: str) -> Path:
        return self.log_dir / f"{name.replace(' ', '-')}.log"

    def _stop(self, *_signal) -> None:
        self.stopping = True

    def _hold(self) -> None:
        self._lock = (self.run_dir / "up.lock").open("a+")
        deadline = time.monotonic() + 1  # a command that only looks holds it for an instant
        while not _take(self._lock):
            if time.monotonic() > deadline:
                self._lock.seek(0)
                pid = self._lock.read().strip() or "?"
                self._lock.close()
                raise SupervisorError(
                    f"Convivio already runs on {self.run_dir.parent} (process {pid}). "
                    "End that one first (Ctrl-C), or give this one a directory of its own with --data DIR."
                )
            time.sleep(0.05)
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()

    def _spawn(self, child: Child) -> None:
        lock = self.run_dir / f"{child.name.replace(' ', '-')}.lock"
        with self.log_of(child.name).open("ab") as log:
            child.process = subprocess.Popen(
                [sys.executable, "-S", str(LAUNCHER), str(lock), str(os.getpid()), *child.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # its own group, so that all of it can be ended; Ctrl-C reaches only us
            )

    def _revive(self, child: Child, say) -> None:
        now = time.monotonic()
        child.deaths = [moment for moment in child.deaths if now - moment < DEATHS_WITHIN] + [now]
        if len(child.deaths) > DEATHS_ALLOWED:
            raise SupervisorError(f"The {child.name} keeps ending. {self._last_words(child)}")
        say(f"The {child.name} ended ({_how(child.process.returncode)}); starting it again.")
        _kill(child.process.pid)
        self._spawn(child)

    def _last_words(self, child: Child) -> str:
        log = self.log_of(child.name)
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-8:]
        return "\n".join([f"The end of {log}:", *lines])

    def _end_leftovers(self) -> None:
        """End what a killed `up` left behind: a lock that is still held names a process group that is ours."""
        for path in self.run_dir.glob("*.lock"):
            if path.name == "up.lock":
                continue
            if not _is_held(path):
                continue
            leader = int(path.read_text() or 0)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if leader > 1:
                    os.kill(leader, signal.SIGTERM)
            deadline = time.monotonic() + PATIENCE / 2
            while _is_held(path) and time.monotonic() < deadline:
                time.sleep(0.05)
            if _is_held(path):
                _kill(leader)


def check_port(host: str, port: int) -> None:
    """Fail with a sentence that names the option when nobody can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            code = getattr(error, "errno", None)
            if code == errno.EADDRINUSE:
                sentence = f"Port {port} is taken by another program. Choose another one, e.g. --port {port + 1}."
            elif code == errno.EACCES:
                sentence = f"Port {port} is only for the system's own programs. Choose one above 1023 with --port."
            elif isinstance(error, OverflowError):
                sentence = f"There is no port {port}. Choose one between 1024 and 65535 with --port."
            else:
                sentence = f"This machine cannot listen on {host} ({error}). Choose an address of it with --host."
            raise SupervisorError(sentence) from error


def _is_held(path: Path) -> bool:
    with path.open("a") as file:
        return not _take(file)


def _take(file) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _kill(group: int) -> None:
    """End a child and whatever it started, at once."""
    if group > 1:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
