"""What the organiser is shown about the certificates of an event: everybody who came, with what is owed and done.

Reads only, in a fixed number of queries. Issuing, revoking and mailing are in `certificates`.
"""

from dataclasses import dataclass

from django.utils import timezone

from events.models import Event
from mail.models import Delivery
from registrations.models import Certificate, Registration
from registrations.services import attendance
from registrations.services.certificates import GRACE, mail_key


@dataclass(frozen=True)
class Row:
    """A person who came, or who was given a certificate."""

    registration: Registration
    certificate: Certificate | None
    minutes: int
    """While the event runs, until now."""
    has_reached: bool
    """Never before the end: what is still to come may change it."""
    mail: Delivery | None
    lacks_exit: bool
    """Came in, was not seen going out, and by the event's rule that stay does not count."""

    @property
    def is_outdated(self) -> bool:
        """Does the certificate say something else than what is known now?"""
        one = self.certificate
        return bool(one and one.is_valid) and (one.minutes, one.name) != (self.minutes, self.registration.name)


@dataclass(frozen=True)
class Overview:
    rows: list[Row]
    expected: int

    @property
    def reached(self) -> int:
        return sum(row.has_reached for row in self.rows)

    @property
    def valid(self) -> int:
        return sum(bool(row.certificate and row.certificate.is_valid) for row in self.rows)

    @property
    def made(self) -> int:
        return sum(bool(row.certificate and row.certificate.is_valid and row.certificate.pdf) for row in self.rows)

    @property
    def mailed(self) -> int:
        return sum(bool(row.mail and row.mail.state == Delivery.State.SENT) for row in self.rows)

    @property
    def owed(self) -> int:
        """How many certificates issuing now would make."""
        return sum(row.has_reached and row.certificate is None for row in self.rows)


def overview(*, event: Event) -> Overview:
    """Everybody who is registered, first those with a certificate or near one; who never came is only counted."""
    people = list(Registration.objects.expected().filter(event=event).by_name())
    latest: dict[int, Certificate] = {}
    for certificate in Certificate.objects.filter(registration__event=event).select_related("registration"):
        known = latest.get(certificate.registration_id)
        if known is None or not known.is_valid:
            latest[certificate.registration_id] = certificate
    mails = Delivery.objects.in_bulk([mail_key(one) for one in latest.values()], field_name="key")
    shown = {one.pk: one for one in people if one.entered_at or one.minutes or one.pk in latest}
    shown.update({one.registration_id: one.registration for one in latest.values() if one.registration_id not in shown})
    is_over, needed, minutes = timezone.now() >= event.ends_at, event.minutes_needed, _minutes(event, shown)
    rows = [
        Row(
            registration=one,
            certificate=latest.get(one.pk),
            minutes=minutes[one.pk],
            has_reached=is_over and one.state == Registration.State.CONFIRMED and one.minutes >= needed,
            mail=mails.get(mail_key(latest[one.pk])) if one.pk in latest else None,
            lacks_exit=one.is_inside and event.missing_exit == Event.MissingExit.NOTHING,
        )
        for one in shown.values()
    ]
    return Overview(rows=sorted(rows, key=lambda row: not row.has_reached), expected=len(people))


def _minutes(event: Event, people: dict[int, Registration]) -> dict[int, int]:
    now = timezone.now()
    if now >= event.ends_at:
        return {pk: one.minutes for pk, one in people.items()}
    stories = attendance.of_people(people.values()).items()
    return {pk: attendance.minutes_so_far(event, sightings, now) for pk, sightings in stories}


def is_automatic_soon(event: Event) -> bool:
    """Will the timetable issue them by itself a little later?"""
    return event.ends_at <= timezone.now() < event.ends_at + GRACE
