"""The text part of a mail, made from its Markdown: for mail programs without HTML, and for whoever prefers to read so.

Nothing that matters is lost: links keep their address, images their alternative text, headings and lists their shape.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
UNDERLINES = {"h1": "=", "h2": "-"}


def from_markdown(source: str, *, site: str = "") -> str:
    """Lines as long as their paragraphs: mail programs wrap them to the reader's window. `site` stands before
    addresses such as `/eventi/`, which lead nowhere from a mail."""
    writer = _Writer(site)
    for token in _parser.parse(source or ""):
        writer.take(token)
    return re.sub(r"\n{3,}", "\n\n", "".join(writer.parts)).strip() + "\n"


class _Writer:
    def __init__(self, site: str) -> None:
        self.site = site
        self.parts: list[str] = []
        self.lists: list[int | None] = []
        self.quote = 0
        self.heading = ""

    def take(self, token: Token) -> None:
        """Block by block; what is inside a line comes as one `inline` token."""
        match token.type:
            case "bullet_list_open":
                self.lists.append(None)
            case "ordered_list_open":
                self.lists.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                self.lists.pop()
                self.parts.append("\n")
            case "list_item_open":
                self.parts.append("  " * (len(self.lists) - 1) + self._bullet())
            case "blockquote_open":
                self.quote += 1
            case "blockquote_close":
                self.quote -= 1
            case "heading_open":
                self.heading = token.tag
            case "inline":
                self.parts.append(self._line(token))
            case "heading_close" | "paragraph_close":
                self.parts.append("\n" if self.lists else "\n\n")
            case "td_close" | "th_close":
                self.parts.append("  ")
            case "tr_close":
                self.parts.append("\n")
            case "table_close":
                self.parts.append("\n")
            case "hr":
                self.parts.append("* * *\n\n")
            case "fence" | "code_block":
                self.parts.append(token.content + "\n")

    def _bullet(self) -> str:
        number = self.lists[-1]
        if number is None:
            return "- "
        self.lists[-1] = number + 1
        return f"{number}. "

    def _line(self, token: Token) -> str:
        text = _inline(token.children or [], self.site)
        if self.quote:
            return "\n".join("> " * self.quote + line for line in text.splitlines())
        if self.heading:
            rule, self.heading = UNDERLINES.get(self.heading, ""), ""
            return f"{text}\n{rule * len(text)}" if rule else text
        return text


def _inline(tokens: list[Token], site: str) -> str:
    said, links = "", []
    for token in tokens:
        match token.type:
            case "text" | "code_inline":
                said += token.content
            case "image":
                said += f"[{token.content}]" if token.content else ""
            case "softbreak":
                said += " "
            case "hardbreak":
                said += "\n"
            case "link_open":
                address = str(token.attrs.get("href", ""))
                links.append((len(said), f"{site}{address}" if address.startswith("/") else address))
            case "link_close":
                start, address = links.pop()
                if said[start:] != address.removeprefix("mailto:"):
                    said += f" ({address})"
    return said
