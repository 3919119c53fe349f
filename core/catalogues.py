"""The catalogues of translated sentences and their compiled form, which Django reads and git does not keep.

Knows nothing of Django, so that it can work before Django starts: a process that has read a catalogue once never looks
again. `up`, `manage.py translations` and the settings of the tests call `compile_all`.
"""

import os
from collections.abc import Iterator
from pathlib import Path


def catalogues(root: Path) -> Iterator[Path]:
    yield from sorted((root / "locale").glob("*/LC_MESSAGES/django.po"))


def is_compiled(path: Path) -> bool:
    compiled = path.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime >= path.stat().st_mtime


def compile_all(root: Path) -> None:
    """Write the .mo file beside each catalogue that is newer than it. Two at once do no harm."""
    stale = [path for path in catalogues(root) if not is_compiled(path)]
    if not stale:
        return
    from babel.messages.mofile import write_mo  # noqa: PLC0415  only where there is something to compile
    from babel.messages.pofile import read_po  # noqa: PLC0415

    for path in stale:
        with path.open("rb") as file:
            catalog = read_po(file, locale=path.parts[-3])
        written = path.with_suffix(f".{os.getpid()}.mo")
        with written.open("wb") as file:
            write_mo(file, catalog)
        written.replace(path.with_suffix(".mo"))
