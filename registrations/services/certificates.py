"""Certificates: who is owed one, the PDF, its mail, and what happens when the attendance is corrected later.

An hour after the end the timetable issues them (`issue_owed`), or an organiser does at once (`issue`). A certificate is
a row with a random code; the worker then makes its PDF (`make_pdf`), stores it and owes its mail in one transaction.
Everything may be repeated: nobody gets two valid certificates, a PDF is made once, a mail is owed once. Who had a
certificate revoked gets another only by hand (`reissue`). What a certificate looks like is in `documents`.
"""

import hashlib
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core.tokens import clean_code
from events.models import Event
from mail.services import outbox
from registrations import emails, kinds, tasks
from registrations.documents import certificate as document
from registrations.models import (
    CERTIFICATE_CODE_LENGTH,
    Certificate,
    CertificateQuerySet,
    Registration,
    RegistrationQuerySet,
)
from registrations.services import RegistrationError, recounting

GRACE = timedelta(hours=1)
"""Time for phones at the door to hand in what they scanned without network."""
OVERDUE = timedelta(minutes=5)
"""After so long, a PDF that was not made was forgotten."""


@transaction.atomic
def issue(*, event: Event) -> list[Certificate]:
    """A certificate for everybody who reached the threshold and never had one.

    Errors: `cancelled`, `no_certificate`, `not_over`.
    """
    event = _checked(event)
    issued = [of(registration) for registration in _owed(event)]
    Certificate.objects.bulk_create(issued)
    for certificate in issued:
        tasks.make_certificate.delay_on_commit(certificate.pk)
    return issued


def issue_owed(now: datetime | None = None) -> int:
    """Issue for every event that has been over for a while. How many certificates were issued."""
    ended = Event.objects.over().filter(ends_at__lte=(now or timezone.now()) - GRACE).select_related("programme")
    owing = (event for event in ended if event.kind_facts.has_certificate and _owed(event).exists())
    return sum(len(issue(event=event)) for event in owing)


def make_pdf(*, certificate: Certificate) -> Certificate:
    """Make, store and mail the PDF, once: what is there already, or was revoked meanwhile, stays as it is."""
    content = document.render(_whole().get(pk=certificate.pk))
    with transaction.atomic():
        certificate = _whole().select_for_update(of=("self",)).get(pk=certificate.pk)
        if certificate.pdf or not certificate.is_valid:
            return certificate
        name = f"certificates/{certificate.event.slug}/{certificate.code}.pdf"
        storage = certificate.pdf.storage
        storage.delete(name)  # left by a run that was cut off before its commit
        certificate.pdf.name = storage.save(name, ContentFile(content))
        certificate.sha256 = hashlib.sha256(content).hexdigest()
        certificate.save(update_fields=["pdf", "sha256"])
        if kinds.is_on(certificate.event, "certificate"):
            _mail(certificate, content)
    return certificate


def ring_for_forgotten(now: datetime | None = None) -> int:
    """Ask the worker again for PDFs whose task was lost. How many."""
    before = (now or timezone.now()) - OVERDUE
    forgotten = Certificate.objects.without_pdf().filter(issued_at__lte=before).values_list("pk", flat=True)
    for pk in forgotten:
        tasks.make_certificate.delay_on_commit(pk)
    return len(forgotten)


@transaction.atomic
def resend(*, certificate: Certificate) -> None:
    """Mail it once more. Errors: `revoked`, `not_ready`, `no_address`."""
    certificate = _locked(certificate)
    if not certificate.pdf:
        raise RegistrationError("not_ready", _("The PDF is not made yet: try again in a minute."))
    if not certificate.registration.email:
        raise RegistrationError("no_address", _("This person left no e-mail address: download the PDF instead."))
    with certificate.pdf.open() as file:
        _mail(certificate, file.read())


