"""The staff's mail pages show what was written, and never what would let the reader in as somebody else."""

import email

import pytest

from mail.emails import KINDS
from mail.models import Delivery
from mail.services import outbox

pytestmark = pytest.mark.django_db
BOX = "/gestione/posta/casella/"


def written(kind="registrations.ticket", to="anna@example.org", html="") -> Delivery:
    image = outbox.Attachment("qr.png", b"PNG", "image/png", inline_id="qr")
    message = outbox.add_message(
        kind=kind, language="it", subject="Il tuo %%thing%%", text="Ciao %%thing%%", html=html, attachments=[image]
    )
    return outbox.add_delivery(key=f"{kind}:1", message=message, to=to, personal={"thing": "<biglietto>"})


@pytest.fixture
def carla(client, cast):
    client.force_login(cast.carla)
    return client


def test_mailbox_lists_and_shows_a_mail_as_its_reader_gets_it(carla):
    delivery = written(html='<html><head></head><p>%%thing%%<img src="cid:qr"></p></html>')
    assert "anna@example.org" in carla.get(BOX).content.decode()
    assert "Il tuo &lt;biglietto&gt;" in carla.get(f"{BOX}{delivery.pk}/").content.decode()
    html = carla.get(f"{BOX}{delivery.pk}/html/")
    assert '&lt;biglietto&gt;<img src="data:image/png;base64,UE5H">' in html.content.decode()
    assert "default-src 'none'" in html.headers["Content-Security-Policy"]
    assert "script-src" not in html.headers["Content-Security-Policy"]
    file = email.message_from_bytes(carla.get(f"{BOX}{delivery.pk}/file/").content)
    assert file["To"] == "anna@example.org"


def test_mailbox_never_shows_a_login_code(carla):
    delivery = written("accounts.login_code", "nora@vlt.example")
    assert "nora@vlt.example" not in carla.get(BOX).content.decode()
    for end in ("", "html/", "file/"):
        assert carla.get(f"{BOX}{delivery.pk}/{end}").status_code == 404


def test_mailbox_is_not_there_when_mail_really_leaves(carla, settings):
    delivery = written()
    settings.EMAIL_URL = "smtp://relay.example"
    assert carla.get(BOX).status_code == 404
    assert carla.get(f"{BOX}{delivery.pk}/").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_mailbox_asks_a_fixed_number_of_queries(carla, number, django_assert_num_queries):
    for one in range(number):
        written(f"registrations.kind{one}")
    with django_assert_num_queries(6):
        carla.get(BOX)


@pytest.mark.parametrize("language", ["it", "en"])
def test_preview_shows_every_kind_of_mail(carla, language):
    for kind in KINDS:
        query = {"kind": kind, "language": language}
        assert carla.get("/gestione/posta/anteprima/", query).status_code == 200
        assert b'<base target="_blank">' in carla.get("/gestione/posta/anteprima.html", query).content


def test_preview_of_nothing_known_is_not_found(carla):
    assert carla.get("/gestione/posta/anteprima/?kind=../../etc").status_code == 404
    assert carla.get("/gestione/posta/anteprima/?language=xx").status_code == 404
    assert carla.get("/gestione/posta/anteprima.html").status_code == 404
