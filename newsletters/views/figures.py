"""What a newsletter brought about, for the staff: the figures beside those of the others, as pictures and tables."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render

from accounts.desk import page
from core.spreadsheets import csv_lines
from newsletters import exports
from newsletters.models import Newsletter
from newsletters.services import figures, progress
from newsletters.views.desk import find

HIGH, WIDE = 100, 24


@page("newsletters.view")
def show(request: HttpRequest, slug: str) -> HttpResponse:
    newsletter = find(request, slug)
    if newsletter.sent_at is None:
        return redirect("newsletters:staff-edit", slug)
    table = figures.table(newsletter.programme)
    days, pages = figures.visits_by_day(newsletter), figures.visits_by_page(newsletter)
    own = next(one for one in table if one.newsletter == newsletter)
    context: dict[str, Any] = {
        "newsletter": newsletter,
        "table": table,
        "figures": own,
        "progress": progress.of(newsletter),
        "later": own.visits - sum(number for _day, number in days),
        "columns": _columns(days),
        "pages": [(address, number, _share(number, pages[0][1])) for address, number in pages],
        "high": HIGH,
        "wide": WIDE * len(days),
    }
    return render(request, "newsletters/desk/figures.html", context)


def _columns(days: list[tuple[Any, int]]) -> list[dict[str, Any]]:
    """The bars of the picture: each day with its number and its height, HIGH at most."""
    most = max((number for _day, number in days), default=0)
    columns = []
    for place, (day, number) in enumerate(days):
        high = _share(number, most)
        columns.append({"day": day, "number": number, "left": place * WIDE, "top": HIGH - high, "high": high})
    return columns


def _share(number: int, most: int) -> int:
    return round(HIGH * number / most) if most else 0


@page("newsletters.view")
def export(request: HttpRequest, slug: str, part: str) -> HttpResponse:
    """The same figures for a spreadsheet: `newsletters`, one a row, or this one's `visits` by day and page."""
    newsletter: Newsletter = find(request, slug)
    rows = exports.TABLES.get(part)
    if rows is None:
        raise Http404
    response = StreamingHttpResponse(csv_lines(rows(newsletter)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{newsletter.slug}-{part}.csv"'
    return response
