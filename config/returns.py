"""The settings about mail that comes back, each read into the form that the room `mail` uses. Empty: not wanted."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

AN_ADDRESS = "an address such as rimbalzi@vlt.example.org, at most 33 characters before the @"
A_MAILBOX = "imaps://user:password@host:993/INBOX (imap:// only on this machine)"
A_WEBHOOK_PAIR = "user:password with at least 20 characters, separated by the colon"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Account:
    """A mailbox that is read over IMAP. Its password stays out of every message about it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    is_encrypted: bool


def bounce_address(text: str) -> str:
    if not text:
        return ""
    local, at, domain = text.strip().lower().rpartition("@")
    plain = local.replace(".", "").replace("-", "").replace("_", "").replace("+", "")
    if not at or not plain.isalnum() or not text.isascii() or len(local) > 33 or "." not in domain:
        raise ValueError("this is none")
    return f"{local}@{domain}"


def mailbox(url: str) -> Account | None:
    if not url:
        return None
    parts = urlsplit(url)
    is_encrypted = parts.scheme == "imaps"
    if not is_encrypted and (parts.scheme != "imap" or parts.hostname not in LOOPBACK):
        raise ValueError("the scheme is not imaps")
    if not parts.hostname or not parts.username or not parts.password:
        raise ValueError("host, user or password is missing")
    return Account(
        host=parts.hostname,
        port=parts.port or (993 if is_encrypted else 143),
        user=unquote(parts.username),
        password=unquote(parts.password),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        is_encrypted=is_encrypted,
    )


def webhook_secret(text: str) -> str:
    if text and (len(text) < 20 or not all(text.partition(":"))):
        raise ValueError("this is too short or has no colon")
    return text
