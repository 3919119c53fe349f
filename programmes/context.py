"""What every public page shows around its own content: the programme and the organisations behind it."""

from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from programmes.models import Organisation, Programme

ROLES = [
    (Organisation.Role.LEAD, _("Lead partner")),
    (Organisation.Role.PARTNER, _("Partners")),
    (Organisation.Role.SUPPORTER, _("Supporters")),
]


def by_role(organisations: list[Organisation]) -> list[tuple[str, list[Organisation]]]:
    """Lead, partners, supporters: each role that somebody has, with its name."""
    found = [(label, [one for one in organisations if one.role == role]) for role, label in ROLES]
    return [(label, members) for label, members in found if members]


@dataclass
class Frame:
    programme: Programme | None = None
    organisations: list[Organisation] = field(default_factory=list)

    @property
    def funders(self) -> list[Organisation]:
        return [one for one in self.organisations if one.role == Organisation.Role.FUNDER]

    @property
    def partners(self) -> list[Organisation]:
        return [one for one in self.organisations if one.role != Organisation.Role.FUNDER]

    @property
    def partners_by_role(self) -> list[tuple[str, list[Organisation]]]:
        return by_role(self.organisations)


def _read() -> Frame:
    """One query for both: the organisations bring their programme along."""
    organisations = list(
        Organisation.objects.filter(programme__is_current=True).select_related("programme").order_by("order", "pk")
    )
    if organisations:
        return Frame(organisations[0].programme, organisations)
    return Frame(Programme.objects.current())


def frame(request: HttpRequest) -> dict[str, object]:
    """Context processor: `frame.programme`, `frame.funders`, `frame.partners`, read once and only where shown."""
    return {"frame": current_frame(request)}


def current_frame(request: HttpRequest) -> Frame:
    """The same for views: asked twice in a request, read once."""
    if not hasattr(request, "frame"):
        request.frame = SimpleLazyObject(_read)
    return request.frame
