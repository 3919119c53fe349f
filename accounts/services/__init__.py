"""The rules of who works here."""

from core.errors import RuleError


class AccountError(RuleError):
    """A refusal of this room."""
