"""Markdown that staff write, as HTML that is safe to show on any page and in any mail."""

import re

import nh3
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
_tags = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "img", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def to_html(source: str) -> SafeString:
    """`source` rendered and sanitised. Raw HTML is shown as text; a `#` heading becomes h2, since a page has its h1.
    Of an image that is not ours only its alternative text is left: nobody else shall learn who looks."""
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
    found = [child for token in _parser.parse(source or "") for child in token.children or [] if child.type == "image"]
    return [(_address(image), image.content.strip()) for image in found]


def links(source: str) -> list[str]:
    """Where the links of `source` lead."""
    children = [child for token in _parser.parse(source or "") for child in token.children or []]
    return [str(child.attrs.get("href", "")) for child in children if child.type == "link_open"]


def is_ours(address: str) -> bool:
    """Whether a file lies on this site: `/media/piazza.jpg`, or the same with our whole address before it."""
    return bool(re.match(r"/(?![/\\])", address.removeprefix(settings.SITE_URL)))


def _address(image: Token) -> str:
    return str(image.attrs.get("src", ""))
