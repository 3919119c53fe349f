"""The exact version of every Python package, transitive ones too, as constraints in `pyproject.toml`.

uv's own lock file is kept out of git, as it names the hosts that packages were fetched from; the constraints say the
same without them. `manage.py pin` writes them after a dependency was added; with `--upgrade` it looks for newer
versions first. A test fails when a package of the environment has no pin.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from django.conf import settings

PROJECT = settings.BASE_DIR / "pyproject.toml"
BLOCK = re.compile(r"^constraint-dependencies = \[\n(.*?)^\]\n", re.MULTILINE | re.DOTALL)
ALL = ["--all-groups", "--no-hashes", "--no-annotate", "--no-header", "--quiet"]


def known() -> dict[str, str]:
    """Package → version, as pinned now."""
    found = BLOCK.search(PROJECT.read_text(encoding="utf-8"))
    return dict(re.findall(r'"([^"=; ]+)==([^"; ]+)', found[1])) if found else {}


def renew(upgrade: bool = False) -> int:
    """Write the pins of what uv resolves; how many. With `upgrade`, what is pinned now does not hold it back."""
    if upgrade:
        _write([])
        _uv("lock", "--upgrade", "--quiet")
    resolved = [line for line in _uv("export", *ALL).splitlines() if "==" in line]
    _write(_without_needless_markers(resolved))
    _uv("lock", "--quiet")
    return len(resolved)


def _without_needless_markers(resolved: list[str]) -> list[str]:
    """A marker says on which platform a version holds: only of use where two versions of a package are pinned."""
    names = [line.split("==")[0] for line in resolved]
    return [line if names.count(name) > 1 else line.split(" ;")[0] for name, line in zip(names, resolved, strict=True)]


def _write(pins: list[str]) -> None:
    block = "".join(["constraint-dependencies = [\n", *(f'    "{pin}",\n' for pin in pins), "]\n"])
    text = PROJECT.read_text(encoding="utf-8")
    PROJECT.write_text(BLOCK.sub(lambda _found: block, text), encoding="utf-8")


def _uv(*arguments: str) -> str:
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    return subprocess.run(
        [uv, *arguments], cwd=Path(PROJECT).parent, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
