"""A copy is joined from encoded pieces: whatever a name holds, other programs read what was meant."""

import email
import re
from email.header import decode_header, make_header
from email.policy import default
from email.utils import parseaddr

import pytest

from mail.composing import compose, fill
from mail.headers import NoAddress
from mail.models import Delivery, Message
from mail.services import outbox, sending

pytestmark = pytest.mark.django_db
NAMES = [
    "", "Anna", "Niccolò D’Angelo", 'Ugo "il Grande" O\'Neil', "Rossi, Maria (Pisa)", "a@b.example <x>; group: y;",
    "👩‍💻 Zoë Ł", "山田 太郎", "=?utf-8?q?finto?=", "per cento %%token%% 100%%", ".punto", "back\\slash", "x" * 300,
    "è" * 300, "due parole " * 28, "\u202eRossi", "tab\tin mezzo", "nul\x00 e \x1b[31m campana\x07",
    "Anna\r\nBcc: everybody@example.org", "Anna\n\n<script>alert(1)</script>\n.\n", "--=_0_", "a =3D b = c",
]  # fmt: skip
TEXT = "Ciao%%place_a%%,\n.\n..due\nè ora. %%token%%\n" + "riga lunga " * 120 + "%%place_a%%%%place_a%%fine\n"
HTML = f'<p title="%%place_a%%">.Ciao%%place_a%%</p>{"<b>à</b>" * 200}\n<a href="https://x.example/?a=b&amp;t=%%token%%">x</a>'
PLACES = {"place_a": ["first_name", " ", "persona amica"]}


@pytest.fixture
def message(db):
    return outbox.add_message(
        kind="test", language="it", subject="Notizie per%%place_a%%", text=TEXT, html=HTML, places=PLACES,
        headers={"X-Place": "<%%place_a%%>", "List-Unsubscribe": "<https://x.example/u/%%token%%/>"},
        attachments=[outbox.Attachment("perché.txt", b"\xc3\xa8 \r\n.\r\n" * 9, "application/octet-stream")],
    )  # fmt: skip


def one_line(text):
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", "", " ".join(text.split())).split())


def display_name(content):
    """By the older reader: the newer one puts spaces between encoded words."""
    return str(make_header(decode_header(parseaddr(email.message_from_bytes(content)["To"])[0])))


@pytest.mark.parametrize("name", NAMES)
def test_copy_means_what_was_written(message, name):
    personal = {"first_name": name, "token": "t.-_1"}
    delivery = Delivery(
        pk=1, message=message, email="anna+x@example.org", name=name[:200], personal=personal, mail_id="<1@x.example>"
    )
    content = compose(delivery)
    mail = email.message_from_bytes(content, policy=default)
    assert display_name(content) == one_line(name[:200])
    assert [address.addr_spec for address in mail["To"].addresses] == ["anna+x@example.org"]
    assert mail["Subject"].strip() == one_line(fill("Notizie per%%place_a%%", personal, PLACES))
    assert mail["List-Unsubscribe"] == "<https://x.example/u/t.-_1/>"
    assert mail["Message-ID"] == "<1@x.example>"
    assert set(mail.keys()) == {
        "Message-ID", "Date", "To", "Subject", "X-Place", "List-Unsubscribe", "From", "MIME-Version", "Content-Type",
    }  # fmt: skip
    for kind, template in {"plain": TEXT, "html": HTML}.items():
        read = mail.get_body((kind,)).get_content().replace("\r\n", "\n").removesuffix("\n")
        assert read == fill(template, personal, PLACES, is_html=kind == "html").removesuffix("\n")
    (attachment,) = mail.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content()) == ("perché.txt", b"\xc3\xa8 \r\n.\r\n" * 9)
    assert content == compose(delivery)


@pytest.mark.parametrize("name", NAMES)
def test_copy_is_legal_for_every_server(message, name):
    personal = {"first_name": name, "token": "t"}
    content = compose(
        Delivery(pk=1, message=message, email="a@b.example", name=name[:200], personal=personal, mail_id="<1@x>")
    )
    assert content.isascii()
    assert not re.search(rb"[\r\n]", content.replace(b"\r\n", b""))
    lines = content.split(b"\r\n")
    assert max(len(line) for line in lines) <= 998
    body = content.partition(b"\r\n\r\n")[2]
    assert max(len(line) for line in body.split(b"\r\n")) <= 78


@pytest.mark.parametrize(
    "address", ["", "anna", "a b@example.org", "anna@", "àn@example.org", "a@b.example\r\nRCPT TO:<x@y>"]
)
def test_address_that_no_server_takes_fails_alone(sink, address):
    message = outbox.add_message(kind="test", language="it", subject="s", text="t")
    bad = Delivery.objects.create(key="bad", message=message, email=address, mail_id="<bad@x.example>")
    with pytest.raises(NoAddress):
        compose(bad)
    good = outbox.add_delivery(key="good", message=message, to="bea@example.org")
    sending.drain(seconds=5)
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, bad.reason, good.state) == ("failed", "no server takes this address", "sent")
    assert [mail.to for mail in sink.mails] == [["bea@example.org"]]


def test_attachments_are_encoded_once_a_message(message, django_assert_num_queries):
    from mail.composing import Templates

    for number in range(3):
        outbox.add_delivery(
            key=str(number), message=message, to=f"p{number}@example.org", personal={"token": str(number)}
        )
    deliveries = list(Delivery.objects.all())
    templates = Templates()
    with django_assert_num_queries(1):
        templates.lend(deliveries)
        copies = [templates.copy(delivery) for delivery in deliveries]
    assert [len(templates.kept), len(set(copies))] == [1, 3]
    assert copies == [compose(delivery) for delivery in Delivery.objects.all()]


def test_few_templates_are_kept(message):
    from mail.composing import Templates

    templates = Templates()
    for number in range(20):
        other = Message.objects.create(kind="test", from_email="a@b.example", subject=str(number), text="t")
        templates.copy(Delivery(message=other, email="a@b.example", mail_id="<1@x>"))
    assert len(templates.kept) == templates.KEPT
