"""One shape of error, in the reader's language, for everything that can go wrong before a room is asked."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from registrations.models import Device
from registrations.services import devices
from tests.make import make_device, make_event

pytestmark = pytest.mark.django_db


def refused(response):
    body = response.json()
    assert set(body) == {"code", "message", "fields"}
    assert body["message"]
    return response.status_code, body["code"], body["fields"]


def test_openapi_is_3_1_and_names_every_address(client):
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert {
        "/api/v1/events",
        "/api/v1/events/{slug}",
        "/api/v1/checkin/devices",
        "/api/v1/checkin/roster",
        "/api/v1/checkin/scans",
        "/api/v1/checkin/walk-ins",
    } <= set(schema["paths"])


REFUSALS = {
    "get /api/v1/events": {422},
    "get /api/v1/events/{slug}": {404},
    "post /api/v1/events/{slug}/registrations": {400, 404, 409, 413, 422, 429},
    "post /api/v1/checkin/devices": {400, 413, 422, 429},
    "delete /api/v1/checkin/devices": {401},
    "get /api/v1/checkin/roster": {401, 403, 404, 422},
    "post /api/v1/checkin/scans": {400, 401, 403, 404, 413, 422},
    "post /api/v1/checkin/scans/undo": {400, 401, 403, 404, 409, 413, 422},
    "post /api/v1/checkin/walk-ins": {400, 401, 403, 404, 409, 413, 422},
}


def test_openapi_says_which_refusals_each_operation_gives(client):
    schema = client.get("/api/v1/openapi.json").json()
    told = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            refusals = {status: told for status, told in operation["responses"].items() if int(status) >= 400}
            told[f"{method} {path}"] = {int(status) for status in refusals}
            for refusal in refusals.values():
                assert refusal["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Error"}
    assert told == REFUSALS
    assert set(schema["components"]["schemas"]["Error"]["required"]) == {"code", "message", "fields"}


def test_openapi_says_where_the_server_is_and_how_long_a_key_may_be(client):
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["servers"] == [{"url": settings.SITE_URL}]
    (key,) = [
        parameter
        for parameter in schema["paths"]["/api/v1/events/{slug}/registrations"]["post"]["parameters"]
        if parameter["name"] == "Idempotency-Key"
    ]
    assert (key["in"], key["required"], key["schema"]["maxLength"]) == ("header", False, 255)


@pytest.mark.parametrize("address", ["/api/v1/nothing", "/api/", "/api/v2/events", "/api/v1/events/none-such"])
def test_unknown_address_is_404_in_json(client, address):
    assert refused(client.get(address))[:2] == (404, "not_found")


def test_wrong_method_is_405_and_says_which_are_right(client):
    response = client.delete("/api/v1/events")
    assert refused(response)[:2] == (405, "method_not_allowed")
    assert response["Allow"] == "GET"


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000, b'{"pairing_code": ' + b"1" * 5000 + b"}"])
def test_body_that_is_not_json_is_malformed(client, body):
    response = client.post("/api/v1/checkin/devices", body, content_type="application/json")
    assert refused(response)[0] in {400, 422}


def test_body_too_large_is_413(client):
    body = json.dumps({"pairing_code": "A" * 1_000_001})
    response = client.post("/api/v1/checkin/devices", body, content_type="application/json")
    assert refused(response)[:2] == (413, "too_large")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "pairing_code"),
        ({"pairing_code": None}, "pairing_code"),
        ({"pairing_code": 7}, "pairing_code"),
        ({"pairing_code": "A" * 41}, "pairing_code"),
        ({"pairing_code": "\ud800"}, "pairing_code"),
        ({"pairing_code": "ABCDEFGH", "name": "x" * 81}, "name"),
    ],
)
def test_wrong_input_has_a_sentence_at_its_field(client, body, field):
    response = client.post("/api/v1/checkin/devices", json.dumps(body), content_type="application/json")
    status, code, fields = refused(response)
    assert (status, code, list(fields)) == (422, "invalid", [field])
    assert not Device.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "7", "null", '"text"'])
def test_body_of_another_shape_is_wrong_input(client, body):
    response = client.post("/api/v1/checkin/devices", body, content_type="application/json")
    assert refused(response)[:2] == (422, "invalid")


def test_message_comes_in_the_readers_language(client):
    italian = client.get("/api/v1/nothing").json()["message"]
    english = client.get("/api/v1/nothing", headers={"accept-language": "en"}).json()["message"]
    assert (italian, english) == ("Qui non c’è nulla.", "There is nothing here.")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic YTpi", "Bearer \xe9"])
def test_door_without_a_token_is_401(client, programme, header):
    headers = {} if header is None else {"authorization": header}
    response = client.get("/api/v1/checkin/roster?event=x", headers=headers)
    assert refused(response)[:2] == (401, "unauthorised")
    assert response["WWW-Authenticate"] == "Bearer"


def test_door_whose_token_was_revoked_is_401_and_says_how_to_show_another(client, programme):
    device, token = make_device(make_event())
    devices.revoke(device=device)
    response = client.get("/api/v1/checkin/roster?event=x", headers={"authorization": f"Bearer {token}"})
    assert refused(response)[:2] == (401, "revoked")
    assert response["WWW-Authenticate"] == "Bearer"


def test_other_sites_pages_may_not_read_it(client, programme):
    response = client.get("/api/v1/events", headers={"origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in response


def test_forbidden_is_403(client, programme):
    make_event(slug="altro")
    _device, token = make_device(make_event())
    response = client.get("/api/v1/checkin/roster?event=altro", headers={"authorization": f"Bearer {token}"})
    assert refused(response)[:2] == (403, "forbidden")


def test_what_nobody_foresaw_is_json_too(client, programme, monkeypatch):
    def break_down(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("events.api.EventQuery.narrow", break_down)
    client.raise_request_exception = False
    assert refused(client.get("/api/v1/events"))[:2] == (500, "error")


def test_sentences_at_fields_are_italian(client, programme):
    fields = client.get("/api/v1/events?mode=x").json()["fields"]
    assert fields == {"mode": "Scegli tra: in_person, online."}
    body = json.dumps({"pairing_code": ""})
    fields = client.post("/api/v1/checkin/devices", body, content_type="application/json").json()["fields"]
    assert "1 caratteri" not in fields["pairing_code"]


def test_page_about_the_api_names_every_address_and_only_codes_there_are(client):
    root = Path(settings.BASE_DIR)
    page = (root / "docs" / "api.md").read_text(encoding="utf-8")
    operations = {
        f"{method.upper()} {path}"
        for path, methods in client.get("/api/v1/openapi.json").json()["paths"].items()
        for method in methods
    }
    named = set(re.findall(r"`((?:GET|POST|DELETE) /api/v1/[^`]*)`", page))
    assert named == operations
    rooms = [*root.glob("registrations/**/*.py"), *root.glob("core/*.py"), root / "config" / "api.py"]
    code = "".join(path.read_text(encoding="utf-8") for path in rooms if "migrations" not in path.parts)
    rows = re.findall(r"^\| (?:\d{3} \| )?((?:`\w+`(?:, )?)+) \|", page, flags=re.MULTILINE)
    codes = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert len(codes) > 20
    assert [name for name in sorted(codes) if f'"{name}"' not in code] == []
