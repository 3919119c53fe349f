"""The picture beside a link to a page of the programme: its colour, name and logo around whatever the page says."""

from django.utils.translation import gettext as _

from core.preview_picture import Preview
from programmes.models import Programme


def preview(programme: Programme, *, title: str, overline: str) -> Preview:
    """In the current language."""
    return Preview(
        title=title,
        overline=overline,
        name=str(programme.name),
        note=_("Co-funded by the European Union"),
        colour=programme.main_colour,
        logo=programme.logo.name,
    )
