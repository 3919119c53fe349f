"""Random tokens and codes, and how a secret is kept without keeping it."""

import hashlib
import secrets

READABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Thirty-two characters that nobody confuses when reading aloud or typing: no 0 or O, no 1 or I."""


def link_token() -> str:
    """128 random bits for a personal link."""
    return secrets.token_urlsafe(16)


def readable_code(length: int) -> str:
    """`length` characters of five random bits each, to be typed by hand."""
    return "".join(secrets.choice(READABLE) for _ in range(length))


def clean_code(typed: str) -> str:
    """What a person typed, as `readable_code` made it: capitals, without spaces and dashes."""
    return "".join(character for character in typed.upper() if character.isalnum())


def grouped(code: str, size: int = 4) -> str:
    """`ABCDEFGH` as `ABCD-EFGH`, easier to read aloud."""
    return "-".join(code[start : start + size] for start in range(0, len(code), size))


def fingerprint(secret: str) -> str:
    """SHA-256 of a random secret, as hex: enough to recognise it, useless to whoever steals the table."""
    return hashlib.sha256(secret.encode()).hexdigest()
