"""Our signature is what another program verifies, it is the same each time, and a changed message breaks it."""

import random

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from dkim.canonicalization import Relaxed

from mail import signing
from mail.composing import compose
from mail.services import outbox

KEYS = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}


def pem(key) -> str:
    encoding, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, kind, serialization.NoEncryption()).decode()


@pytest.fixture(params=KEYS)
def key(request, settings):
    settings.DKIM_KEY, settings.DKIM_SELECTOR = pem(KEYS[request.param]), "convivio2026"
    settings.DEFAULT_FROM_EMAIL = "Vita Lavoro Toscana <info@vlt.example.org>"
    return settings.DKIM_KEY


def believed(content: bytes, key: str) -> bool:
    """What a receiver says who finds our record in the DNS."""
    asked = []

    def dns(name, timeout=5):
        asked.append(name)
        return signing.dns_record(key).encode()

    verdict = dkim.verify(content, dnsfunc=dns)
    assert asked == [b"convivio2026._domainkey.vlt.example.org."]
    return verdict


@pytest.fixture
def letter(db, key) -> bytes:
    """A newsletter's copy with everything a signature covers."""
    message = outbox.add_message(
        kind="newsletters.newsletter",
        language="it",
        subject="È luglio: le notizie di tutte le province, da Massa-Carrara fino a Grosseto e Arezzo",
        text="Ciao,\n\ntanti  spazi \t e righe vuote.\n\n\n",
        html="<html><body><p>Città,   perché</p></body></html>",
        reply_to="scrivici@vlt.example.org",
        headers={
            "List-Id": "<newsletter.vlt.example.org>",
            "List-Unsubscribe": "<https://vlt.example.org/newsletter/unsubscribe/abc/>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    return compose(outbox.add_delivery(key="one", message=message, to="anna@example.org", name="Anna Łuczak"))


def test_signature_is_believed_and_the_same_each_time(letter, key):
    line = signing.signer()(letter)
    assert line == signing.signer()(letter)
    assert line.startswith(b"DKIM-Signature: v=1;")
    assert line.endswith(b"\r\n")
    assert max(map(len, line.split(b"\r\n"))) <= 78
    assert believed(line + letter, key)
    for header in (b"list-unsubscribe", b"list-unsubscribe-post", b"list-id", b"reply-to", b"message-id", b"date"):
        assert b":" + header + b":" in line.replace(b"\r\n ", b"")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"righe vuote", b"righe piene"),
        (b"anna@example.org", b"emma@example.org"),
        (b"unsubscribe/abc", b"unsubscribe/abd"),
        (b"From: ", b"From: Altra <altra@example.org>\r\nFrom: "),
    ],
)
def test_changed_message_is_not_believed(letter, key, before, after):
    assert before in letter
    assert not believed(signing.signer()(letter) + letter.replace(before, after, 1), key)


def test_spaces_and_folds_that_a_server_changes_do_no_harm(letter, key):
    changed = letter.replace(b"tanti  spazi \t e", b"tanti spazi e").replace(b"Message-ID: ", b"Message-ID:\r\n  ")
    assert changed != letter
    assert believed(signing.signer()(letter) + changed, key)


def test_body_is_in_the_form_that_dkimpy_gives_it():
    chance = random.Random(4)
    for _ in range(3000):
        body = b"".join(chance.choices([b" ", b"\t", b"\r\n", b"\r", b"\n", b"a", b"\xc3\xa8"], k=chance.randrange(12)))
        assert signing.canonical_body(body) == Relaxed.canonicalize_body(body), body


def test_without_a_key_the_relay_signs(settings):
    settings.DKIM_KEY = ""
    assert signing.signer() is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nonsense", "not a private key"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "neither RSA nor Ed25519"),
        (pem(rsa.generate_private_key(65537, 1024)), "1024 bits only"),  # noqa: S505 (it is refused)
        (
            KEYS["rsa"]
            .private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(b"secret"),
            )
            .decode(),
            "has a password",
        ),
    ],
)
def test_key_that_no_receiver_would_accept_is_refused_in_a_sentence(text, reason):
    with pytest.raises(ValueError, match=reason) as error:
        signing.read_key(text)
    assert "PRIVATE" not in str(error.value)
