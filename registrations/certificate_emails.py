"""The mail that brings a certificate."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from events.models import Event, Mode
from mail.emails import email
from programmes.models import Programme
from registrations.documents.certificate import in_hours, verification_address
from registrations.models import Certificate, Registration


def sample_certificate() -> tuple[Certificate]:
    """Of somebody who does not exist, for the preview page."""
    programme = Programme.objects.current() or Programme(name="Vita Lavoro Toscana", contact_email="info@example.org")
    end = timezone.now() - timedelta(hours=2)
    event = Event(programme=programme, slug="seminario-pisa", title="Seminario a Pisa", ends_at=end)
    event.starts_at = end - timedelta(hours=4)
    registration = Registration(event=event, mode=Mode.IN_PERSON, first_name="Anna", last_name="Verdi")
    return (Certificate(registration=registration, code="ABCDEFGHJKLMNPQR", name=registration.name, minutes=230),)


@email("registrations.certificate", sample=sample_certificate)
def certificate(certificate: Certificate) -> dict[str, object]:
    registration = certificate.registration
    return {
        "registration": registration,
        "event": registration.event,
        "programme": registration.event.programme,
        "attended": in_hours(certificate.minutes),
        "verify_link": verification_address(certificate),
        "download_link": settings.SITE_URL + reverse("registrations:own-certificate", args=[registration.token]),
    }
