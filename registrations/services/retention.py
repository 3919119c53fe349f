"""What is kept no longer about people and phones, as the privacy notice says. Called by the timetable; may be repeated.

A registration whose address was never confirmed is forgotten, unless somebody was seen at the door with it. Phones that
never scanned anything go once they are of no use, invitations a month after the event. Registrations that were
confirmed are kept for the report.
"""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from registrations.models import Device, Registration
from registrations.services import idempotency, inviting

KEPT_FOR = timedelta(days=30)


def forget() -> None:
    before = timezone.now() - KEPT_FOR
    never_confirmed = Registration.objects.filter(state=Registration.State.EXPIRED, held_until__lt=before)
    never_confirmed.filter(email_confirmed_at=None, scans=None, certificates=None).delete()
    useless = Q(paired_at=None, pairing_expires_at__lt=before) | Q(revoked_at__lt=before)
    Device.objects.filter(useless, scans=None).delete()
    inviting.forget(before)
    idempotency.forget_old()
