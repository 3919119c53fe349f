"""E-mail addresses: when two spellings are the same person's."""

import unicodedata


def normalise_email(address: str) -> str:
    """The form in which an address is stored and compared: trimmed, NFC, lower case.

    Dots and +tags are kept: only Gmail ignores them, and a family may share an inbox with tags.
    """
    return unicodedata.normalize("NFC", address).strip().lower()
