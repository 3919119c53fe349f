"""Markdown that staff write, as HTML that is safe to show on any page and in any mail."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
_tags = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "img", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def to_html(source: str) -> SafeString:
    """`source` rendered and sanitised. Raw HTML is shown as text; a `#` heading becomes h2, since a page has its h1."""
    tokens = _parser.parse(source or "")
    for token in tokens:
        if token.tag == "h1":
            token.tag = "h2"
    rendered = _parser.renderer.render(tokens, _parser.options, {})
    return mark_safe(nh3.clean(rendered, tags=_tags, link_rel="noopener"))  # noqa: S308 (sanitised)
