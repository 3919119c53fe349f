"""How a personal field is written in a newsletter's words, and what stands there for somebody we do not know.

Below the models, so that a subject reads the same on every page. What may be written is `services.personal`; the
filling for one person is the outbox's (`mail.composing`).
"""

import re

PLACE = re.compile(r"( ?)%%([A-Za-z_]+)(?:\|([^%|\n]*))?%%")
"""The space before it, the field, and the word for those of whom it is not known."""


def for_a_stranger(words: str) -> str:
    """`words` with the word that stands for an unknown reader in each place, or without the place and its space."""

    def said(match: re.Match) -> str:
        word = " ".join((match.group(3) or "").split())
        return f"{match.group(1)}{word}" if word else ""

    return PLACE.sub(said, words)
