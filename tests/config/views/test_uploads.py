"""Files that staff uploaded: shown or downloaded, never run."""

import pytest
from django.conf import settings
from django.core.files.base import ContentFile

from events.models import Event, Material
from tests.make import make_event


def upload(programme, name: str, content: bytes, **event) -> str:
    material = Material(event=make_event(programme, **event), title="Scheda")
    material.file.save(name, ContentFile(content))
    return material.address


def test_pdf_opens_in_the_page(client, programme):
    response = client.get(upload(programme, "scheda.pdf", b"%PDF-1.7"))
    assert b"".join(response.streaming_content) == b"%PDF-1.7"
    assert response["Content-Type"] == "application/pdf"
    assert "Content-Disposition" not in response or "inline" in response["Content-Disposition"]


@pytest.mark.parametrize("name", ["pagina.html", "disegno.svg", "codice.js", "foglio.xml", "senza"])
def test_what_could_run_is_a_download(client, programme, name):
    response = client.get(upload(programme, name, b"<script>alert(1)</script>"))
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == "attachment"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["", "nulla.pdf", "../secret_key", "..%2fsecret_key", "%2e%2e/secret_key", "materials/"]
)
def test_nothing_else_is_reached(client, db, path):
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    (settings.MEDIA_ROOT.parent / "secret_key").write_text("secret")
    assert client.get(f"/media/{path}").status_code in {400, 404}


def test_unchanged_file_is_not_sent_again(client, programme):
    address = upload(programme, "scheda.pdf", b"%PDF-1.7")
    seen = client.get(address)["Last-Modified"]
    assert client.get(address, headers={"If-Modified-Since": seen}).status_code == 304


@pytest.mark.parametrize("prefix", ["", "x/../", "./"])
def test_material_of_a_withdrawn_event_is_for_its_staff_only(client, programme, pisa, cast, prefix):
    address = upload(programme, "scheda.pdf", b"%PDF-1.7", territory=pisa)
    assert client.get(address).status_code == 200
    Event.objects.update(published_at=None)
    address = address.replace("/media/", f"/media/{prefix}")
    assert client.get(address).status_code == 404
    client.force_login(cast.lucia)
    assert client.get(address).status_code == 404
    client.force_login(cast.piero)
    seen = client.get(address)
    assert (seen.status_code, "private" in seen["Cache-Control"]) == (200, True)


def test_address_of_a_material_is_not_guessed_from_its_name(client, programme):
    first, second = (upload(programme, "scheda.pdf", b"%PDF-1.7") for _ in range(2))
    assert first.endswith("/scheda.pdf")
    assert second.endswith("/scheda.pdf")
    assert first != second
    assert client.get("/media/materials/scheda.pdf").status_code == 404


def test_logo_is_for_everybody(client, db):
    (settings.MEDIA_ROOT / "organisations").mkdir(parents=True)
    (settings.MEDIA_ROOT / "organisations" / "cna.png").write_bytes(b"PNG")
    assert client.get("/media/organisations/cna.png").status_code == 200
