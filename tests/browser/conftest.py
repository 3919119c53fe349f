"""A real browser on a phone, without a way out: a page that asks another host for anything fails its test.

The browser is the machine's own Chromium. Without one these tests are skipped with a sentence, except where
`CONVIVIO_ALL_TESTS` says that nothing may be skipped.
"""

import os
import shutil
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.door import anna as anna  # who stands at the door
from tests.browser.door import event as event
from tests.browser.door import pair as pair
from tests.browser.door import phone as phone
from tests.mail.conftest import sink as sink  # the mail server that does what it is told

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))), None
)
QUIET = [
    "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
BUSY = 20  # seconds that a machine with other things to do may take for anything
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "EN-301-549"]

expect.set_options(timeout=BUSY * 1000)


def eventually(page, fact: Callable[[], Any], wanted: Any = True) -> None:
    """Wait until `fact()` gives `wanted`. A page may answer before the server has heard of anything."""
    until = time.monotonic() + BUSY
    while (given := fact()) != wanted and time.monotonic() < until:
        page.wait_for_timeout(50)  # what the page's routes hold goes on meanwhile
    assert given == wanted


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def launch(front_end):
    """Starts a browser, with further arguments where a test needs them (a fake camera)."""
    if not CHROMIUM:
        if os.environ.get("CONVIVIO_ALL_TESTS"):
            pytest.fail("No Chromium on this machine, and nothing may be skipped here.")
        pytest.skip("No Chromium on this machine: install the package `chromium` to run the browser tests.")
    with sync_playwright() as playwright:
        yield lambda *arguments: playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=[*QUIET, *arguments]
        )


@pytest.fixture(scope="session")
def browser(launch):
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture
def open_context(live_server):
    """Makes contexts (`open_context(browser, viewport=DESKTOP)`) and checks what they asked of other hosts."""
    contexts: list[BrowserContext] = []
    foreign: list[str] = []
    own = urlsplit(live_server.url).netloc

    def watch(request):
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.netloc != own:
            foreign.append(request.url)

    def open_one(browser: Browser, **options) -> BrowserContext:
        context = browser.new_context(
            **{"viewport": PHONE, "locale": "it-IT", "base_url": live_server.url, "bypass_csp": False} | options
        )
        context.set_default_timeout(BUSY * 1000)
        context.set_default_navigation_timeout(60_000)  # the first page of a run compiles every template
        context.on("request", watch)
        contexts.append(context)
        return context

    yield open_one
    for context in contexts:
        context.close()
    assert foreign == [], "asked another host"


@pytest.fixture
def page(browser, open_context) -> Page:
    """A phone. `page.goto("/eventi/")` is relative to the running site."""
    return open_context(browser).new_page()


@pytest.fixture
def desktop_page(browser, open_context) -> Page:
    return open_context(browser, viewport=DESKTOP).new_page()


@pytest.fixture
def log_in(live_server) -> Callable:
    """`log_in(page, cast.piero)`: the session cookie of somebody who works here."""

    def put_cookie(page: Page, user) -> None:
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    return put_cookie


@pytest.fixture(scope="session")
def axe(front_end) -> Callable[[Page], None]:
    """`axe(page)` fails with what is not accessible, and where."""
    source = (settings.FRONTEND_DIR / "axe" / "axe.min.js").read_text(encoding="utf-8")

    def check(page: Page) -> None:
        if not page.evaluate("Boolean(window.axe)"):
            page.evaluate(source)  # evaluated by the debugger, which no content policy forbids
        found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]] == []
        width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert width <= 0, "the page scrolls sideways"

    return check
