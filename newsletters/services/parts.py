"""The parts people take in our events, as an audience chooses them.

Readers are recognised by their e-mail address, which is stored alike everywhere. Without events chosen a part may have
been taken in any event of the programme; with several events, in one of them at least. Who took two of the chosen parts
counts once.

Partners are people who *named* one of the programme's partner organisations as their own, with its whole name (capital
or small letters alike): on a confirmed registration or, without events chosen, on their account as staff. Nothing else
we know would tell them, so who wrote "CNA" for "CNA Toscana" is not among them; the page says so.
"""

from django.db import models
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower, Trim
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from events.models import Event
from programmes.models import Organisation, Programme
from registrations.models import Group, Registration


class Part(models.TextChoices):
    REGISTERED = "registered", _("Registered, with a confirmed place")
    PRESENT = "present", _("Came to the event")
    ABSENT = "absent", _("Did not come, although registered")
    FACILITATOR = "facilitator", _("Leads a group")
    PARTNER = "partner", _("Belongs to a partner organisation")


def took(programme: Programme, chosen: tuple[str, ...], slugs: tuple[str, ...]) -> Q:
    """Readers who took one of the `chosen` parts in the events named by `slugs`; without parts, who registered.

    Each part is one list of addresses, looked up once and not once a reader.
    """
    events = Event.objects.filter(programme=programme)
    if slugs:
        events = events.filter(slug__in=slugs)
    found = Q(pk__in=[])
    for part in set(chosen) & set(Part.values) if chosen else {Part.REGISTERED}:
        for addresses in _addresses(part, programme, events, is_any_event=not slugs):
            found |= Q(email__in=addresses)
    return found


def _addresses(part: str, programme: Programme, events: QuerySet[Event], *, is_any_event: bool) -> list[QuerySet]:
    registered = Registration.objects.expected().filter(event__in=events).exclude(email="")
    match part:
        case Part.PRESENT:
            return [registered.filter(entered_at__isnull=False).values("email")]
        case Part.ABSENT:
            over = events.filter(ends_at__lte=timezone.now(), cancelled_at=None)
            return [registered.filter(event__in=over, entered_at=None).values("email")]
        case Part.FACILITATOR:
            groups = Group.objects.filter(event__in=events, facilitator__is_active=True)
            leading = User.objects.filter(
                is_active=True, memberships__programme=programme, memberships__role="facilitator"
            )
            return [groups.values("facilitator__email")] + [leading.values("email")] * is_any_event
        case Part.PARTNER:
            staff = User.objects.filter(is_active=True, memberships__programme=programme)
            return [_of_partners(registered, programme)] + [_of_partners(staff, programme)] * is_any_event
    return [registered.values("email")]


def _of_partners(people: QuerySet, programme: Programme) -> QuerySet:
    partners = Organisation.objects.filter(programme=programme).exclude(role=Organisation.Role.FUNDER)
    named = people.exclude(organisation="").annotate(plain_name=Lower(Trim(F("organisation"))))
    return named.filter(plain_name__in=partners.values(plain=Lower(Trim("name")))).values("email")
