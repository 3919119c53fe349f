"""Browsers that playwright does not drive, spoken to as the W3C's WebDriver says: over HTTP (WebKitGTK's driver), or by
Firefox's own Marionette, which takes the same commands by their names.
"""

import itertools
import json
import socket
import time
from contextlib import contextmanager, suppress
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.browser.conftest import BUSY

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ENTER = "\ue007"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def listening(port: int) -> socket.socket:
    """A connection, as soon as somebody answers there."""
    until = time.monotonic() + BUSY
    while time.monotonic() < until:
        with suppress(OSError):
            return socket.create_connection(("127.0.0.1", port), 60)
        time.sleep(0.1)
    raise AssertionError(f"nobody listens at {port}")


class Http:
    """A driver of its own process."""

    PATHS = {
        "Navigate": "/url", "FindElement": "/element",
        "ExecuteScript": "/execute/sync", "ExecuteAsyncScript": "/execute/async",
        "ElementClear": "/element/{id}/clear", "ElementSendKeys": "/element/{id}/value",
    }  # fmt: skip

    def __init__(self, port: int, capabilities: dict):
        listening(port).close()
        self.root = f"http://127.0.0.1:{port}/session"
        opened = self.send("POST", "", {"capabilities": {"alwaysMatch": capabilities}})
        self.root += f"/{opened['sessionId']}"

    def ask(self, command: str, **body):
        return self.send("POST", self.PATHS[command].format(**body), body)

    def send(self, method: str, path: str, body: dict | None = None):
        data = json.dumps(body).encode() if body is not None else None
        request = Request(self.root + path, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310 (our own driver)
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)["value"]
        except HTTPError as error:
            raise AssertionError(error.read().decode()) from None

    def end(self) -> None:
        self.send("DELETE", "")


class Marionette:
    """Firefox, started with `--marionette`: each message is its length, a colon, and JSON."""

    def __init__(self, port: int):
        self.line = listening(port).makefile("rwb")
        self.numbers = itertools.count(1)
        self.read()  # it says who it is
        self.send("WebDriver:NewSession", {})

    def ask(self, command: str, **body):
        answer = self.send(f"WebDriver:{command}", body)
        return answer.get("value", answer)

    def send(self, command: str, body: dict):
        message = json.dumps([0, next(self.numbers), command, body]).encode()
        self.line.write(b"%d:%s" % (len(message), message))
        self.line.flush()
        _kind, _number, error, answer = self.read()
        assert not error, error
        return answer

    def read(self):
        size = b"".join(iter(lambda: self.line.read(1), b":"))
        return json.loads(self.line.read(int(size)))

    def end(self) -> None:
        self.send("Marionette:Quit", {"flags": ["eForceQuit"]})

    @contextmanager
    def behind_the_page(self):
        """What only the browser itself may do, not a page."""
        self.send("Marionette:SetContext", {"value": "chrome"})
        yield
        self.send("Marionette:SetContext", {"value": "content"})


class Window:
    """One window of a browser."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, address: str) -> None:
        self.driver.ask("Navigate", url=address)

    def run(self, script: str):
        return self.driver.ask("ExecuteScript", script=script, args=[])

    def wait(self, script: str):
        """What `script` gives, as soon as it gives something."""
        until = time.monotonic() + BUSY
        while time.monotonic() < until:
            if found := self.run(f"return {script}"):
                return found
            self.wait_for_timeout(100)
        raise AssertionError(f"never true: {script}\n{self.run('return document.body.innerText')}")

    @staticmethod
    def wait_for_timeout(milliseconds: float) -> None:
        time.sleep(milliseconds / 1000)

    def type(self, selector: str, text: str) -> None:
        found = self.driver.ask("FindElement", using="css selector", value=selector)
        self.driver.ask("ElementClear", id=found[ELEMENT])
        self.driver.ask("ElementSendKeys", id=found[ELEMENT], text=text)

    def does(self, promise: str):
        """What a promise comes to, or the name of its error."""
        script = f"const done = arguments[0]; ({promise}).then(done, (error) => done(error.name));"
        return self.driver.ask("ExecuteAsyncScript", script=script, args=[])


class Door(Window):
    """A window that is a phone at the door."""

    def pairs(self, site: str, code: str) -> None:
        self.open(f"{site}/gestione/checkin/")
        signs = 'crypto.subtle.generateKey({name: "Ed25519"}, false, ["sign", "verify"]).then(() => true)'
        assert self.does(signs) is True
        self.wait("!document.getElementById('start').hidden")
        self.type("#pairing-code", f"{code}{ENTER}")
        self.wait("!document.getElementById('door').hidden")
        assert self.does("indexedDB.databases().then((all) => all.length)") >= 1

    def opens(self, pane: str) -> None:
        self.run(f"document.querySelector('[data-pane={pane}]').click()")
        self.wait(f"!document.getElementById('pane-{pane}').hidden")

    def types_a_code(self, code: str) -> str:
        """What the answer says."""
        self.opens("search")
        self.type("#search-words", f"{code}{ENTER}")
        return self.answered()

    def answered(self) -> str:
        return self.wait("document.getElementById('answer').open && document.getElementById('answer').innerText")

    def goes_on(self) -> None:
        self.run("document.getElementById('answer-next').click()")
