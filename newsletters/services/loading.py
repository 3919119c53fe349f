"""The newsletters' part of a programme's file: drafts with a month and a theme.

`load` may be repeated: a newsletter that is no longer a draft is never touched, and a draft that somebody worked on
keeps those words (`programmes.services.merging`).
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field

from core.catalogue import Catalogue, Entry, Path_, Slug, Text
from newsletters.models import Newsletter
from programmes.services.loading import ProgrammePart
from programmes.services.merging import Merge


class NewsletterEntry(Entry):
    slug: Slug
    month: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
    theme: Text
    subject: Text
    body: Text

    @property
    def due_on(self) -> date:
        """The middle of the month, so that moving by whole weeks keeps to the month as well as it can."""
        year, month = self.month.split("-")
        return date(int(year), int(month), 15)


@dataclass
class NewslettersPart:
    newsletters: list[tuple[Path_, NewsletterEntry]]


def read(catalogue: Catalogue, programme: ProgrammePart) -> NewslettersPart:
    """The newsletters' part of the file; what is wrong is noted in `catalogue`."""
    newsletters = catalogue.tables("newsletters", NewsletterEntry)
    for path, entry in newsletters:
        programme.check_day(catalogue, (*path, "month"), entry.due_on)
    return NewslettersPart(newsletters)


def load(part: NewslettersPart, programme: ProgrammePart, merge: Merge, catalogue: Catalogue) -> None:
    """Write the part. A slug that another programme has is noted in `catalogue`."""
    slugs = [entry.slug for _path, entry in part.newsletters]
    known = {one.slug: one for one in Newsletter.objects.filter(slug__in=slugs)}
    for path, entry in part.newsletters:
        row = known.get(entry.slug) or Newsletter(programme=merge.programme, slug=entry.slug)
        if row.programme_id != merge.programme.pk:
            catalogue.problem((*path, "slug"), f"“{entry.slug}” is a newsletter of another programme")
            continue
        if row.state != Newsletter.State.DRAFT:
            continue
        values = entry.values("slug", "month") | {"due_on": entry.due_on + programme.shift}
        merge.row(f"newsletters/{entry.slug}", row, values)