@transaction.atomic
def revoke(*, certificate: Certificate, reason: str) -> Certificate:
    """It no longer counts; its check page says so, without the reason. Errors: `revoked`, `reason_required`."""
    certificate = _locked(certificate)
    reason = reason.strip()
    if not reason:
        sentence = _("Say why, so that whoever looks later understands.")
        raise RegistrationError("reason_required", sentence, {"reason": sentence})
    certificate.revoked_at = timezone.now()
    certificate.revoked_because = reason[: Certificate._meta.get_field("revoked_because").max_length]
    certificate.save(update_fields=["revoked_at", "revoked_because"])
    return certificate


@transaction.atomic
def reissue(*, registration: Registration, reason: str = "") -> Certificate:
    """A new certificate with the name and minutes of today; the one that counted until now is revoked for `reason`.

    Errors: those of `issue` and `revoke`, and `below_threshold`.
    """
    event = _checked(registration.event)
    registration = Registration.objects.who_attended_enough(event).filter(pk=registration.pk).first()
    if registration is None:
        raise RegistrationError("below_threshold", _("This person did not reach the time that a certificate asks for."))
    valid = registration.certificates.valid().first()
    if valid is not None:
        revoke(certificate=valid, reason=reason)
    certificate = of(registration)
    certificate.save(force_insert=True)
    tasks.make_certificate.delay_on_commit(certificate.pk)
    return certificate


def find(typed: str) -> Certificate | None:
    """The certificate of a code, typed with or without dashes, in capitals or not."""
    code = clean_code(typed)
    return _whole().filter(code=code).first() if len(code) == CERTIFICATE_CODE_LENGTH else None


def _owed(event: Event) -> RegistrationQuerySet:
    return Registration.objects.who_attended_enough(event).filter(certificates=None).select_related("event__venue")


def _checked(event: Event) -> Event:
    """The event, locked, with everybody's minutes as they count now."""
    event = Event.objects.select_for_update().get(pk=event.pk)
    if event.cancelled_at:
        raise RegistrationError("cancelled", _("This event was cancelled: nobody attended it."))
    if not event.kind_facts.has_certificate:
        raise RegistrationError("no_certificate", _("Events of this kind have no certificate."))
    if timezone.now() < event.ends_at:
        raise RegistrationError("not_over", _("Certificates can be issued once the event is over."))
    if event.recount_owed_at:
        recounting.count_owed(event.pk)
    return event


def _locked(certificate: Certificate) -> Certificate:
    certificate = _whole().select_for_update(of=("self",)).get(pk=certificate.pk)
    if not certificate.is_valid:
        raise RegistrationError("revoked", _("This certificate was revoked."))
    return certificate


def _whole() -> CertificateQuerySet:
    """Certificates with all that the document and the mail show."""
    event = "registration__event"
    return Certificate.objects.select_related(f"{event}__programme", f"{event}__venue", f"{event}__organiser")


def of(registration: Registration) -> Certificate:
    """The certificate, not saved yet, that states how registration and event are now."""
    event = registration.event
    return Certificate(
        registration=registration,
        name=registration.name,
        minutes=registration.minutes,
        event_title=event.title,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        place=event.venue.full_address if event.venue else "",
    )


def mail_key(certificate: Certificate) -> str:
    """The outbox's name of the last copy that was mailed."""
    return f"registrations.certificate:{certificate.pk}:{certificate.copies_mailed}"


def _mail(certificate: Certificate, content: bytes) -> None:
    """Owe the mail with the PDF; each copy asked for has its own key, so a repeated task owes nothing twice."""
    registration = certificate.registration
    if not registration.email:
        return
    certificate.copies_mailed += 1
    certificate.save(update_fields=["copies_mailed"])
    with translation.override(registration.language):
        context = emails.certificate(certificate)
    outbox.enqueue(
        key=mail_key(certificate),
        kind="registrations.certificate",
        to=registration.email,
        name=registration.name,
        context=context,
        language=registration.language,
        reply_to=registration.event.programme.contact_email,
        attachments=[outbox.Attachment(document.file_name(certificate), content, "application/pdf")],
    )
