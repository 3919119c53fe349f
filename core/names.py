"""Names that people type, of persons and of organisations: one cleaning and one refusal for every form and program.

A name travels in mails to whoever's address stands beside it, so it may bring nobody to a place: no web address and no
e-mail address.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_LEADS_ELSEWHERE = re.compile(r"@|://|\bwww\.", re.IGNORECASE)


def one_line(typed: str) -> str:
    """Without control characters, which a database refuses and nobody types on purpose, and without double spaces."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())


def only_a_name(value: str) -> None:
    """Validator of a field: no `https://…`, no `www.…`, no `@`."""
    if _LEADS_ELSEWHERE.search(unicodedata.normalize("NFKC", value)):
        raise ValidationError(_("Write only a name here, without any web or e-mail address."), code="not_a_name")
