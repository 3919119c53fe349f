"""What a newsletter brought about, without spying: no pixel, no link that is somebody's own, no cookie.

Links from a newsletter to our own pages say which newsletter they stand in (`?n=luglio`), the same for every reader
(`tagged`). Whoever opens one adds one to the count of that page on that day (`count_visit`, called by the middleware)
and nothing else is kept: who it was, from where and with what stays unknown. The rest is counted from the outbox's own
rows. What a person did is never here, and cannot be found out from what is.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape, unescape
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Subquery, Sum, Value, When
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from core.limits import Limit
from mail.models import Delivery, Feedback
from newsletters.models import Newsletter, Proof, VisitCount
from programmes.models import Programme

DAYS = 28
"""So many days of visits are drawn: newsletters are opened in the first ones."""
PARAMETER = "n"
BY_HERSELF = [Proof.End.UNSUBSCRIBED, Proof.End.ONE_CLICK]
LONGEST_PAGE = VisitCount._meta.get_field("page").max_length
_own_link = re.compile(rf'href="({re.escape(settings.SITE_URL)}(?:/[^"]*)?)"')


def tagged(url: str, newsletter: Newsletter) -> str:
    """`url` with the newsletter's mark, when it is a public page of ours. Personal links, files and calendars stay."""
    parts = urlsplit(url)
    is_file = "." in parts.path.rpartition("/")[2]
    if not url.startswith(f"{settings.SITE_URL}/") or "%%" in url or is_file or not newsletter.slug:
        return url
    if parts.path.startswith((settings.MEDIA_URL, settings.STATIC_URL, "/api/", "/t/")):
        return url
    mark = f"{PARAMETER}={newsletter.slug}"
    return parts._replace(query=f"{parts.query}&{mark}" if parts.query else mark).geturl()


def with_tagged_links(html: str, newsletter: Newsletter) -> str:
    """The HTML of a mail with every link to our own pages `tagged`. Its text part shows plain addresses: they are
    read aloud and copied by hand."""
    html = html.replace('href="%%next_step_url%%"', f'href="%%next_step_url%%?{PARAMETER}={newsletter.slug}"')
    return _own_link.sub(lambda link: f'href="{escape(tagged(unescape(link.group(1)), newsletter))}"', html)


VISITS = Limit("visits of a client from one newsletter", 60, timedelta(hours=1))
"""An office behind one address opens so many; a script that makes the figure larger stops there."""


def count_visit(*, slug: str, page: str, client: str = "") -> None:
    """One more for `page` today, in one statement; nothing when no newsletter of that name has left, or when `client`
    (`core.limits.client_of`) has opened too many."""
    if len(page) > LONGEST_PAGE or (client and not VISITS.count(f"{slug}:{client}")):
        return
    visits, newsletters = VisitCount._meta.db_table, Newsletter._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {visits} (newsletter_id, day, page, number)"  # noqa: S608 (names of our own tables)
            f" SELECT id, %s, %s, 1 FROM {newsletters} WHERE slug = %s AND sent_at IS NOT NULL"
            f" ON CONFLICT (newsletter_id, day, page) DO UPDATE SET number = {visits}.number + 1",
            [timezone.localdate(), page, slug],
        )


@dataclass(frozen=True)
class Figures:
    """What one newsletter brought about, in numbers."""

    newsletter: Newsletter
    copies: Counter
    returns: Counter
    unsubscribed: int
    visits: int

    @property
    def recipients(self) -> int:
        """To whom it was addressed when it was frozen, whoever was left out aside."""
        return self.copies.total() - self.copies[Delivery.State.EXCLUDED]

    @property
    def accepted(self) -> int:
        return self.copies[Delivery.State.SENT]

    @property
    def refused(self) -> int:
        return self.copies[Delivery.State.FAILED]

    @property
    def in_doubt(self) -> int:
        return self.copies[Delivery.State.UNCERTAIN]

    @property
    def came_back(self) -> int:
        """For good: the address is none, or its server does not want mail from us."""
        return self.returns[Feedback.Kind.HARD]

    @property
    def delayed(self) -> int:
        return self.returns[Feedback.Kind.SOFT]

    @property
    def complaints(self) -> int:
        return self.returns[Feedback.Kind.COMPLAINT]


