"""The outbox's rules: what is owed, what leaves, what is in doubt."""

from core.errors import RuleError


class MailError(RuleError):
    """A rule about mail said no."""
