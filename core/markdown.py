"""Markdown that staff write, as HTML that is safe to show on any page and in any mail.

Some signs cost the parser the square of their number when each opens something that nothing closes (`[[[[…`): of those
nobody writes thousands. `is_too_tangled` finds them for a form to refuse; rendered, such a text is shown as it is.
"""

import re

import nh3
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
_tags = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "img", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip

LONGEST = 200_000
MOST_OPENED = 10_000
"""Square brackets, backquotes, signs of emphasis and cells of a table in one text."""
_COSTLY = re.compile(r"[\[`|*_~]")


def is_too_tangled(source: str) -> bool:
    """Whether it would keep the parser busy for long; no text that somebody wrote for others is like that."""
    return len(source) > LONGEST or sum(1 for _sign in _COSTLY.finditer(source)) > MOST_OPENED


def to_html(source: str) -> SafeString:
    """`source` rendered and sanitised. Raw HTML is shown as text; a `#` heading becomes h2, since a page has its h1.
    Of an image that is not ours only its alternative text is left: nobody else shall learn who looks."""
    if is_too_tangled(source or ""):
        return format_html("<p>{}</p>", source[:LONGEST])
    tokens = _parser.parse(source or "")
    for token in tokens:
        if token.tag == "h1":
            token.tag = "h2"
        for child in token.children or []:
            if child.type == "image" and not is_ours(_address(child)):
                child.type, child.tag = "text", ""
    rendered = _parser.renderer.render(tokens, _parser.options, {})
    return mark_safe(nh3.clean(rendered, tags=_tags, link_rel="noopener"))  # noqa: S308 (sanitised)


def images(source: str) -> list[tuple[str, str]]:
    """The images of `source`: address and alternative text of each."""
    return [(_address(one), one.content.strip()) for one in _children(source) if one.type == "image"]


def links(source: str) -> list[str]:
    """Where the links of `source` lead."""
    return [str(one.attrs.get("href", "")) for one in _children(source) if one.type == "link_open"]


def _children(source: str) -> list[Token]:
    if is_too_tangled(source or ""):
        return []
    return [child for token in _parser.parse(source or "") for child in token.children or []]


def is_ours(address: str) -> bool:
    """Whether a file lies on this site: `/media/piazza.jpg`, or the same with our whole address before it."""
    return bool(re.match(r"/(?![/\\])", address.removeprefix(settings.SITE_URL)))


def with_whole_addresses(html: str, attributes: str = "href|src") -> str:
    """Links and images written as `/eventi/` work in a mail only with the site's address in front."""
    return re.sub(rf'\b({attributes})="/(?!/)', rf'\1="{settings.SITE_URL}/', html)


def _address(image: Token) -> str:
    return str(image.attrs.get("src", ""))