def table(programme: Programme) -> list[Figures]:
    """The figures of every newsletter that left, the newest first. Five queries, however many there are."""
    sent = list(
        Newsletter.objects.filter(programme=programme, sent_at__isnull=False)
        .defer("body", "findings")
        .order_by("-sent_at", "-pk")
    )
    mailings = [one.mailing_id for one in sent]
    copies, returns = _copies(mailings), _returns(mailings)
    left, visits = _unsubscribed(programme), _visits(programme)
    return [
        Figures(
            newsletter=one,
            copies=copies[one.mailing_id],
            returns=returns[one.mailing_id],
            unsubscribed=left[one.pk],
            visits=visits[one.pk],
        )
        for one in sent
    ]


def _copies(mailings: list[int]) -> dict[int, Counter]:
    found: dict[int, Counter] = defaultdict(Counter)
    rows = Delivery.objects.filter(message__mailing__in=mailings).values_list("message__mailing", "state")
    for mailing, state, number in rows.annotate(number=Count("pk")):
        found[mailing][state] += number
    return found


def _returns(mailings: list[int]) -> dict[int, Counter]:
    """Of the copies that were accepted, how many came back, each counted once a kind however many notices there are.

    One that was blocked because of us counts as one to an address that is no good.
    """
    found: dict[int, Counter] = defaultdict(Counter)
    fate = Case(When(kind=Feedback.Kind.BLOCKED, then=Value(Feedback.Kind.HARD)), default=F("kind"))
    rows = Feedback.objects.filter(
        delivery__message__mailing__in=mailings, delivery__state=Delivery.State.SENT
    ).values_list("delivery__message__mailing", fate)
    for mailing, kind, number in rows.annotate(number=Count("delivery", distinct=True)).order_by():
        found[mailing][kind] += number
    return found


def _unsubscribed(programme: Programme) -> Counter:
    """Who left after a newsletter began to leave and before the next one did, when it was addressed to them."""
    before = Newsletter.objects.filter(programme=programme, sent_at__lte=OuterRef("ended_at")).order_by("-sent_at")
    key = Concat(Value("newsletter:"), Cast("after", CharField()), Value(":"), Cast("subscription_id", CharField()))
    copies = Delivery.objects.filter(key=OuterRef("copy")).exclude(state=Delivery.State.EXCLUDED)
    rows = (
        Proof.objects.filter(subscription__programme=programme, ended_by__in=BY_HERSELF)
        .annotate(after=Subquery(before.values("pk")[:1]))
        .filter(after__isnull=False)
        .annotate(copy=key)
        .filter(Exists(copies))
        .order_by()
        .values_list("after")
        .annotate(number=Count("subscription", distinct=True))
    )
    return Counter(dict(rows))


def _visits(programme: Programme) -> Counter:
    counted = VisitCount.objects.filter(newsletter__programme=programme).order_by().values_list("newsletter")
    return Counter(dict(counted.annotate(total=Sum("number"))))


def visits_by_page(newsletter: Newsletter) -> list[tuple[str, int]]:
    """The pages that were opened from it, the most visited first."""
    pages = newsletter.visits.values_list("page").annotate(total=Sum("number")).order_by("-total", "page")
    return list(pages)


def visits_by_day(newsletter: Newsletter) -> list[tuple[date, int]]:
    """Every day from the first in which it left, up to the last with a visit; DAYS at most."""
    counted = dict(newsletter.visits.order_by().values_list("day").annotate(total=Sum("number")))
    if not counted:
        return []
    first = min([timezone.localdate(newsletter.sent_at), *counted])
    length = min((max(counted) - first).days + 1, DAYS)
    days = [first + timedelta(days=number) for number in range(length)]
    return [(day, counted.get(day, 0)) for day in days]
