"""The page at the door in Firefox: pairing, the camera, a typed code, the page that opens again without network.

Firefox is driven by its own Marionette and asks nobody outside this machine. It needs the package `firefox-esr`;
without it this is skipped with a sentence, except where `CONVIVIO_ALL_TESTS` says that nothing may be skipped.
"""

import json
import os
import shutil
import subprocess

import pytest

from registrations.documents import qr
from registrations.models import Scan
from registrations.services import devices, tickets
from tests.browser.conftest import eventually
from tests.browser.door import is_inside
from tests.browser.webdriver import Door, Marionette, free_port
from tests.make import make_registration, make_running_event

pytestmark = pytest.mark.django_db(transaction=True)
FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "intl.accept_languages": "it",
    "app.normandy.enabled": False,
    "network.proxy.type": 1,  # everything but this machine is behind a proxy that is not there
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.share_proxy_settings": True,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
}
HOLD_UP = """
    const board = Object.assign(document.createElement("canvas"), {width: 640, height: 480});
    const pen = board.getContext("2d");
    const draw = () => {
        pen.setTransform(1, 0, 0, 1, 0, 0);
        pen.fillStyle = "white";
        pen.fillRect(0, 0, 640, 480);
        pen.setTransform(360 / SIZE, 0, 0, 360 / SIZE, 140, 60);
        pen.fillStyle = "black";
        pen.fill(new Path2D("PATH"));
    };
    setInterval(draw, 50);
    navigator.mediaDevices.getUserMedia = async () => board.captureStream(20);
"""


class Firefox(Door):
    def loses_network(self, is_lost: bool = True) -> None:
        lost = json.dumps(is_lost)
        with self.driver.behind_the_page():
            self.run(f"Services.prefs.setBoolPref('network.proxy.allow_hijacking_localhost', {lost})")
            self.run(f"Services.io.offline = {lost}")

    def is_held_up(self, text: str) -> None:
        """From now on a camera that is turned on shows this code."""
        code = qr.svg(text)
        self.run(HOLD_UP.replace("SIZE", str(code["size"])).replace("PATH", code["path"]))


@pytest.fixture
def firefox(front_end, tmp_path):
    if not FIREFOX:
        if os.environ.get("CONVIVIO_ALL_TESTS"):
            pytest.fail("No Firefox on this machine, and nothing may be skipped here.")
        pytest.skip("No Firefox on this machine: install `firefox-esr` to run this test.")
    port = free_port()
    wishes = PREFERENCES | {"marionette.port": port}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(wish)});" for name, wish in wishes.items()]
    (tmp_path / "user.js").write_text("\n".join(lines))
    asked = ["--headless", "--marionette", "--remote-allow-system-access", "--no-remote", "--profile", tmp_path]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([FIREFOX, *asked], env=os.environ | {"HOME": str(tmp_path)}, **quiet)
    try:
        window = Firefox(Marionette(port))
        yield window
        window.driver.end()
    finally:
        process.terminate()
        process.wait(20)


def test_phone_of_firefox_is_a_door_with_network_and_without(firefox, live_server, programme, pisa):
    event = make_running_event(programme, slug="seminario-pisa", territory=pisa)
    anna, bea, carla = [make_registration(event, first_name=name) for name in ("Anna", "Bea", "Carla")]
    _device, code = devices.create_pairing(events=[event])
    firefox.pairs(live_server.url, code)
    firefox.wait("document.getElementById('expected').textContent === '3'")
    firefox.wait("document.getElementById('pane-scan').dataset.camera === 'on'")
    firefox.wait("document.getElementById('door').dataset.reader === 'zxing'")
    assert "Dentro" in firefox.types_a_code(anna.code)
    firefox.goes_on()
    firefox.is_held_up(tickets.ticket_url(bea))
    firefox.opens("scan")
    assert "Bea" in firefox.answered()
    firefox.goes_on()
    firefox.wait("document.getElementById('waiting').hidden")
    assert set(event.scans.filter(status="ok").values_list("registration", flat=True)) == {anna.pk, bea.pk}

    assert firefox.does("navigator.serviceWorker.ready.then(() => true)") is True
    firefox.wait("navigator.serviceWorker.controller")
    firefox.loses_network()
    firefox.open(f"{live_server.url}/gestione/checkin/")
    firefox.wait("!document.getElementById('door').hidden")
    assert "Già in sala" in firefox.types_a_code(bea.code)
    firefox.goes_on()
    assert "Carla" in firefox.types_a_code(carla.code)
    firefox.goes_on()
    firefox.wait("document.getElementById('waiting').innerText === '2 da inviare'")
    assert Scan.objects.count() == 2
    firefox.loses_network(False)
    firefox.wait("document.getElementById('waiting').hidden")
    eventually(firefox, lambda: is_inside(carla))
