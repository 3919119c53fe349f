"""What must be there before the system starts: front-end files, translations, database, static files, a programme.

`up` runs these steps one after the other and prints a line for each; every one looks first whether there is anything to
do, so that the second start is quick. Each answers with the few words that stand on its line. The processes themselves
are in `config/running/supervisor.py`.
"""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.utils import get_files
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.setup import frontend
from core import catalogues
from programmes.models import Programme


class PreparationError(RuntimeError):
    """A step could not be done; what it said."""


SHIPPED = "vlt"
Step = tuple[str, Callable[[], str]]


def steps() -> list[Step]:
    return [
        ("front-end packages", front_end),
        ("translations", compiled_translations),
        ("database", database),
        ("static files", static_files),
    ]


def front_end() -> str:
    return "installed" if frontend.install() else "there"


def compiled_translations() -> str:
    catalogues.compile_all(settings.BASE_DIR)
    return "compiled"


def database() -> str:
    """Bring the tables up to date, only when a migration is owed."""
    executor = MigrationExecutor(connection)
    owed = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if owed:
        call_command("migrate", interactive=False, verbosity=0)
    return f"{connection.display_name}, {len(owed)} migrations applied" if owed else connection.display_name


def static_files() -> str:
    """Collect, compress and name by content, only when a file has changed."""
    stamp_path = Path(settings.STATIC_ROOT) / ".stamp"
    stamp = _fingerprint()
    if stamp_path.exists() and stamp_path.read_text(encoding="ascii") == stamp:
        return "there"
    try:
        call_command("collectstatic", interactive=False, verbosity=0)
    except ValueError as error:  # a stylesheet or script names a file that is not there
        raise PreparationError(f"The static files cannot be collected: {error}") from error
    stamp_path.write_text(stamp, encoding="ascii")
    return "collected"


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in finders.get_finders():
        for storage in finder.storages.values():
            for name in sorted(get_files(storage)):
                state = Path(storage.path(name)).stat()
                digest.update(f"{storage.location}/{name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def programme(name: str | None) -> str:
    """Load the programme that was asked for; into an empty database VLT."""
    for command in loading_commands(name, is_first=not Programme.objects.exists()):
        _manage(*command)
    return ", ".join(str(known.name) for known in Programme.objects.all())


def loading_commands(name: str | None, *, is_first: bool) -> list[tuple[str, ...]]:
    """What there is to run. The demo is VLT's own, for a first look; another programme gets what its file says."""
    if not name and not is_first:
        return []
    commands = [("load_programme", name or SHIPPED)]
    if is_first and name in {None, SHIPPED}:
        commands.append(("demo",))
    return commands


def _manage(*arguments: str) -> None:
    """Run a command in a process of its own: this one may have started before the translations were compiled."""
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    done = subprocess.run([*manage, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise PreparationError(f"`manage.py {' '.join(arguments)}` failed:\n{done.stdout.strip()}")
