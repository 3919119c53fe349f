"""What a newsletter takes from the programme by itself: `[[events pisa]]` on a line of its own, and no date to copy.

A block is one decorated function that finds what to show, and two templates (`emails/newsletters/blocks/<name>.html`,
`.txt`) that show it. Names may be written in English or Italian. What does not exist is refused while writing
(`check`), with what there is; `render` shows the Markdown and its blocks as HTML and as text, in the active language,
with the same few queries however many blocks there are.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markdown_it import MarkdownIt

from core import plain_text
from core.markdown import to_html
from events.models import Event
from newsletters.services import NewsletterError
from programmes import indicators
from programmes.context import by_role
from programmes.models import Organisation, Programme, Territory

MOST_EVENTS = 10
LINE = re.compile(r" {0,3}\[\[([^\[\]]*)\]\][ \t]*")
LEFT_OVER = re.compile(r"\[\[[^\[\]]*\]\](?!\()")
"""Double brackets that no reader should see; `[[1]](/page/)` is a link."""
CODE = re.compile(r"`[^`]*`")
OPENS, CLOSES = "\ue000", "\ue001"
"""Around a block's number while the Markdown is rendered: signs that nobody writes (private use in Unicode)."""
ADDRESS = re.compile(r"(https?://[^\s<>\"]+|mailto:[^\s<>\"]+@[^\s<>\"]+|/(?![/\\])[^\s<>\"]*)")

_parser = MarkdownIt("commonmark", {"html": False})


@dataclass
class Facts:
    """What blocks know of a programme: each read once, and only when a block asks."""

    programme: Programme

    @cached_property
    def events(self) -> dict[str, Event]:
        """Every published event by its slug, in the order of its day."""
        published = self.programme.events.filter(published_at__isnull=False).select_related("territory", "venue")
        return {event.slug: event for event in published.order_by("starts_at", "pk")}

    @cached_property
    def upcoming(self) -> list[Event]:
        now = timezone.now()
        return [event for event in self.events.values() if event.ends_at > now and not event.cancelled_at]

    @cached_property
    def provinces(self) -> dict[str, Territory]:
        return {one.slug: one for one in self.programme.territories.all()}

    @cached_property
    def organisations(self) -> list[Organisation]:
        return list(self.programme.organisations.order_by("order", "pk"))

    @cached_property
    def progress(self) -> list[indicators.Progress]:
        return indicators.progress(self.programme)


@dataclass(frozen=True)
class Block:
    """`example` is what the editor's button writes; `find` gives the templates' context from the words after the
    name, or refuses."""

    name: str
    label: Promise | str
    example: Promise | str
    find: Callable[[Facts, str], dict[str, Any]]


BLOCKS: dict[str, Block] = {}
_by_name: dict[str, Block] = {}


def block(name: str, italian: str, *, label: Promise, example: Promise | str) -> Callable:
    """Declare the block `[[name]]`, in Italian `[[italian]]`."""

    def declare(find: Callable[[Facts, str], dict[str, Any]]) -> Callable[[Facts, str], dict[str, Any]]:
        BLOCKS[name] = _by_name[name] = _by_name[italian] = Block(name, label, example, find)
        return find

    return declare


@block("events", "eventi", label=gettext_lazy("Next meetings"), example=gettext_lazy("[[events]]"))
def events(facts: Facts, words: str) -> dict[str, Any]:
    """The next ones, of the provinces named or of all."""
    slugs = words.lower().replace(",", " ").split()
    for slug in slugs:
        if slug not in facts.provinces:
            raise _unknown("unknown_province", _("There is no province “%(name)s”."), slug, facts.provinces)
    found = [one for one in facts.upcoming if not slugs or (one.territory and one.territory.slug in slugs)]
    return {"events": found[:MOST_EVENTS], "has_more": len(found) > MOST_EVENTS}


@block("event", "evento", label=gettext_lazy("One meeting"), example=gettext_lazy("[[event seminario-pisa]]"))
def event(facts: Facts, words: str) -> dict[str, Any]:
    slug = words.strip().lower()
    if slug not in facts.events:
        sentence = _("There is no published meeting “%(name)s”.")
        raise _unknown("unknown_event", sentence, slug, [one.slug for one in facts.upcoming] or facts.events)
    return {"events": [facts.events[slug]]}


@block("results", "risultati", label=gettext_lazy("Results so far"), example=gettext_lazy("[[results]]"))
def results(facts: Facts, words: str) -> dict[str, Any]:
    """Every target with what was reached; those of which nothing is there yet wait for better days."""
    return {"progress": [one for one in facts.progress if one.reached]}


@block("next-step", "prossimo-passo", label=gettext_lazy("Their next step"), example=gettext_lazy("[[next-step]]"))
def next_step(facts: Facts, words: str) -> dict[str, Any]:
    """Her own: the places that `next_steps` fills."""
    return {}


@block("partners", "partner", label=gettext_lazy("Partners"), example=gettext_lazy("[[partners]]"))
def partners(facts: Facts, words: str) -> dict[str, Any]:
    return {"roles": by_role(facts.organisations)}


