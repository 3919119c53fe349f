"""Reads settings from the environment, so that a wrong one is named before anything starts.

Every setting `NAME` may also be given as `NAME_FILE`, the path of a file that holds it (secrets of containers).
A missing or wrong one raises ImproperlyConfigured with a sentence that names it and says what is expected.
"""

import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str | None = None) -> str:
    """The setting as text. Without a default it must be there."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: {path} cannot be read ({error.strerror}).") from error
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. See docs/operating.md, “Settings”.")
    return value


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
