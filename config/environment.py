"""Reads settings from the environment, so that a wrong one is named before anything starts.

Every setting `NAME` may instead be given as `NAME_FILE`, the path of a file that holds it (secrets of containers).
A missing or wrong one raises ImproperlyConfigured with a sentence that names it and says what is expected.
"""

import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str | None = None) -> str:
    """The setting as text. Without a default it must be there."""
    value, path = os.environ.get(name, default), os.environ.get(f"{name}_FILE")
    if path:
        if os.environ.get(name):
            raise ImproperlyConfigured(f"{name} and {name}_FILE are both set. Keep one of them.")
        value = _content(f"{name}_FILE", path)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. See docs/operating.md, “Settings”.")
    return value


def _content(name: str, path: str) -> str:
    try:
        content = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}: {path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise ImproperlyConfigured(f"{name}: {path} cannot be read (it is not text).") from error
    if not content:
        raise ImproperlyConfigured(f"{name}: {path} is empty.")
    return content


def flag(name: str, default: bool = False) -> bool:
    value = text(name, "true" if default else "false").strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not “{value}”.")


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def parsed(name: str, default: str, parser: Callable[[str], Any], expected: str) -> Any:
    """The setting read by `parser`; whatever the parser raises becomes a sentence with `expected`."""
    value = text(name, default)
    try:
        return parser(value)
    except Exception as error:
        raise ImproperlyConfigured(f"{name} is wrong: expected {expected}. ({error})") from error


def database(name: str, default: str) -> dict[str, Any]:
    """The entry of Django's DATABASES for an address. PostgreSQL and SQLite only: on both is Convivio tested."""
    expected = "postgresql://user:password@host:5432/name or sqlite:///file"

    def parser(url: str) -> dict[str, Any]:
        scheme, colon, _place = url.partition("://")
        if not colon or scheme not in {"postgresql", "postgres", "sqlite"}:
            raise ValueError("PostgreSQL and SQLite only")
        return dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)

    return parsed(name, default, parser, expected)


def of_running_up(data_dir: Path) -> dict[str, str]:
    """SITE_URL and REDIS_URL of the `up` that holds `data_dir` now; empty when none runs.

    So a command beside it writes the same links and wakes the same worker.
    """
    run_dir = data_dir / "run"
    try:
        told = json.loads((run_dir / "settings.json").read_text(encoding="utf-8"))
        with (run_dir / "up.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return told
    except (OSError, ValueError):
        pass
    return {}
