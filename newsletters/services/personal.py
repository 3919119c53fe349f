"""What a newsletter may say to each reader by name, and what it says to those whose name we do not know.

Whoever writes puts `%%first_name%%` or, with a word for the others, `%%first_name|friend%%`. Without one, an unknown
name takes the space before it along: "Ciao %%first_name%%," becomes "Ciao,". A field that does not exist is refused
while writing, so no mail ever shows one. The filling itself is the outbox's (`mail.composing`).
"""

import re
from dataclasses import dataclass, field
from string import ascii_lowercase
from urllib.parse import unquote

from django.utils.translation import gettext as _

from core import markdown
from newsletters.places import PLACE
from newsletters.services import NewsletterError

FIELDS = ("first_name", "last_name", "province")
EXAMPLES = "%%first_name%%, %%province|Toscana%%"
BEFORE, AFTER = 30, 20
"""Characters shown around a mistake."""
NEARLY = re.compile(
    r"%%([^\s%|][^%|\n]{0,60})(?:\|[^%\n]*)?%%|%%\s*([A-Za-z_]+)\s*(?:\|[^%\n]*)?%%|\{\{\s*(\w+)[^}\n]*\}\}"
)
"""What was meant as a field: `%%first name%%`, `%% first_name %%`, `{{ first_name }}`."""


def check(source: str) -> None:
    """Raises `unknown_place` when `source` names a field we do not have or writes one wrongly, `place_in_address` when
    one stands inside a link's or an image's address: no link may tell who opened it. `broken_place` where `%%` is left
    that is no whole field: one inside another, one not closed."""
    for _space, name, _fallback in PLACE.findall(source):
        if name not in FIELDS:
            raise _unknown(name)
    for direct, spaced, braced in NEARLY.findall(PLACE.sub("", source)):
        if direct or braced or spaced in FIELDS:
            raise _unknown(direct or spaced or braced)
    for address in [*markdown.links(source), *(address for address, _words in markdown.images(source))]:
        if "%%" in unquote(address):
            message = _("A link leads everybody to the same page: no personal field in the address “%(address)s”.")
            raise NewsletterError("place_in_address", message % {"address": unquote(address)[:100]})
    _check_whole(source)


def _check_whole(source: str) -> None:
    rest = PLACE.sub(lambda match: " " * len(match.group()) if match.group(3) != "" else match.group(), source)
    at = rest.find("%%")
    if at < 0 and "%%" in markdown.to_html(rest):  # written with signs that Markdown takes away, as in %\\%
        at = max(rest.find("%"), rest.find("&"), 0)
    if at < 0:
        return
    start = source.rfind("\n", 0, at) + 1
    words = source[max(start, at - BEFORE) : at + AFTER].split("\n")[0].strip()
    message = _(
        "Line %(line)s, near “%(words)s”: a personal field is not whole. Write %(example)s, one after the other and "
        "none inside another."
    )
    shown = {"line": source.count("\n", 0, at) + 1, "words": words, "example": EXAMPLES}
    raise NewsletterError("broken_place", message % shown)


def _unknown(name: str) -> NewsletterError:
    message = _("There is no field “%(name)s”. You can use: %(fields)s.")
    return NewsletterError(
        "unknown_place", message % {"name": name, "fields": ", ".join(f"%%{field}%%" for field in FIELDS)}
    )


@dataclass
class Places:
    """The places of one newsletter in one language, each with its fallback, under the names the outbox fills."""

    names: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def prepare(self, source: str) -> str:
        """`source` with a plain `%%place_a%%` for each place, its space and fallback remembered."""

        def plain(match: re.Match) -> str:
            space, name, fallback = match.group(1), match.group(2), match.group(3) or ""
            number = self.names.setdefault((space, name, fallback), f"place_{_letters(len(self.names))}")
            return f"%%{number}%%"

        return PLACE.sub(plain, source)

    def as_json(self) -> dict[str, list[str]]:
        """As `mail.Message.places` keeps them."""
        return {place: [name, space, fallback] for (space, name, fallback), place in self.names.items()}


def _letters(number: int) -> str:
    """0 → a, 25 → z, 26 → ba: the outbox's places have no digits."""
    head, tail = divmod(number, len(ascii_lowercase))
    return (_letters(head) if head else "") + ascii_lowercase[tail]
