"""The newsletters that left, as everybody may read them: their numbers, what stands beside each, what was put right.

Nothing here knows a reader. The first that a programme sent is number 1; a correction for those who had not got it yet
changes the page too, and the page says so.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core.preview_picture import Preview
from newsletters.models import Newsletter
from programmes.models import Organisation, Programme
from programmes.pictures import preview

OTHERS = 4


@dataclass(frozen=True)
class Issue:
    """One newsletter among its fellows."""

    newsletter: Newsletter
    number: int
    earlier: Newsletter | None
    later: Newsletter | None
    others: list[Newsletter]


@dataclass(frozen=True)
class Correction:
    at: datetime
    note: str


def issues(*, with_texts: bool = False) -> list[Issue]:
    """Everything that may be read, the newest first, in one query; a text not read with them is read when asked for."""
    unread = ["findings"] if with_texts else ["findings", "body"]
    everything = list(Newsletter.objects.public().select_related("programme").defer(*unread))
    beside = zip(everything, [None, *everything], [*everything[1:], None], strict=False)
    return [
        Issue(
            newsletter=one,
            number=len(everything) - place,
            earlier=earlier,
            later=later,
            others=[other for other in everything if other not in (one, earlier, later)][:OTHERS],
        )
        for place, (one, later, earlier) in enumerate(beside)
    ]


def corrections(newsletter: Newsletter) -> list[Correction]:
    """What was put right after it began to leave, in the order it happened, as far as it is public."""
    found = [(parse_datetime(str(one.get("at", ""))), str(one.get("note", ""))) for one in newsletter.corrections]
    until = newsletter.waits_since
    return [Correction(localtime(at), note) for at, note in found if at and (until is None or at < until)]


def updated_at(newsletter: Newsletter) -> datetime:
    """When the public text last changed."""
    return max([newsletter.sent_at, *(one.at for one in corrections(newsletter))])


def public_address(newsletter: Newsletter) -> str:
    """The one whole address of its page in the current language."""
    return settings.SITE_URL + newsletter.get_absolute_url()


def lead_name(programme: Programme) -> str:
    """Who speaks: the lead organisation, or the programme where nobody leads."""
    lead = programme.organisations.filter(role=Organisation.Role.LEAD).first()
    return lead.name if lead else str(programme.name)


def month_of(newsletter: Newsletter) -> str:
    """The month in which it left, or is to leave: “July 2026”."""
    return date_format(localtime(newsletter.sent_at) if newsletter.sent_at else newsletter.due_on, "F Y")


def picture(newsletter: Newsletter, subject: str) -> Preview:
    """The picture beside its link, in the current language."""
    words = {"programme": newsletter.programme.short_name, "month": month_of(newsletter)}
    return preview(newsletter.programme, title=subject, overline=_("%(programme)s newsletter · %(month)s") % words)
