"""The snapshot of which a register is made: the facts until one moment, and the names that stand beside them.

Read once, in a fixed number of queries: people in the order of the paper register, facts by when they happened, their
corrections, the files, the phones at the door, and who works here. `registers` tells it in rows.
"""

from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from events.models import Event
from registrations.documents import paper
from registrations.models import Correction, Device, Scan, Seal
from registrations.services import strange_codes, telling_presence


@dataclass(frozen=True)
class AddedByHand:
    """A fact that somebody added, told as a correction is."""

    scan: Scan

    @property
    def at(self) -> datetime:
        return self.scan.received_at

    @property
    def by_id(self) -> int | None:
        return self.scan.by_id

    @property
    def device_id(self) -> int | None:
        return self.scan.device_id

    @property
    def reason(self) -> str:
        return self.scan.note

    def get_kind_display(self) -> str:
        return _("added by hand")


class Snapshot:
    """All that `Seal.until` says. `facts` are those of each person without what was taken back; `above`: the nonces by
    which somebody came in above the places; `by_fact`: corrections by nonce and kind."""

    def __init__(self, draft: Seal):
        self.draft, self.event = draft, draft.event
        until = draft.until
        facts = Scan.objects.filter(event=self.event, pk__lte=until["scan"]).select_related("device", "evidence")
        self.scans = list(facts.order_by("at", "pk"))
        corrections = Correction.objects.filter(scan__event=self.event, pk__lte=until["correction"])
        self.corrections = list(corrections.select_related("scan", "device"))
        self.files = list(self.event.evidence.filter(pk__lte=until["evidence"]).order_by("pk"))
        people = self.event.registrations.filter(scans__pk__lte=until["scan"]).distinct()
        self.people = {one.pk: one for one in paper.in_order(people)}
        self.of_device = Counter(one.device_id for one in [*self.scans, *self.corrections] if one.device_id)
        at_the_door = Q(events=self.event, paired_at__isnull=False) | Q(pk__in=list(self.of_device))
        self.devices = {one.pk: one for one in Device.objects.filter(at_the_door).distinct().order_by("pk")}
        staff = {one.by_id for one in [*self.scans, *self.corrections]} | {one.added_by_id for one in self.files}
        staff |= {one.withdrawn_by_id for one in self.files} | {one.created_by_id for one in self.devices.values()}
        self.staff = {one.pk: one.get_full_name() for one in User.objects.filter(pk__in=staff - {None})}
        self._index()
        self.titles = strange_codes.titles(self.event, self.scans)
        self.parts = list(self.event.sessions.all())
        self.days = days_of(self.event)
        one_day = {timezone.localdate(moment) for moment in (self.event.starts_at, self.event.ends_at)}
        plain_days = frozenset() if self.days else frozenset(one_day)
        self.clock = telling_presence.Clock(draft.made_at, draft.is_provisional, plain_days)

    def _index(self) -> None:
        self.file_names = {one.sha256: one.name for one in self.files}
        self.by_nonce = {one.nonce: one for one in self.scans}
        self.by_code = {one.code: one for one in self.people.values()}
        annulled = {one.scan_id for one in self.corrections if one.kind == Correction.Kind.ANNULLED}
        self.facts: dict[int, list[Scan]] = defaultdict(list)
        for scan in self.scans:
            if scan.registration_id and scan.pk not in annulled:
                self.facts[scan.registration_id].append(scan)
        extra = [pk for pk, one in self.people.items() if one.is_extra]
        self.above = {one.nonce for pk in extra if (one := telling_presence.admission_fact(self.facts[pk]))}
        self.by_fact = {(one.scan.nonce, one.kind): one for one in self.corrections}

    def who(self, pk: int | None) -> str:
        return "" if pk is None else self.staff.get(pk) or _("no. %(number)s") % {"number": pk}

    def door(self, pk: int | None) -> str:
        known = self.devices.get(pk)
        return "" if pk is None else (known and known.name) or _("phone no. %(number)s") % {"number": pk}

    def decided(self) -> list[Correction | AddedByHand]:
        """Corrections, and facts that somebody added by hand, by when that was decided."""
        added = [AddedByHand(scan) for scan in self.scans if scan.source == Scan.Source.HAND]
        return sorted([*self.corrections, *added], key=lambda one: (one.at, one.scan.pk))


def days_of(event: Event) -> list[paper.Part]:
    """Its days, where there are several, with the hours that count: together they are the whole event."""
    return [part for part in paper.parts_of(event) if part.day]


def local(value: datetime | str | None) -> str:
    """Day and time of the project, as they sort; at the ends of the calendar, of Greenwich."""
    if not value:
        return ""
    value = datetime.fromisoformat(value) if isinstance(value, str) else value
    with suppress(OverflowError):
        value = timezone.localtime(value)
    return value.isoformat(" ", "seconds")[:19]


def clean(words: Any) -> str:
    """On one line, without signs that a sheet cannot hold."""
    return "".join(sign if sign.isprintable() else " " for sign in str(words))
