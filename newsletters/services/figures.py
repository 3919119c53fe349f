"""What a newsletter brought about, without spying: no pixel, no link that is somebody's own, no cookie.

Links from a newsletter to our own pages say which newsletter they stand in (`?n=luglio`), the same for every reader
(`tagged`). Whoever opens one adds one to the count of that page on that day (`count_visit`, called by the middleware)
and nothing else is kept: who it was, from where and with what stays unknown. The rest is counted from the outbox's own
rows. What a person did is never here, and cannot be found out from what is.
"""

import re
from html import escape, unescape
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.utils import timezone

from newsletters.models import Newsletter, VisitCount

PARAMETER = "n"
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
    return _own_link.sub(lambda link: f'href="{escape(tagged(unescape(link.group(1)), newsletter))}"', html)


def count_visit(*, slug: str, page: str) -> None:
    """One more for `page` today, in one statement; nothing when no newsletter of that name has left."""
    if len(page) > LONGEST_PAGE:
        return
    visits, newsletters = VisitCount._meta.db_table, Newsletter._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {visits} (newsletter_id, day, page, number)"  # noqa: S608 (names of our own tables)
            f" SELECT id, %s, %s, 1 FROM {newsletters} WHERE slug = %s AND sent_at IS NOT NULL"
            f" ON CONFLICT (newsletter_id, day, page) DO UPDATE SET number = {visits}.number + 1",
            [timezone.localdate(), page, slug],
        )
