"""The figures of newsletters as tables to take out of the house. There is nobody in them."""

from collections.abc import Iterator
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from newsletters.models import Newsletter
from newsletters.services import figures


def newsletters(newsletter: Newsletter) -> Iterator[list[Any]]:
    """Every newsletter of the programme that left, one a row."""
    yield [
        _("Newsletter"), _("Sent on"), _("Recipients"), _("Accepted"), _("Copies refused"), _("Came back"),
        _("Delayed"), _("Complaints"), _("In doubt"), _("People who left"), _("Visits"),
    ]  # fmt: skip
    for one in figures.table(newsletter.programme):
        yield [
            one.newsletter.title, localtime(one.newsletter.sent_at), one.recipients, one.accepted, one.refused,
            one.came_back, one.delayed, one.complaints, one.in_doubt, one.unsubscribed, one.visits,
        ]  # fmt: skip


def visits(newsletter: Newsletter) -> Iterator[list[Any]]:
    """How often each page was opened from this newsletter, day by day."""
    yield [_("Day"), _("Page"), _("Visits")]
    yield from newsletter.visits.order_by("day", "page").values_list("day", "page", "number")


TABLES = {"newsletters": newsletters, "visits": visits}
