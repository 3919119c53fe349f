"""What a register calls a code that was read at the door and names nobody of its event.

A ticket of another event of the programme is called by that event's title, as the phone at the door does; anything else
by its first signs. The code as it was kept stands among the facts of the workbook. No name of anybody is looked up.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from events.models import Event
from registrations.models import Registration, Scan
from registrations.services import tickets

LONGEST = 24
"""Signs of a code that nobody knows, on paper."""


def titles(event: Event, scans: Iterable[Scan]) -> dict[str, str]:
    """Of which published event of the same programme a code is, by the code. At most two queries."""
    read = {one.code: tickets.read(one.code) for one in scans if one.reason == Scan.Reason.WRONG_EVENT}
    if not read:
        return {}
    typed = [one for one in read.values() if isinstance(one, str)]
    known = dict(Registration.objects.filter(code__in=typed).values_list("code", "event"))
    events = {code: one.event_id if isinstance(one, tickets.Ticket) else known.get(one) for code, one in read.items()}
    near = Event.objects.filter(programme=event.programme_id, published_at__isnull=False)
    found = {one.pk: str(one.title) for one in near.filter(pk__in=set(events.values()) - {None})}
    return {code: found[pk] for code, pk in events.items() if pk in found}


def called(scan: Scan, titles: dict[str, str]) -> str:
    if scan.reason == Scan.Reason.WRONG_EVENT:
        title = titles.get(scan.code)
        return _("ticket of “%(event)s”") % {"event": title} if title else _("ticket of another event")
    code = scan.code.rpartition("/t/")[2]
    return code if len(code) <= LONGEST else f"{code[:LONGEST]}…"
