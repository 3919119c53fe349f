"""The rules of a programme: how it is loaded, how its targets are counted."""

from core.errors import RuleError


class ProgrammeError(RuleError):
    """A refusal of this room."""
