"""What is no attendance file is refused here, each time with what to do instead.

The bytes become text, whatever letters they are in; the lists that `finding` finds must say who was there and when.
Refusals, at the field `file`: `empty`, `too_large`, `too_many`, `wrong_type`, `no_times`, `columns`.
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from core import tables
from core.names import one_line
from registrations.logs import headings
from registrations.logs.finding import Table
from registrations.services import RegistrationError

LARGEST = 5_000_000
MOST_ROWS = 20_000
MOST_SHOWN = 8
"""Columns that a refusal names."""
WRONG_TYPES = {
    b"PK": "xlsx", b"%PDF": "pdf", b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"\xd0\xcf\x11\xe0": "xls",
}  # fmt: skip


def text_of(content: bytes) -> tuple[str, str]:
    if len(content) > LARGEST:
        raise _refused("too_large", _("The file is larger than 5 MB: that is no attendance file of one event."))
    wrong = next((kind for start, kind in WRONG_TYPES.items() if content.startswith(start)), "")
    if wrong in {"xlsx", "xls"}:
        sentence = _("This is an Excel file: open it, save it as “CSV UTF-8”, and bring that.")
        raise _refused("wrong_type", sentence)
    encoding = tables.encoding_of(content)
    text = tables.decoded(content)
    if wrong or not tables.is_text(text.rstrip("\ufffd")):
        raise _refused("wrong_type", _("This is no attendance file: bring the CSV that Zoom, Teams or Meet gives."))
    if not text.strip('\ufeff \t\r\n,;"'):
        raise _refused("empty", _("There is nothing in this file."))
    return text, encoding


def check(lists: list[Table], *, is_to_be_said: bool) -> None:
    """Refuse lists in which nobody is, or that do not say when. `is_to_be_said`: somebody will say what the columns
    are."""
    table = lists[0]
    if sum(len(one.lines) for one in lists) > MOST_ROWS:
        raise _refused("too_many", _("There are more than 20,000 rows: that is no attendance file of one event."))
    if table.value == 1:
        raise _refused("no_times", _no_times(table))
    if not any(any(line.cells) for one in lists for line in one.lines):
        raise _refused("empty", _("There is nobody in this file."))
    if table.value < 2 and not is_to_be_said:
        raise columns_missing(set(table.meanings), table.heading)


def _no_times(table: Table) -> str:
    """What to do to get a file with times out of the platform that this one is of."""
    if headings.platform_of(table.heading) == "zoom":
        return _(
            "In this file of Zoom each person has one line, with the minutes and without the times of joining and "
            "leaving. On zoom.us open Reports → Usage reports → Meeting and webinar history, tap the number of "
            "participants of your meeting, take the tick off “Show unique users” and export again."
        )
    return _(
        "This file says how long people stayed, but not when. Take the one with the times of joining and leaving: in "
        "Teams the attendance report of the meeting, in Meet the one that comes by mail after the meeting."
    )


def columns_missing(there: set[str], found: Sequence[str]) -> RegistrationError:
    """`there`: what is known of its columns; `found`: how they are called."""
    wanted = {
        _("name or e-mail address"): {"name", "first_name", "email"},
        _("time of joining"): {"joined", "first_joined"},
        _("time of leaving"): {"left", "last_left"},
    }
    names = ", ".join(name for name, meanings in wanted.items() if not meanings & there)
    cells = [shown for cell in found if (shown := one_line(cell)[:30])]
    if len(cells) < 2:
        sentence = _("In this file there is no column for: %(names)s. Bring it as the platform gives it.")
        return _refused("columns", sentence % {"names": names})
    sentence = _(
        "In this file there is no column for: %(names)s. What it has: %(found)s. Bring it as the platform gives it."
    )
    shown = ", ".join(cells[:MOST_SHOWN]) + (" …" if len(cells) > MOST_SHOWN else "")
    return _refused("columns", sentence % {"names": names, "found": shown})


def _refused(code: str, sentence: str) -> RegistrationError:
    return RegistrationError(code, sentence, {"file": sentence})
