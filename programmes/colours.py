"""A programme's own main colour: readable on white, or refused when it is set.

White text stands on it and it is text on white, so the contrast must reach 4.5 : 1 (WCAG 2.1, 1.4.3). The pages take it
from a small stylesheet whose address holds the colour, so that no inline style is needed and it may be cached for ever.
"""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

DEFAULT = "#1F4D3A"
NEEDED = 4.5


def contrast_with_white(colour: str) -> float:
    """WCAG contrast ratio of `#rrggbb` with white, from 1 to 21."""

    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[start : start + 2], 16)) for start in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def readable_on_white(colour: str) -> None:
    """Validator: a person with low vision can read text of this colour on white, and white text on it."""
    try:
        contrast = contrast_with_white(colour)
    except ValueError:
        return  # not a colour at all: the other validator says so
    if contrast < NEEDED:
        raise ValidationError(
            _("Too light: its contrast with white is %(contrast)s, at least 4.5 is needed. Choose a darker one."),
            code="contrast",
            params={"contrast": f"{contrast:.1f}"},
        )
