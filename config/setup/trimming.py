"""What public pages load of the design system: the rules and the icons that occur in our own files, and no others.

The whole stylesheet weighs 90 kB compressed, what our pages use of it 19; the staff's pages, which somebody opens
every day, go on loading it. A rule stays unless it asks for a class that is written nowhere in our templates, scripts
and Python; a word that ends in "-" (`col-{{ width }}`) stands for every class it begins. Done again whenever a word is
new.
The stylesheet is taken apart by tinycss2 (CSS Syntax Level 3), the icons by Python's own XML parser.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree  # noqa: S405  our own package's file

import tinycss2
from django.conf import settings

WORD = re.compile(r"[a-zA-Z][\w-]*")
SVG = "http://www.w3.org/2000/svg"
STYLES = ("bootstrap-italia/css/bootstrap-italia.min.css", "bootstrap-italia/css/public.css")
ICONS = ("bootstrap-italia/svg/sprites.svg", "bootstrap-italia/svg/public.svg")
GROUPS = {"media", "supports", "layer"}


def trim(directory: Path) -> None:
    """Write the public stylesheet and icons below `directory` (FRONTEND_DIR), beside the whole ones."""
    words = words_of(_our_files())
    stamp = hashlib.sha256(" ".join(sorted(words)).encode() + Path(__file__).read_bytes()).hexdigest()
    stamp_path = directory / ".trimmed"
    if stamp_path.exists() and stamp_path.read_text(encoding="ascii") == stamp:
        return
    for (source, target), part in ((STYLES, styles), (ICONS, icons)):
        text = (directory / source).read_text(encoding="utf-8-sig")
        (directory / target).write_text(part(text, words), encoding="utf-8")
    stamp_path.write_text(stamp, encoding="ascii")


def words_of(paths: Iterable[Path]) -> set[str]:
    return {word for path in paths for word in WORD.findall(path.read_text(encoding="utf-8"))}


def styles(text: str, words: set[str]) -> str:
    """`text` without the rules that ask for a class of which there is no word."""
    begun = tuple(word for word in words if word.endswith("-") and len(word) > 2)  # noqa: PLR2004

    def is_used(name: str) -> bool:
        return name in words or name.startswith(begun)

    return tinycss2.serialize(list(_kept(tinycss2.parse_stylesheet(text, skip_comments=True), is_used)))


def icons(text: str, words: set[str]) -> str:
    ElementTree.register_namespace("", SVG)
    sprites = ElementTree.fromstring(text)  # noqa: S314
    for symbol in list(sprites):
        if symbol.get("id") not in words:
            sprites.remove(symbol)
    return ElementTree.tostring(sprites, encoding="unicode")


def _our_files() -> Iterator[Path]:
    yield from settings.BASE_DIR.joinpath("templates").rglob("*.html")
    yield from settings.BASE_DIR.joinpath("static", "js").rglob("*.js")
    for room in ("core", "mail", "programmes", "accounts", "events", "registrations", "newsletters"):
        yield from (path for path in settings.BASE_DIR.joinpath(room).rglob("*.py") if "migrations" not in path.parts)


def _kept(rules, is_used) -> Iterator:
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = [part for part in _selectors(rule.prelude) if all(map(is_used, _classes(part)))]
            if selectors:
                rule.prelude = _joined(selectors)
                yield rule
        elif rule.type == "at-rule" and rule.lower_at_keyword in GROUPS and rule.content is not None:
            rule.content = list(_kept(tinycss2.parse_rule_list(rule.content, skip_whitespace=True), is_used))
            if rule.content:
                yield rule
        elif rule.type == "at-rule":
            yield rule


def _selectors(prelude) -> list[list]:
    parts = [[]]
    for piece in prelude:
        if piece == ",":
            parts.append([])
        else:
            parts[-1].append(piece)
    return parts


def _joined(selectors: list[list]) -> list:
    comma = tinycss2.ast.LiteralToken(0, 0, ",")
    return [piece for number, part in enumerate(selectors) for piece in ([comma] if number else []) + part]


def _classes(selector: list) -> Iterator[str]:
    """Those that it asks for; what stands in :not(…) or :is(…) is no reason to leave a rule out."""
    for dot, name in zip(selector, selector[1:], strict=False):
        if dot == "." and name.type == "ident":
            yield name.value
