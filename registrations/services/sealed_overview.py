"""What the staff look at before they seal a register, and what is kept: one picture, whatever the size of the event."""

from dataclasses import dataclass

from django.db.models import Count, Q

from events.models import Event
from registrations.models import Correction, Device, Scan, Seal
from registrations.services import sealing


@dataclass(frozen=True)
class Overview:
    """`new` facts are in no register yet. `phones` said that they have something still to send."""

    people: int
    facts: int
    corrections: int
    files: int
    new: int
    to_look_at: int
    phones: list[Device]
    seals: list[Seal]
    findings: list[str]

    @property
    def last(self) -> Seal | None:
        return self.seals[0] if self.seals else None


def overview(event: Event) -> Overview:
    facts = Scan.objects.filter(event=event)
    counted = facts.aggregate(people=Count("registration", distinct=True), facts=Count("pk"))
    files = event.evidence.aggregate(all=Count("pk"), withdrawn=Count("pk", filter=Q(withdrawn_at__isnull=False)))
    corrections = Correction.objects.filter(scan__event=event).count()
    seals = list(event.seals.select_related("made_by").order_by("-number"))
    sealed = seals[0].facts if seals else 0
    return Overview(
        people=counted["people"],
        facts=counted["facts"],
        corrections=corrections,
        files=files["all"],
        new=max(counted["facts"] + corrections + files["all"] + files["withdrawn"] - sealed, 0),
        to_look_at=facts.to_look_at().count(),
        phones=list(event.devices.filter(revoked_at=None, unsent__gt=0).order_by("name", "pk")),
        seals=seals,
        findings=[sealing.in_words(one) for one in sealing.check(event)],
    )
