"""The house keeps its own rules: imports run down, nothing untranslated, no migration missing, nobody else's files."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from core import translations

pytestmark = pytest.mark.alone
ROOT = Path(settings.BASE_DIR)


def run(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def tracked() -> list[str]:
    return subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    ).stdout.splitlines()


def test_code_is_linted_and_formatted():
    run(sys.executable, "-m", "ruff", "check", ".")
    run(sys.executable, "-m", "ruff", "format", "--check", ".")


def test_imports_run_down():
    run(str(Path(sys.executable).with_name("lint-imports")))


def test_templates_are_linted():
    run(sys.executable, "-m", "djlint", "templates", "--lint", "--quiet")


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_every_sentence_is_translated():
    assert translations.missing(ROOT) == []


def test_no_third_party_file_is_kept():
    foreign = (".min.js", ".min.css", ".woff", ".woff2", ".ttf", ".wasm", "uv.lock")
    assert [name for name in tracked() if name.endswith(foreign) or "node_modules/" in name] == []


def test_no_lock_file_names_a_registry():
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
