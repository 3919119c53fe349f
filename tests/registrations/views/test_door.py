"""The check-in page, and pairing with one tap."""

import json
import re

import pytest
from django.conf import settings
from django.urls import reverse
from PIL import Image

from registrations.consents import PURPOSES
from registrations.models import Device
from registrations.services import devices
from tests.make import make_event, make_registration, make_running_event

pytestmark = pytest.mark.django_db
PAGE = "/gestione/checkin/"


@pytest.fixture
def event(programme, pisa):
    return make_running_event(slug="seminario-pisa", territory=pisa)


def test_page_opens_without_login_and_knows_nobody(client, event):
    make_registration(event, first_name="Anna", last_name="Verdi")
    response = client.get(PAGE)
    assert response.status_code == 200
    assert "Verdi" not in response.content.decode()
    assert "seminario-pisa" not in response.content.decode()
    assert response["Permissions-Policy"] == "camera=(self), microphone=()"


def test_who_checks_in_is_offered_her_own_events(client, event, cast, lucca):
    make_event(slug="seminario-lucca", territory=lucca)
    client.force_login(cast.dora)
    page = client.get(PAGE).content.decode()
    assert 'value="seminario-pisa" checked' in page
    assert "seminario-lucca" not in page


def test_event_asked_for_is_the_one_chosen(client, event, cast, pisa):
    make_running_event(slug="laboratorio-pisa", territory=pisa)
    client.force_login(cast.dora)
    page = client.get(f"{PAGE}?event=laboratorio-pisa").content.decode()
    assert 'value="laboratorio-pisa" checked' in page
    assert 'value="seminario-pisa" checked' not in page


def test_one_tap_pairs_this_phone(client, event, cast):
    client.force_login(cast.dora)
    told = client.post(f"{PAGE}collega/", {"event": ["seminario-pisa"]}).json()
    known = devices.recognise(told["token"])
    assert list(known.events) == ["seminario-pisa"]
    assert (known.device.created_by, known.device.name) == (cast.dora, "Telefono di Dora")


@pytest.mark.parametrize("name", ["lucia", "vito", "nora", "fabio"])
def test_who_may_not_check_in_here_cannot_pair(client, event, cast, name):
    client.force_login(getattr(cast, name))
    assert client.post(f"{PAGE}collega/", {"event": ["seminario-pisa"]}).status_code == 422
    assert not Device.objects.exists()


def test_stranger_cannot_pair_and_no_other_site_can(client, event, cast):
    assert client.post(f"{PAGE}collega/", {"event": ["seminario-pisa"]}).status_code == 302
    client.force_login(cast.dora)
    client.handler.enforce_csrf_checks = True
    assert client.post(f"{PAGE}collega/", {"event": ["seminario-pisa"]}).status_code == 403
    assert not Device.objects.exists()


def test_page_asks_for_the_consents_in_their_own_words(client, event):
    page = client.get(PAGE).content.decode()
    for purpose in PURPOSES.values():
        assert f'data-consent="{purpose.key}"' in page
        assert str(purpose.text) in page
    assert page.count(" required data-consent=") == 1
    assert " checked data-consent" not in page


def test_page_can_be_put_on_the_home_screen(client, programme, settings):
    response = client.get(f"{PAGE}app.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    told = response.json()
    assert (told["start_url"], told["scope"], told["id"]) == (PAGE, PAGE, PAGE)
    assert (told["display"], told["orientation"], told["short_name"]) == ("standalone", "portrait", "Check-in")
    sizes = {}
    for icon in told["icons"]:
        with Image.open(settings.BASE_DIR / icon["src"].removeprefix("/")) as picture:
            assert icon["sizes"] == f"{picture.width}x{picture.height}"
        sizes.setdefault(icon["purpose"], set()).add(icon["sizes"])
    assert sizes == {"any": {"192x192", "512x512"}, "maskable": {"512x512"}}
    assert f'rel="manifest" href="{PAGE}app.webmanifest"' in client.get(PAGE).content.decode()


def test_page_travels_compressed(client, programme):
    response = client.get(PAGE, headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"


def test_worker_keeps_every_file_of_the_page(client, programme):
    response = client.get(f"{PAGE}worker.js")
    assert response["Content-Type"].startswith("text/javascript")
    kept = json.loads(re.search(r"self.DOOR = (.*);", response.content.decode()).group(1))
    assert kept["page"] == PAGE
    for module in (settings.BASE_DIR / "static" / "js" / "door").glob("*.js"):
        assert (f"/static/js/door/{module.name}" in kept["files"]) == (module.name != "worker.js")
    assert {"/static/css/door.css", "/static/zxing/zxing_reader.wasm", "/static/qr/decode.js"} <= set(kept["files"])


def test_drafts_and_cancelled_events_are_not_offered(client, event, cast, pisa):
    make_event(slug="bozza-pisa", territory=pisa, published_at=None)
    make_event(slug="annullato-pisa", territory=pisa, cancelled_at=event.published_at)
    client.force_login(cast.dora)
    page = client.get(PAGE).content.decode()
    assert "seminario-pisa" in page
    assert "bozza-pisa" not in page
    assert "annullato-pisa" not in page
    response = client.post(reverse("registrations:checkin-pair"), {"event": ["bozza-pisa", "annullato-pisa"]})
    assert response.status_code == 422
    assert not Device.objects.exists()
