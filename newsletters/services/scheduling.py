"""When a newsletter leaves: chosen by the clock on the wall, kept as an instant.

Scheduling says "Tuesday 16 July at 9:00" in the programme's time zone. On the night the clocks go forward an hour does
not exist, on the night they go back one comes twice: the first is refused with the next hour that exists, the second
asks which one. Twice the same call is one; somebody who schedules a text that a colleague changed meanwhile is told.
The checklist is gone through by itself, and where a second person has to approve, she has. Nothing leaves here:
`sending` does, when due; `fate` says what becomes of one whose time has come.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core import clock
from newsletters import tasks
from newsletters.models import Newsletter
from newsletters.services import NewsletterError, checking

State = Newsletter.State


def instant(*, local: datetime, zone: ZoneInfo, fold: int | None = None) -> datetime:
    """The instant, in UTC, at which clocks in `zone` show the naive `local`.

    `fold` is 0 for the first and 1 for the second time of an hour that comes twice; errors `no_such_time` and
    `ambiguous_time` when the clock change makes it none or two.
    """
    try:
        first, second = clock.instants(local, zone)
    except clock.NoSuchTimeError as error:
        raise NewsletterError("no_such_time", str(error), {"time": str(error)}) from None
    if first == second:
        return first
    if fold is None:
        message = _("That night clocks go back and this time comes twice: choose which one.")
        raise NewsletterError("ambiguous_time", message, {"fold": message})
    return (first, second)[fold]


@transaction.atomic
def schedule(*, newsletter: Newsletter, send_at: datetime, by: User | None = None, version: int | None = None) -> None:
    """Let it leave at `send_at`; scheduled already, it moves.

    Errors `past`, `empty`, `not_editable`, `changed`, `findings` (something of the checklist blocks), `needs_approval`.
    """
    if send_at <= timezone.now():
        message = _("This moment is over: choose a later one, or send now.")
        raise NewsletterError("past", message, {"date": message})
    _set(newsletter, version, state=State.SCHEDULED, send_at=send_at, scheduled_by=by)


@transaction.atomic
def send_now(*, newsletter: Newsletter, by: User | None = None, version: int | None = None) -> None:
    """Due at once: the worker takes it up within seconds."""
    _set(newsletter, version, state=State.SCHEDULED, send_at=timezone.now(), scheduled_by=by)
    tasks.dispatch.delay_on_commit()


@transaction.atomic
def unschedule(*, newsletter: Newsletter) -> None:
    """Back to a draft, as long as it has not left."""
    changed = Newsletter.objects.filter(pk=newsletter.pk, state=State.SCHEDULED).update(
        state=State.DRAFT, send_at=None, scheduled_by=None, **checking.UNDONE
    )
    newsletter.refresh_from_db()
    if not changed and newsletter.state != State.DRAFT:
        raise NewsletterError("not_editable", _("It has already left."))


def _set(newsletter: Newsletter, version: int | None, **fields) -> None:
    kept = checking.locked(newsletter, version)
    if not str(kept.subject).strip() or not str(kept.body).strip():
        raise NewsletterError("empty", _("Write a subject and a text first."))
    checking.must_be_ready(kept, fields["scheduled_by"])
    if kept.state != State.SCHEDULED and kept.needs_approval:
        raise NewsletterError("needs_approval", _("A second person has to approve it first: check it, then ask her."))
    Newsletter.objects.filter(pk=kept.pk).update(**fields)
    newsletter.refresh_from_db()


class Fate(StrEnum):
    """What becomes of a scheduled newsletter at an instant."""

    WAIT = "wait"
    LEAVE = "leave"
    ASK = "ask"


def fate(*, send_at: datetime, now: datetime, ask_after: timedelta) -> Fate:
    """Never before its instant; after an outage it still leaves, but asks first when it is later than `ask_after`."""
    if now < send_at:
        return Fate.WAIT
    return Fate.LEAVE if now - send_at <= ask_after else Fate.ASK
