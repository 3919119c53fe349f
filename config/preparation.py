"""What must be there before the system starts: front-end files, translations, database, static files, a programme.

`up` runs these steps one after the other and prints a line for each; every one looks first whether there is anything to
do, so that the second start is quick. Each answers with the few words that stand on its line. The processes themselves
are in `config/supervisor.py`.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.utils import get_files
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config import frontend
from core import translations
from programmes.models import Programme

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
    translations.compile_all(settings.BASE_DIR)
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
    call_command("collectstatic", interactive=False, verbosity=0)
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
    """Load the programme that was asked for; into an empty database VLT, with the events of its demo."""
    is_first = not Programme.objects.exists()
    if name or is_first:
        call_command("load_programme", name or "vlt")
    if is_first:
        call_command("demo")
    return ", ".join(str(known) for known in Programme.objects.all())
