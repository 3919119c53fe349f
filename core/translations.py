"""Every sentence marked for translation, and whether the catalogues have it, without any system package.

Django's own tools call the gettext programs; Babel does the same in Python, and Django's `templatize` turns a template
into something Babel's extractor reads. `manage.py translations` is the command; compiling is in `core.catalogues`.
"""

import io
import os
from collections.abc import Iterator
from pathlib import Path

from babel.messages import extract
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from core.catalogues import catalogues

KEYWORDS = {
    **extract.DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "gettext_noop": None,
}
LEFT_OUT = {".venv", "node_modules", "var", "tests", "migrations", "locale", ".git"}
HEADER = "# Convivio in the language of this folder.\n# Edit by hand; `manage.py translations` adds what is new."


def _sources(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - LEFT_OUT)
        yield from (Path(folder, name) for name in sorted(names) if name.endswith((".py", ".html", ".txt")))


def extracted(root: Path) -> Catalog:
    """Every sentence marked for translation in Python and in templates below `root`."""
    catalog = Catalog(project="Convivio", charset="utf-8")
    for path in _sources(root):
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            if "{%" not in text:
                continue
            text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines())
        name = path.relative_to(root).as_posix()
        found = extract.extract_python(io.BytesIO(text.encode()), KEYWORDS, ["Translators:"], {"encoding": "utf-8"})
        for line, function, messages, comments in found:
            context, message = _message(function, messages)
            if message:
                flags = ["python-format"] if "%" in str(message) and "%(" in str(message) else []
                catalog.add(
                    message, locations=[(name, 0)], auto_comments=comments, context=context, flags=flags, lineno=line
                )
    return catalog


def _message(function: str, messages: object) -> tuple[str | None, object]:
    spec = KEYWORDS.get(function)
    parts = list(messages) if isinstance(messages, tuple) else [messages]
    context = None
    if spec and isinstance(spec[0], tuple):
        context, parts = parts[0], parts[1:]
    if not parts or parts[0] is None:
        return None, None
    plural = any(isinstance(index, int) and index > 1 for index in (spec or ())) and function.startswith(
        ("n", "un", "dn")
    )
    return context, (tuple(parts[:2]) if plural and len(parts) > 1 else parts[0])


def update(root: Path) -> None:
    """Add what is new to every catalogue and drop what is gone; nothing is guessed."""
    template = extracted(root)
    for path in catalogues(root):
        with path.open("rb") as file:
            catalog = read_po(file, locale=path.parts[-3])
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        catalog.header_comment = HEADER
        with path.open("wb") as file:
            write_po(file, catalog, width=110, omit_header=False, sort_output=True, no_location=True)


def missing(root: Path) -> list[str]:
    """What would show in English on an Italian page: absent, empty, fuzzy or stale sentences of each catalogue."""
    wanted = {(message.context, message.id) for message in extracted(root) if message.id}
    problems = []
    for path in catalogues(root):
        language = path.parts[-3]
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
        known = {(message.context, message.id): message for message in catalog if message.id}
        for key in sorted(wanted - known.keys(), key=str):
            problems.append(f"{language}: absent: {key[1]!r}")
        for key in sorted(known.keys() - wanted, key=str):
            problems.append(f"{language}: no longer used: {key[1]!r}")
        for key, message in known.items():
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            if message.fuzzy or not all(strings):
                problems.append(f"{language}: not translated: {key[1]!r}")
            problems.extend(f"{language}: {error}: {key[1]!r}" for error in message.check(catalog))
    return problems
