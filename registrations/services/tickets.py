"""The ticket: what the QR holds, and how anybody with the public key tells a real one from a forged one.

A ticket is base64url without padding of 79 bytes: version (1), event (4, big endian), ticket version of the
registration (2, big endian), its readable code (8, ASCII), and the Ed25519 signature (64) of "convivio-ticket" and
those 15 bytes. It holds no personal data. Cancelling or replacing a ticket raises the registration's ticket version.
The QR holds `SITE_URL/t/<ticket>`. Of what is none of ours only a sign is kept (`as_kept`). Whether the bearer may
come in is decided in `checkin`, not here.
"""

import base64
import binascii
import hashlib
import hmac
import re
import struct
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from core.tokens import clean_code
from registrations.models import CODE_LENGTH, Registration, RegistrationQuerySet

DOMAIN = b"convivio-ticket"
VERSION = 1
HEAD = struct.Struct(f">BIH{CODE_LENGTH}s")
SIGNATURE_LENGTH = 64
_TICKET = re.compile(rf"[A-Za-z0-9_-]{{{(HEAD.size + SIGNATURE_LENGTH) * 4 // 3 + 1}}}")
"""As long as a ticket, and of its signs."""
_TYPED = re.compile(rf"([A-Za-z0-9][ -]?){{0,{CODE_LENGTH}}}")
"""No longer than a readable code."""
_SCHEME = re.compile(
    r"(https?|mailto|tel|smsto|sms|wifi|mecard|matmsg|hc1|geo|otpauth|begin:vcard|begin:vevent|begin:vcalendar):?\b"
)
"""What a code can say about itself without naming anybody."""


@dataclass(frozen=True)
class Ticket:
    """What a genuine ticket says."""

    event_id: int
    version: int
    code: str


@lru_cache(maxsize=4)
def _key(secret: str) -> Ed25519PrivateKey:
    seed = hmac.digest(secret.encode(), DOMAIN, hashlib.sha256)
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key() -> str:
    """The 32 bytes with which tickets are verified, as base64url without padding."""
    return public_keys()[0]


def public_keys() -> list[str]:
    """The key of today's tickets, then those of tickets signed before SECRET_KEY was changed."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [_encode(_key(secret).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)) for secret in secrets]


def ticket_of(registration: Registration) -> str:
    head = HEAD.pack(VERSION, registration.event_id, registration.ticket_version, registration.code.encode())
    return _encode(head + _key(settings.SECRET_KEY).sign(DOMAIN + head))


def ticket_url(registration: Registration) -> str:
    """What the QR holds."""
    return f"{settings.SITE_URL}/t/{ticket_of(registration)}"


def read(text: str) -> Ticket | str | None:
    """What somebody scanned or typed: a genuine Ticket, a readable code to look up, or None for anything else."""
    text = text.strip()
    if "/t/" in text:
        text = re.split(r"[/?#]", text.rpartition("/t/")[2])[0]
    ticket = _verified(text)
    if ticket is not None:
        return ticket
    code = clean_code(text)
    return code if len(code) == CODE_LENGTH else None


def find(registrations: RegistrationQuerySet, words: str) -> RegistrationQuerySet:
    """Those that `words` mean: a scanned ticket or its address, or else words of a name, address or code."""
    ticket = read(words)
    if isinstance(ticket, Ticket):
        return registrations.filter(event=ticket.event_id, code=ticket.code)
    return registrations.search(words)


def as_kept(text: str) -> str:
    """What is kept of something that was read and names nobody here.

    The whole of it where it can be ours: a ticket, even a forged one, holds no personal data, and what was typed wrong
    is put right by somebody who sees it. Anything else may name a person who never registered (a visiting card, a
    badge) or open something (a personal link): of that only its kind, a keyed fingerprint that tells whether the same
    was read before, and its length, such as `vcard #9f86d081884c (312)`.
    """
    text = text.strip()
    if _TICKET.fullmatch(text.removeprefix(f"{settings.SITE_URL}/t/")) or _TYPED.fullmatch(text):
        return text
    mark = hmac.digest(settings.SECRET_KEY.encode(), b"convivio-read" + text.encode(errors="replace"), hashlib.sha256)
    return f"{_kind(text)} #{mark[:6].hex()} ({len(text)})"


def _kind(text: str) -> str:
    scheme = _SCHEME.match(text.lower())
    if not scheme:
        return "number" if text.isdigit() else "text"
    if not scheme[1].startswith("http"):
        return scheme[1].removeprefix("begin:")
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        host = ""
    return f"{scheme[1]}://{host[:60]}"


def _verified(text: str) -> Ticket | None:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != HEAD.size + SIGNATURE_LENGTH or _encode(raw) != text:
        return None
    head, signature = raw[: HEAD.size], raw[HEAD.size :]
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            _key(secret).public_key().verify(signature, DOMAIN + head)
        except InvalidSignature:
            continue
        version, event_id, ticket_version, code = HEAD.unpack(head)
        return Ticket(event_id, ticket_version, code.decode()) if version == VERSION else None
    return None


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
