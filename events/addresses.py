"""The address of an event's page: short words of its own, that no other page here has already."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import resolve, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

PAGES = ["events:detail", "events:staff-event"]
"""The pages whose address ends in it."""


def is_free(slug: str) -> bool:
    """Does the address lead to the event in every language? At `nuovo` and `new`, say, the desk has its empty form."""
    for language, _name in settings.LANGUAGES:
        with override(language):
            if any(resolve(reverse(page, args=[slug])).view_name != page for page in PAGES):
                return False
    return True


def check_free(slug: str) -> None:
    if not is_free(slug):
        raise ValidationError(
            _("“%(slug)s” is the address of another page: choose another."), "reserved", {"slug": slug}
        )
