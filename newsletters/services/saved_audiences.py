"""Audiences kept under a name, to be chosen again for another newsletter.

A newsletter gets a copy: what is renamed, changed or thrown away here later changes no newsletter.
"""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.names import one_line
from newsletters.models import SavedAudience
from newsletters.services import NewsletterError
from newsletters.services.audiences import Audience
from programmes.models import Programme

FIELD = "audience_name"


@transaction.atomic
def save(*, programme: Programme, name: str, audience: Audience) -> SavedAudience:
    """Keep what is ticked. Errors `no_name`, `name_taken`, `everybody` (nothing ticked needs no name)."""
    if audience.is_everybody:
        message = _("Nothing is ticked: that is everybody, and needs no name.")
        raise NewsletterError("everybody", message, {FIELD: message})
    return _named(SavedAudience(programme=programme, audience=audience.as_json()), name)


@transaction.atomic
def rename(*, saved: SavedAudience, name: str) -> SavedAudience:
    """Errors `no_name`, `name_taken`."""
    return _named(saved, name)


def _named(saved: SavedAudience, name: str) -> SavedAudience:
    name = one_line(name)
    if not name or len(name) > 80:
        message = _("Give it a name of at most 80 letters.")
        raise NewsletterError("no_name", message, {FIELD: message})
    saved.name = name
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError as error:
        message = _("There is a saved audience “%(name)s” already: choose another name.") % {"name": name}
        raise NewsletterError("name_taken", message, {FIELD: message}) from error
    return saved


def delete(*, saved: SavedAudience) -> None:
    """Newsletters that copied it keep what they have."""
    saved.delete()
