"""What the staff look at before they seal a register, and what is kept: one picture, whatever the size of the event."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from events.models import Event
from registrations.models import Correction, Device, Scan, Seal
from registrations.services import sealing


@dataclass(frozen=True)
class Overview:
    """`people` were there. `new` facts, corrections and files are in no register yet. `phones` said that they have
    something still to send. `rule_before`: by which rule for a missing exit the last register counts, where today's is
    another; the minutes of the next can differ though no fact is new."""

    is_running: bool
    people: int
    facts: int
    corrections: int
    files: int
    new: int
    to_look_at: int
    phones: list[Device]
    seals: list[Seal]
    findings: list[str]
    rule_before: str

    @property
    def last(self) -> Seal | None:
        return self.seals[0] if self.seals else None


def overview(event: Event) -> Overview:
    facts = Scan.objects.filter(event=event)
    people = Count("registration", distinct=True, filter=Q(registration__entered_at__isnull=False))
    counted = facts.aggregate(people=people, facts=Count("pk"))
    files = event.evidence.aggregate(all=Count("pk"), withdrawn=Count("pk", filter=Q(withdrawn_at__isnull=False)))
    corrections = Correction.objects.filter(scan__event=event).count()
    seals = list(event.seals.select_related("made_by").order_by("-number"))
    sealed = seals[0].facts if seals else 0
    return Overview(
        is_running=timezone.now() < event.ends_at,
        people=counted["people"],
        facts=counted["facts"],
        corrections=corrections,
        files=files["all"],
        new=max(counted["facts"] + corrections + files["all"] + files["withdrawn"] - sealed, 0),
        to_look_at=facts.to_look_at().count(),
        phones=list(event.devices.filter(revoked_at=None, unsent__gt=0).order_by("name", "pk")),
        seals=seals,
        findings=[sealing.in_words(one) for one in sealing.check(event)],
        rule_before=_rule_before(event, seals[0]) if seals else "",
    )


def _rule_before(event: Event, last: Seal) -> str:
    rule = sealing.rule_of(last)
    return str(Event.MissingExit(rule).label) if rule and rule != event.missing_exit else ""
