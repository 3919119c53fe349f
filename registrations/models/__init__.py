"""A person's part in an event, from the form to the certificate: one module a subject."""

from registrations.models.asked import MonitoringRecord, Needs
from registrations.models.certificate import CERTIFICATE_CODE_LENGTH, Certificate, CertificateQuerySet
from registrations.models.consent import Consent, ConsentQuerySet
from registrations.models.door import Correction, Device, Scan
from registrations.models.evidence import Evidence, Seal
from registrations.models.idempotency import IdempotentRequest
from registrations.models.inviting import Handover, Invitation, InvitationQuerySet
from registrations.models.links import LinkRequest
from registrations.models.registration import BY_NAME, CODE_LENGTH, Group, Registration, RegistrationQuerySet
from registrations.models.writing import Announcement, PlannedRun

__all__ = [
    "BY_NAME",
    "CERTIFICATE_CODE_LENGTH",
    "CODE_LENGTH",
    "Announcement",
    "Certificate",
    "CertificateQuerySet",
    "Consent",
    "ConsentQuerySet",
    "Correction",
    "Device",
    "Evidence",
    "Group",
    "Handover",
    "IdempotentRequest",
    "Invitation",
    "InvitationQuerySet",
    "LinkRequest",
    "MonitoringRecord",
    "Needs",
    "PlannedRun",
    "Registration",
    "RegistrationQuerySet",
    "Scan",
    "Seal",
]
