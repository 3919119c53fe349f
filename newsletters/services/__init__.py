"""The rules of telling people: who asked, who gets what, when it leaves."""

from core.errors import RuleError


class NewsletterError(RuleError):
    """A refusal of this room."""
