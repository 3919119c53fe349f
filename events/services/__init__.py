"""The rules of announcing: what changes an event, and who is told."""

from core.errors import RuleError


class EventError(RuleError):
    """A refusal of this room."""
