"""The rules of a participant's path, one module a subject. Every refusal is a RegistrationError with its code."""

from core.errors import RuleError


class RegistrationError(RuleError):
    """A registration, a scan, a group or a certificate that the rules do not allow."""
