"""The machine's own Chromium as a phone with a made-up camera, closed again at the end; without one it says so."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from config.bench.measuring import BenchError

PHONE = {"width": 390, "height": 844}
CAMERA = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]


@contextmanager
def running(*arguments: str) -> Iterator:
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415  of the development environment only
    except ImportError:
        raise BenchError("This measures a browser: it needs the development packages (`uv sync`).") from None
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        raise BenchError("This measures a browser: install the package `chromium`.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, headless=True, args=["--no-sandbox", *CAMERA, *arguments]
        )
        try:
            yield browser
        finally:
            browser.close()
