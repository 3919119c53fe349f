"""Text that the database keeps but cannot read: needs, sensitive answers.

Encrypted with a key derived from SECRET_KEY (Fernet: AES-128-CBC and HMAC-SHA256); SECRET_KEY_FALLBACKS still read what
was written under an older key. What can no longer be read is an empty text, never an error on a page.
"""

import base64
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models


@lru_cache(maxsize=8)
def _cipher(*secrets: str) -> MultiFernet:
    return MultiFernet([Fernet(_key(secret)) for secret in secrets])


def _key(secret: str) -> bytes:
    derived = HKDF(SHA256(), 32, salt=None, info=b"core.encryption").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)


def _current() -> MultiFernet:
    return _cipher(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


class EncryptedTextField(models.TextField):
    """Plain text in Python, encrypted in the database. It cannot be searched; an empty text stays empty."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return _current().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        if not value:
            return value
        try:
            return _current().decrypt(value.encode()).decode()
        except InvalidToken:
            return ""
