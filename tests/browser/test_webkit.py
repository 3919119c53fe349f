"""The page at the door in WebKit, the engine of every iPhone: pairing, a typed code, the answer.

WebKitGTK's own driver is spoken to as the W3C's WebDriver says, in plain HTTP. It needs the packages
`webkit2gtk-driver` and `xvfb`; without them this is skipped with a sentence.
"""

import json
import os
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from registrations.services import devices
from tests.browser.conftest import BUSY, eventually
from tests.make import make_registration, make_running_event

pytestmark = pytest.mark.django_db(transaction=True)
DRIVER = shutil.which("WebKitWebDriver")
MINI = next(iter(sorted(Path("/usr/lib").glob("*/webkit2gtk-4*/MiniBrowser"))), None)
SCREEN = shutil.which("Xvfb")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ENTER = "\ue007"


class WebKit:
    """One window of WebKit."""

    def __init__(self, port: int):
        self.root = f"http://127.0.0.1:{port}"
        options = {"webkitgtk:browserOptions": {"binary": str(MINI), "args": ["--automation"]}}
        opened = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": options}})
        self.root += f"/session/{opened['sessionId']}"

    def ask(self, method: str, path: str, body: dict | None = None):
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = Request(self.root + path, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310 (our own driver)
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)["value"]
        except HTTPError as error:
            raise AssertionError(error.read().decode()) from None

    def open(self, address: str) -> None:
        self.ask("POST", "/url", {"url": address})

    def run(self, script: str):
        return self.ask("POST", "/execute/sync", {"script": script, "args": []})

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
        found = self.ask("POST", "/element", {"using": "css selector", "value": selector})
        self.ask("POST", f"/element/{found[ELEMENT]}/clear")
        self.ask("POST", f"/element/{found[ELEMENT]}/value", {"text": text})

    def does(self, promise: str):
        """What a promise comes to, or the name of its error."""
        script = f"const done = arguments[0]; ({promise}).then(done, (error) => done(error.name));"
        return self.ask("POST", "/execute/async", {"script": script, "args": []})


@pytest.fixture
def webkit(front_end, tmp_path):
    if not (DRIVER and MINI and SCREEN):
        pytest.skip("No WebKit on this machine: install `webkit2gtk-driver` and `xvfb` to run this test.")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    read, write = os.pipe()
    screen = subprocess.Popen(
        [SCREEN, "-displayfd", str(write), "-screen", "0", "800x1000x24", "-nolisten", "tcp"],
        pass_fds=[write], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    display = f":{os.read(read, 16).decode().strip()}"
    surroundings = os.environ | {"DISPLAY": display, "HOME": str(tmp_path), "LANG": "it_IT.UTF-8", "LANGUAGE": "it"}
    driver = subprocess.Popen([DRIVER, f"--port={port}", "--host=127.0.0.1"], env=surroundings)
    try:
        until = time.monotonic() + BUSY
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        window = WebKit(port)
        yield window
        window.ask("DELETE", "")
    finally:
        for process in (driver, screen):
            process.terminate()
            process.wait(10)


def let_in(webkit, code: str) -> str:
    """Type a ticket's code; what the answer says."""
    webkit.run("document.querySelector('[data-pane=search]').click()")
    webkit.wait("!document.getElementById('pane-search').hidden")
    webkit.type("#search-words", f"{code}{ENTER}")
    return webkit.wait("document.getElementById('answer').open && document.getElementById('answer').innerText")


def is_inside(person) -> bool:
    person.refresh_from_db()
    return person.is_inside


def test_phone_of_webkit_is_a_door_with_network_and_without(webkit, live_server, programme, pisa):
    event = make_running_event(programme, slug="seminario-pisa", territory=pisa)
    anna, bea = make_registration(event), make_registration(event)
    _device, code = devices.create_pairing(events=[event])
    webkit.open(f"{live_server.url}/gestione/checkin/")
    signs = 'crypto.subtle.generateKey({name: "Ed25519"}, false, ["sign", "verify"]).then(() => true)'
    assert webkit.does(signs) is True
    webkit.wait("!document.getElementById('start').hidden")
    webkit.type("#pairing-code", f"{code}{ENTER}")
    webkit.wait("!document.getElementById('door').hidden")
    assert webkit.does("indexedDB.databases().then((all) => all.length)") >= 1
    webkit.wait("document.getElementById('expected').textContent === '2'")
    assert "Dentro" in let_in(webkit, anna.code)
    eventually(webkit, lambda: is_inside(anna))

    webkit.run("document.getElementById('answer-next').click()")
    webkit.run("window.theirs = window.fetch; window.fetch = () => Promise.reject(new TypeError('no network'))")
    assert "Dentro" in let_in(webkit, bea.code)
    webkit.wait("!document.getElementById('waiting').hidden")
    assert not is_inside(bea)
    webkit.run("document.getElementById('answer-next').click(); window.fetch = window.theirs")
    webkit.run("document.getElementById('send-now').click()")
    webkit.wait("document.getElementById('waiting').hidden")
    assert is_inside(bea)
