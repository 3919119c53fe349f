"""The rules of what we tell people, one module a subject. Every refusal is a NewsletterError with its code."""

from core.errors import RuleError


class NewsletterError(RuleError):
    """A subscription or a newsletter that the rules do not allow."""


class TooManyError(NewsletterError):
    """Somebody asks for more mails than anybody needs."""

    status = 429
