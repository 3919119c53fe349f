"""E-mail addresses: when two spellings are the same person's."""

import unicodedata
from contextlib import suppress


def normalise_email(address: str) -> str:
    """The form in which an address is stored and compared.

    Trimmed, without invisible characters, wide letters made plain (NFKC), lower case, a domain with accents in the
    form that mail servers take (IDNA), no dot at its end. Dots and +tags before the @ are kept: only Gmail ignores
    them, and a family may share an inbox with tags.
    """
    plain = unicodedata.normalize("NFKC", address)
    plain = "".join(character for character in plain if unicodedata.category(character) not in {"Cf", "Cc"})
    local, at, domain = plain.strip().lower().rpartition("@")
    if not at:
        return domain
    domain = domain.rstrip(".")
    with suppress(UnicodeError):  # no domain at all: whoever validates the address says so
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}"
