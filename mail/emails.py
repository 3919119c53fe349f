"""Every kind of e-mail the house knows, each from three templates.

A room declares its e-mails in its own `emails.py`: one decorated function that makes the template's context, and
`templates/emails/<room>/<name>.subject.txt`, `.txt`, `.html`. What is declared shows on the staff's preview page and is
rendered by one test. Sending is `services.outbox.enqueue`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import css_inline
from django.template.loader import render_to_string
from django.utils import translation

_inliner = css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)


@dataclass(frozen=True)
class EmailKind:
    """`sample` returns the arguments with which `context` is called for the preview."""

    name: str
    context: Callable[..., dict[str, Any]]
    sample: Callable[[], tuple]

    @property
    def template(self) -> str:
        room, _, name = self.name.partition(".")
        return f"emails/{room}/{name}"


KINDS: dict[str, EmailKind] = {}


@dataclass(frozen=True)
class Rendered:
    subject: str
    text: str
    html: str


def email(name: str, *, sample: Callable[[], tuple]) -> Callable:
    """Declare the e-mail `room.name`; the decorated function makes its context, which must hold `programme`."""

    def declare(context: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        KINDS[name] = EmailKind(name, context, sample)
        return context

    return declare


def render(kind: str, context: dict[str, Any], language: str) -> Rendered:
    """The three parts in `language`; the subject on one line, the HTML with its styles inlined."""
    template = KINDS[kind].template
    with translation.override(language):
        context = {**context, "LANGUAGE_CODE": language}
        subject = " ".join(render_to_string(f"{template}.subject.txt", context).split())
        text = render_to_string(f"{template}.txt", context).strip() + "\n"
        html = render_to_string(f"{template}.html", {**context, "subject": subject})
    return Rendered(subject, text, inline_styles(html))


def inline_styles(html: str) -> str:
    """The same page with every style on its element, as mail programs want it."""
    return _inliner.inline(html)
