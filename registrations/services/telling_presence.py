"""How a register tells of one person: her entries and exits, the last exit, how she was admitted, the codes she gave.

Words only, from the stays of `attendance` and from the facts, for `registers`; nothing is counted otherwise than there.
What nobody saw is never told as if somebody had: an end that the event's rule assumed is marked as assumed, and who is
still inside has no last exit. Stays of one kind less than a minute apart are told as one, and hundreds of short ones as
how many they are: every single one stands among the facts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Event, Mode
from registrations.models import Correction, Registration, Scan
from registrations.services import attendance
from registrations.services.attendance import Stay
from registrations.services.door_table import OF_THE_TICKET

MINUTE = timedelta(minutes=1)
FEW = 3
"""Stays that are told however short they are."""
AT_THE_DOOR = {Scan.Source.DOOR, Scan.Source.PAPER}
Reason = Scan.Reason


@dataclass(frozen=True)
class Clock:
    """When the register is made, whether the event still runs then, and the days of which a time needs no day."""

    now: datetime
    is_running: bool
    plain_days: frozenset[date]

    def at(self, moment: datetime) -> str:
        there = timezone.localtime(moment)
        return there.strftime("%H:%M" if there.date() in self.plain_days else "%d/%m %H:%M")

    def is_still_there(self, stay: Stay) -> bool:
        return self.is_running and (stay.end is None or stay.end > self.now)


@dataclass(frozen=True)
class Codes:
    """When each of the two codes of the online room was given; empty for one that was not."""

    start: str
    end: str

    def __str__(self) -> str:
        return ", ".join([
            _("start code %(at)s") % {"at": self.start} if self.start else _("start code not given"),
            _("end code %(at)s") % {"at": self.end} if self.end else _("end code not given"),
        ])  # fmt: skip


@dataclass(frozen=True)
class Span:
    """Stays that are told as one, and what they are: without the time between them."""

    stay: Stay
    parts: tuple[Stay, ...]

    @property
    def length(self) -> timedelta:
        return sum((one.until - one.start for one in self.parts), timedelta())


def entries_and_exits(event: Event, stays: Iterable[Stay], clock: Clock, most: int) -> list[str]:
    """In order of time, at most `most` lines and one that says what is left out."""
    spans = joined(_telling(stays))
    longest = sorted(range(len(spans)), key=lambda place: -spans[place].length)[:most]
    told = {place for rank, place in enumerate(longest) if rank < FEW or spans[place].length >= MINUTE}
    left = [span for place, span in enumerate(spans) if place not in told]
    lines = [_span(event, span, clock) for place, span in enumerate(spans) if place in told]
    if not left:
        return lines
    parts = [stay for span in left for stay in span.parts]
    words = {"number": len(parts), "minutes": _minutes(event, parts)}
    return [*lines, _("and %(number)d more, %(minutes)d min in all: sheet “Facts”") % words]


def joined(stays: Iterable[Stay]) -> list[Span]:
    """By their start; what follows in the same way less than a minute later is one span."""
    spans: list[Span] = []
    last_of: dict[tuple, int] = {}
    for stay in stays:
        way = (stay.mode, stay.opened.source, stay.opened.evidence_id)
        place = last_of.get(way)
        last = spans[place] if place is not None else None
        if last and _goes_on(last.stay, stay):
            whole = replace(last.stay, end=stay.end, until=stay.until, closed=stay.closed)
            spans[place] = Span(whole, (*last.parts, stay))
        else:
            last_of[way] = len(spans)
            spans.append(Span(stay, (stay,)))
    return spans


def _goes_on(before: Stay, stay: Stay) -> bool:
    """Less than a minute later, unless the end code was given between: that is a moment of its own."""
    is_end_code = before.closed is not None and before.closed.source == Scan.Source.CODE
    return before.end is not None and not is_end_code and timedelta(0) <= stay.start - before.end < MINUTE


def last_exit(stays: Sequence[Stay], clock: Clock, written: str) -> str:
    """`written` is the moment at which the last stay ends, as the sheet writes it."""
    stay = last_of(stays)
    if stay is None:
        return ""
    if clock.is_still_there(stay):
        return _("still inside")
    if stay.closed:
        return written
    if stay.until <= stay.start:
        return _("not seen; the stay does not count")
    return _("not seen; taken to be %(until)s") % {"until": written}


def last_of(stays: Sequence[Stay]) -> Stay | None:
    """The stay that went on longest; one that begins after the hours that count is later than any before."""
    return max(stays, key=lambda stay: (max(stay.start, stay.until), stay.closed is None), default=None)


def admission_fact(facts: Iterable[Scan]) -> Scan | None:
    """The first entry to the hall that counts. `facts` in order of time, without those taken back."""
    return next((one for one in facts if _is_entry(one) and one.status == Scan.Status.OK), None)


def admission(person: Registration, facts: Sequence[Scan]) -> str:
    """By which right she was let in: registered before, or how and why all the same."""
    entry = admission_fact(facts)
    way = _way_in(person, entry, facts)
    is_at_door = entry is not None and entry.source in AT_THE_DOOR
    note = entry.note if entry and is_at_door else ""
    words = [way or _("registered")]
    if is_at_door and not person.is_walk_in and (way or note):
        words.append(_("let in at the door"))
    if person.is_extra:
        words.append(_("above the places"))
    elif entry and entry.is_forced and entry.reason == Reason.FULL:
        words.append(_("without a place"))
    why = (person.is_extra and person.extra_because) or note
    return ", ".join(words) + (f": «{why}»" if why else "")


def codes_given(facts: Sequence[Scan], clock: Clock) -> Codes:
    """Which codes of the online room she gave, and when."""
    given = [one for one in facts if one.source == Scan.Source.CODE and one.is_sighting]
    start = next((one.at for one in given if one.direction == Scan.Direction.IN), None)
    end = next((one.at for one in reversed(given) if one.direction == Scan.Direction.OUT), None)
    return Codes(clock.at(start) if start else "", clock.at(end) if end else "")


def reason_of(correction: Correction) -> str:
    """Why; of what a phone took back at the door by itself, when and from where."""
    if correction.device_id is None or correction.kind != Correction.Kind.ANNULLED:
        return correction.reason
    scan = correction.scan
    since = scan.received_at if scan.source == Scan.Source.PAPER else scan.at
    words = {"after": _duration(correction.at - since)}
    if correction.device_id == scan.device_id:
        undone = _("taken back at the door, by the same phone, after %(after)s") % words
    else:
        undone = _("taken back at the door, by another phone, after %(after)s") % words
    return f"{undone}: «{correction.reason}»" if correction.reason else undone


def _telling(stays: Iterable[Stay]) -> list[Stay]:
    """Without those whose end was assumed and that lie inside one that was seen from beginning to end: a code is a sign
    of life, too."""
    stays = list(stays)
    whole = [one for one in stays if one.closed]
    return [
        one for one in stays if one.closed or not any(other.mode == one.mode and _holds(other, one) for other in whole)
    ]


def _holds(stay: Stay, other: Stay) -> bool:
    return stay.start <= other.start and other.until <= stay.until


def _way_in(person: Registration, entry: Scan | None, facts: Sequence[Scan]) -> str:
    """What stood against her when she came, in words; empty for who was expected."""
    if person.is_walk_in:
        return _("not registered (registered at the door)")
    ways = {
        Reason.WAITING: _("from the waiting list"),
        Reason.UNCONFIRMED: _("registration not confirmed"),
        Reason.ONLINE_ONLY: _("registered online"),
        Reason.CANCELLED: _("registration cancelled"),
        Reason.REPLACED: _("with a ticket that was replaced"),
    }
    if entry is None:
        return ""
    before = [one.reason for one in facts if _is_entry(one) and one.at <= entry.at and one is not entry]
    told = [entry.reason, *reversed(before), OF_THE_TICKET.get(person.state, "")]
    return next((ways[reason] for reason in told if reason in ways), "")


def _is_entry(fact: Scan) -> bool:
    return fact.direction == Scan.Direction.IN and fact.mode == Mode.IN_PERSON


def _span(event: Event, span: Span, clock: Clock) -> str:
    stay = span.stay
    words = {
        "start": clock.at(stay.start),
        "end": timezone.localtime(stay.until).strftime("%H:%M"),
        "mode": Mode(stay.mode).label,
        "source": stay.opened.get_source_display(),
        "exit": stay.closed.get_source_display() if stay.closed else "",
    }
    told = _told(stay, clock) % words
    if len(span.parts) == 1:
        return told
    words = {"stay": told, "number": len(span.parts), "minutes": _minutes(event, span.parts)}
    return _("%(stay)s, %(number)d stays in one, %(minutes)d min in all") % words


def _minutes(event: Event, stays: Iterable[Stay]) -> int:
    return attendance.minutes_within(stays, event.starts_at, event.ends_at)


def _told(stay: Stay, clock: Clock) -> str:
    if clock.is_still_there(stay):
        return _("%(start)s– (%(mode)s, %(source)s; still inside at %(end)s)")
    if stay.is_open:
        return _("%(start)s–? (%(mode)s, %(source)s; no exit, counts until %(end)s)")
    if stay.closed is None:
        return _("%(start)s–? (%(mode)s, %(source)s; no exit, counts until %(end)s after the last sign)")
    if stay.closed.source != stay.opened.source:
        return _("%(start)s–%(end)s (%(mode)s; entry: %(source)s, exit: %(exit)s)")
    return _("%(start)s–%(end)s (%(mode)s, %(source)s)")


def _duration(length: timedelta) -> str:
    seconds = max(0, round(length.total_seconds()))
    if seconds < 120:
        return ngettext("%(number)d second", "%(number)d seconds", seconds) % {"number": seconds}
    return ngettext("%(number)d minute", "%(number)d minutes", seconds // 60) % {"number": seconds // 60}
