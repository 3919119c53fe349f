"""The page at the door in WebKit, the engine of every iPhone: pairing, a typed code, the answer.

WebKitGTK's own driver is spoken to as the W3C's WebDriver says, in plain HTTP. It needs the packages
`webkit2gtk-driver` and `xvfb`; without them this is skipped with a sentence.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from registrations.services import devices
from tests.browser.conftest import eventually
from tests.browser.door import is_inside
from tests.browser.webdriver import Door, Http, free_port
from tests.make import make_registration, make_running_event

pytestmark = pytest.mark.django_db(transaction=True)
DRIVER = shutil.which("WebKitWebDriver")
MINI = next(iter(sorted(Path("/usr/lib").glob("*/webkit2gtk-4*/MiniBrowser"))), None)
SCREEN = shutil.which("Xvfb")


@pytest.fixture
def webkit(front_end, tmp_path):
    if not (DRIVER and MINI and SCREEN):
        pytest.skip("No WebKit on this machine: install `webkit2gtk-driver` and `xvfb` to run this test.")
    port = free_port()
    read, write = os.pipe()
    screen = subprocess.Popen(
        [SCREEN, "-displayfd", str(write), "-screen", "0", "800x1000x24", "-nolisten", "tcp"],
        pass_fds=[write], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    display = f":{os.read(read, 16).decode().strip()}"
    surroundings = os.environ | {"DISPLAY": display, "HOME": str(tmp_path), "LANG": "it_IT.UTF-8", "LANGUAGE": "it"}
    driver = subprocess.Popen([DRIVER, f"--port={port}", "--host=127.0.0.1"], env=surroundings)
    try:
        options = {"webkitgtk:browserOptions": {"binary": str(MINI), "args": ["--automation"]}}
        window = Door(Http(port, options))
        yield window
        window.driver.end()
    finally:
        for process in (driver, screen):
            process.terminate()
            process.wait(10)


def test_phone_of_webkit_is_a_door_with_network_and_without(webkit, live_server, programme, pisa):
    event = make_running_event(programme, slug="seminario-pisa", territory=pisa)
    anna, bea = make_registration(event), make_registration(event)
    _device, code = devices.create_pairing(events=[event])
    webkit.pairs(live_server.url, code)
    webkit.wait("document.getElementById('expected').textContent === '2'")
    assert "Dentro" in webkit.types_a_code(anna.code)
    eventually(webkit, lambda: is_inside(anna))

    webkit.goes_on()
    webkit.run("window.theirs = window.fetch; window.fetch = () => Promise.reject(new TypeError('no network'))")
    assert "Dentro" in webkit.types_a_code(bea.code)
    webkit.wait("!document.getElementById('waiting').hidden")
    assert not is_inside(bea)
    webkit.goes_on()
    webkit.run("window.fetch = window.theirs")
    webkit.run("document.getElementById('send-now').click()")
    webkit.wait("document.getElementById('waiting').hidden")
    eventually(webkit, lambda: is_inside(bea))