@block("button", "bottone", label=gettext_lazy("Button"), example=gettext_lazy("[[button Register | /eventi/]]"))
def button(facts: Facts, words: str) -> dict[str, Any]:
    label, bar, address = (part.strip() for part in words.partition("|"))
    if not label or not bar or not ADDRESS.fullmatch(address):
        message = _("A button needs its words and an address of this site or with https://, as in %(example)s.")
        raise NewsletterError("bad_button", message % {"example": BLOCKS["button"].example})
    return {"label": label, "url": address}


@dataclass(frozen=True)
class Rendered:
    html: SafeString
    text: str


def check(source: str, facts: Facts) -> None:
    """Raises `unknown_block`, `unknown_province`, `unknown_event`, `bad_button`, `block_in_a_line` or
    `place_in_address`."""
    code = _lines_of_code(source)
    rest = []
    for number, line in enumerate(_lines(source)):
        called = None if number in code else LINE.fullmatch(line)
        if called:
            _find(called.group(1), facts)
        rest.append("" if called or number in code else line)
    check_brackets(CODE.sub("", "\n".join(rest)))


def check_brackets(words: str) -> None:
    """Raises `block_in_a_line` for double brackets among other words, where nothing can be a block."""
    if inside := LEFT_OVER.search(words):
        message = _("“%(block)s” would be read as it stands: put it on a line of its own, or take the brackets away.")
        raise NewsletterError("block_in_a_line", message % {"block": " ".join(inside.group().split())[:100]})


def names_of(source: str) -> set[str]:
    """The blocks that a text uses."""
    code = _lines_of_code(source)
    called = [LINE.fullmatch(line) for number, line in enumerate(_lines(source)) if number not in code]
    words = [match.group(1).split() for match in called if match]
    return {_by_name[first.lower()].name for first, *_rest in filter(None, words) if first.lower() in _by_name}


def render(source: str, facts: Facts, *, shows_errors: bool = False, site: str = "") -> Rendered:
    """The Markdown with its blocks. What does not exist (any more) is left out, or says so in a preview. `site` stands
    before the text part's own addresses."""
    shown: list[tuple[str, str]] = []
    lines = []
    source = source.replace(OPENS, "").replace(CLOSES, "")
    code = _lines_of_code(source)
    for number, line in enumerate(_lines(source)):
        called = None if number in code else LINE.fullmatch(line)
        if called:
            lines += ["", f"{OPENS}{len(shown)}{CLOSES}", ""]
            shown.append(_show(called.group(1), facts, shows_errors, site))
        else:
            lines.append(line)
    whole = "\n".join(lines)

    def put(part: int) -> Callable[[re.Match], str]:
        return lambda match: shown[int(match.group(1))][part].strip()

    html = re.sub(f"<p>{OPENS}(\\d+){CLOSES}</p>", put(0), to_html(whole))
    text = re.sub(f"{OPENS}(\\d+){CLOSES}", put(1), plain_text.from_markdown(whole, site=site))
    return Rendered(mark_safe(html), re.sub(r"\n{3,}", "\n\n", text))  # noqa: S308 (sanitised; templates escape)


def _show(words: str, facts: Facts, shows_errors: bool, site: str) -> tuple[str, str]:
    try:
        called, context = _find(words, facts)
    except NewsletterError as error:
        sentence = f"[[{words}]] {error}"
        return (format_html('<p class="wrong">{}</p>', sentence), sentence) if shows_errors else ("", "")
    context |= {"programme": facts.programme, "site": site}
    template = f"emails/newsletters/blocks/{called.name.replace('-', '_')}"
    html, text = (render_to_string(f"{template}.{kind}", context) for kind in ("html", "txt"))
    if called.name != "next-step":  # what is written in the programme names no place of a reader's
        html, text = html.replace("%%", "%\u2060%"), text.replace("%%", "%\u2060%")
    return html, text


def _find(words: str, facts: Facts) -> tuple[Block, dict[str, Any]]:
    name, _space, rest = words.strip().partition(" ")
    called = _by_name.get(name.lower())
    if called is None:
        raise _unknown("unknown_block", _("There is no block “%(name)s”."), name, _names())
    if "%%" in rest:
        raise NewsletterError("place_in_address", _("A block says the same to everybody: no personal field inside it."))
    return called, called.find(facts, rest)


def _unknown(code: str, sentence: str, name: str, known: Any) -> NewsletterError:
    there_is = _("There is: %(names)s.") % {"names": ", ".join(known) or "–"}
    return NewsletterError(code, f"{sentence % {'name': name[:60]}} {there_is}")


def _names() -> list[str]:
    """The blocks as the language of the page writes them."""
    return [str(one.example).strip("[]").split()[0] for one in BLOCKS.values()]


def _lines(source: str) -> list[str]:
    """As the Markdown counts them; browsers send CRLF."""
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _lines_of_code(source: str) -> set[int]:
    """Lines in which nothing is a block."""
    found: set[int] = set()
    for token in _parser.parse(source):
        if token.type in {"fence", "code_block"} and token.map:
            found.update(range(*token.map))
    return found
