"""What the organiser is shown about the certificates of an event: everybody who came, with what is owed and done.

Reads only, in a fixed number of queries. Issuing, revoking and mailing are in `certificates`.
"""

from dataclasses import dataclass

from django.utils import timezone

from events.models import Event
from mail.models import Delivery
from registrations.models import Certificate, Registration
from registrations.services.certificates import GRACE, mail_key


@dataclass(frozen=True)
class Row:
    """A person who came, or who was given a certificate."""

    registration: Registration
    certificate: Certificate | None
    has_reached: bool
    mail: Delivery | None
    lacks_exit: bool
    """Came in, was not seen going out, and by the event's rule that stay does not count."""

    @property
    def is_outdated(self) -> bool:
        """Does the certificate say something else than what is known now?"""
        one, registration = self.certificate, self.registration
        return bool(one and one.is_valid) and (one.minutes, one.name) != (registration.minutes, registration.name)


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
    rows = [
        Row(
            registration=one,
            certificate=latest.get(one.pk),
            has_reached=one.state == Registration.State.CONFIRMED and one.minutes >= event.minutes_needed,
            mail=mails.get(mail_key(latest[one.pk])) if one.pk in latest else None,
            lacks_exit=one.is_inside and event.missing_exit == Event.MissingExit.NOTHING,
        )
        for one in shown.values()
    ]
    return Overview(rows=sorted(rows, key=lambda row: not row.has_reached), expected=len(people))


def is_automatic_soon(event: Event) -> bool:
    """Will the timetable issue them by itself a little later?"""
    return event.ends_at <= timezone.now() < event.ends_at + GRACE
