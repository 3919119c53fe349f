"""Through whom people came: how many signed up, are registered and came, for each word of `?via=…` (`core.via`).

An organisation of the programme is named; another word stands as it is; who came by herself or at the door has none.
Read by the event's board and by the page of the whole programme. Only numbers leave this module.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from core.via import channel_of
from programmes.models import Organisation
from registrations.models import Registration, RegistrationQuerySet

NONE = "—"
OWN_WORDS = {"desk": lambda: _("Staff desk")}


@dataclass(frozen=True)
class Channel:
    word: str
    name: str
    signed_up: int
    registered: int
    came: int


def by_channel(registrations: RegistrationQuerySet, organisations: Iterable[Organisation]) -> list[Channel]:
    """One query; who brought most people first, those without a channel last."""
    names = {channel_of(one.slug): one.name for one in organisations}
    rows = (
        registrations.order_by()
        .values_list("via")
        .annotate(
            signed_up=Count("pk"),
            registered=Count("pk", filter=Q(state=Registration.State.CONFIRMED)),
            came=Count("pk", filter=Q(entered_at__isnull=False)),
        )
    )
    channels = [Channel(word, _name(word, names), *numbers) for word, *numbers in rows]
    return sorted(channels, key=lambda one: (not one.word, -one.signed_up, one.name))


def _name(word: str, organisations: dict[str, str]) -> str:
    if word in OWN_WORDS:
        return OWN_WORDS[word]()
    return organisations.get(word) or word or NONE
