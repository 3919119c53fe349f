"""What every room's refusal has in common: a code that machines read and a sentence that people read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError


class RuleError(Exception):
    """A rule said no. Nothing was changed.

    `code` is stable and part of the API; `message` is a translated sentence that says what to do; `fields` maps the
    name of an input to its own sentence, where the refusal belongs to one.
    """

    status = 409
    retry_after = 0
    """Seconds after which asking again may help; 0 where it does not."""

    def __init__(self, code: str, message: Any, fields: dict[str, Any] | None = None, *, status: int | None = None):
        super().__init__(code)
        self.code = code
        self.message = message
        self.fields = fields or {}
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        return str(self.message)

    def add_to(self, form: Any) -> None:
        """Show the refusal in a form: each sentence at its input, or above them all."""
        placed = {name: sentence for name, sentence in self.fields.items() if name in form.fields}
        for name, sentence in (placed or {None: self.message}).items():
            form.add_error(name, ValidationError(sentence, code=self.code))


@contextmanager
def refusals_shown(request: Any) -> Iterator[None]:
    """A refusal inside becomes a message of the next page; what stands after it inside is not done."""
    try:
        yield
    except RuleError as error:
        messages.error(request, error.message)
