"""Names that people type, of persons and of organisations: one cleaning and one refusal for every form and program.

A name travels in mails to whoever's address stands beside it, so it may bring nobody to a place: no web address and no
e-mail address. Nor may it look like another one: no sign that turns the direction of writing or that nobody sees.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_JOINERS = {"\u200c", "\u200d"}
"""Not seen either, but Persian and the languages of India are not written without them."""
_UNSEEN = {"Cc", "Cf", "Co", "Cn", "Zl", "Zp"}
_FORMULA = ("=", "+", "-", "@")
_LEADS_ELSEWHERE = re.compile(r"@|://|\bwww\.|[\w-]\.[^\W\d_]{2,}/", re.IGNORECASE)
"""As mail programs recognise an address in a text. “Subito.it” is the name of a firm and may stand."""
_LIKE_OTHERS = str.maketrans({"\u3002": ".", "\uff61": ".", "\u2215": "/", "\u2044": "/"})


def one_line(typed: str) -> str:
    """Without control characters, which a database refuses and nobody types on purpose, and without double spaces."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())


def is_one_line(words: str) -> bool:
    """Whether `words` stand on one line without control signs; accents and emoji are none."""
    return not any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in words)


def only_a_name(value: str) -> None:
    """Validator of a field: no `https://…`, no `www.…`, no `@`, no invisible sign, nothing of HTML or of a formula."""
    if any(unicodedata.category(sign) in _UNSEEN and not _joins(value, at) for at, sign in enumerate(value)):
        raise ValidationError(_("There is an invisible sign in the name: write it anew, by hand."), code="not_a_name")
    plain = unicodedata.normalize("NFKC", value.translate(_LIKE_OTHERS))
    if any(sign in plain for sign in "<>") or plain.lstrip().startswith(_FORMULA):
        raise ValidationError(_("A name has no < or >, and does not begin with = + - or @."), code="not_a_name")
    if _LEADS_ELSEWHERE.search(plain):
        raise ValidationError(_("Write only a name here, without any web or e-mail address."), code="not_a_name")


def _joins(value: str, at: int) -> bool:
    """Whether the sign there is a joiner between letters that are joined in writing: none of ours are."""
    around = value[at - 1 : at] + value[at + 1 : at + 2]
    return value[at] in _JOINERS and len(around) == 2 and not any(sign.isascii() for sign in around)
